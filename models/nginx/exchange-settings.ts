// What an exchange with the application is told, and what it needs of its worker.
//
// Modelled: see exchange.ts. Not modelled: anything that happens there.

import type { AttemptRows, ProxyCauses } from "./attempts.js";
import type { EventLoop } from "./event-loop.js";
import type { ExchangeTimers } from "./exchange-timers.js";
import type { HandOverRules } from "./hand-over.js";
import type { Slots } from "./slots.js";
import type { UpstreamServers } from "./upstream.js";
import type { UpstreamCacheSettings } from "./upstream-cache.js";

export interface ExchangeSettings extends HandOverRules {
  connectTimeoutNs: number;
  responseOverheadNs: number;
  /** Processor time from the response on. */
  halfCpuNs: number;
  /** The application is asked to leave connections open; `cache` keeps them for later. */
  isMoreWanted: boolean;
  cache: UpstreamCacheSettings | undefined;
}

/** What an attempt needs of its worker. */
export interface ExchangeWorker {
  servers: UpstreamServers;
  /** Connections left: see slots.ts. */
  slots: Slots;
  loop: EventLoop;
  rows: AttemptRows;
  causes: ProxyCauses;
  timers: ExchangeTimers;
  failed(client: number, status: number, how: number): void;
  answered(client: number, status: number, bodyBytes: number, laterNs: number): void;
  /** The attempt could not begin, which is nobody's failure but nginx's own: 500. */
  unable(client: number): void;
}
