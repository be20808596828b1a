// What a scenario is in the eyes of queueing theory, if it is one of the systems that have exact answers.

import type { Distribution } from "../engine/distribution.js";

/** Rates are of requests. */
export type Arrivals =
  | { kind: "poisson"; perSecond: number; batch: number }
  | { kind: "constant"; perSecond: number }
  | { kind: "mmpp"; states: { perSecond: number; meanNs: number }[] }
  | { kind: "closed"; clients: number; thinkMeanNs: number };

/** Requests come, are served in the order of their coming by one of several equal servers, and leave. */
export interface QueueingSystem {
  arrivals: Arrivals;
  /** What the application takes for a request, and the constant time of a server beyond that. */
  service: Distribution;
  overheadNs: number;
  /** Workers that serve one request each; cores that so many workers share; ports, held for the service. */
  servers: { are: "workers" | "cores" | "ports"; count: number; workers?: number };
  /** Requests that are served or wait at most; Infinity without a limit that anything could reach. */
  places: number;
  /** How a request ends that finds no place. */
  refused: string;
  /** Constant part of a request's latency besides its wait and the application's time. */
  besidesNs: number;
  /** Who gives up, or is killed, and when: it is this system only if that never happens. */
  limits: { ofNs: "sojourn" | "service"; ns: number; text: string }[];
  /** What the scenario has and the system has not: empty if it is exactly this system. */
  leftOut: string[];
}
