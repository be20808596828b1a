// Modelled: what the ports of one network namespace are asked.
// Not modelled here: how they answer; see ports.ts.

import type { Gauge } from "../../src/metrics/gauge.js";
import type { PortSearchSettings } from "./port-search.js";
import type { TimeWaits } from "./time-wait.js";
import type { ReuseSettings } from "./time-wait-reuse.js";

export interface PortSettings extends PortSearchSettings, ReuseSettings {
  /** Names its random streams and timers. */
  name: string;
  /** ` in NAME` where there are several network namespaces: for the report. */
  within?: string;
  /** `net.ipv4.ip_local_port_range = 32768 60999`, `net.ipv4.tcp_tw_reuse = 2`: for the report. */
  rangeText: string;
  twReuseText: string;
  /** net.ipv4.tcp_fin_timeout, and for the report. */
  finTimeoutNs: number;
  finTimeoutText: string;
  /** Processor time for each port that a search looks at; measured: 150 to 250 ns on Linux 6.18, 2026-11. */
  searchCostNsPerPort: number;
  /** See bound-ports.ts: up to 6.17. */
  bindMarkSticks: boolean;
}

export interface Destination {
  /** Some or all of local address, remote address and remote port: for the report. */
  address: string;
  /** One of its addresses is a loopback address, not only the interface: then tcp_tw_reuse = 2 applies. */
  loopback: boolean;
  /** Where the server's own TIME_WAIT entries count: its network namespace; undefined where nobody looks. */
  server: TimeWaits | undefined;
  /**
   * bind() takes its ports, before anybody knows whereto; no connect() without bind gets one of them. Where,
   * and why: for the report.
   */
  binds?: { address: string; settings: string[] } | undefined;
}

export interface PortTable {
  /** Processor time of the last `allocate`, in whole nanoseconds. */
  lastCostNs: number;
  /** Connection of `finWait2` whose peer held the last allocated port to the end, and is reset; mostly -1. */
  lastDisplaced: number;
  /** Cause of the last `allocate` that found none. */
  lastCause: number;
  /**
   * Ports of the parity that connect() tries first, and the processor time of a search that finds them all in
   * use; 0 where there is no such parity.
   */
  preferred(): { ports: number; costNs: number };
  /** Declares a destination, when the model is built. */
  destination(destination: Destination): number;
  /** A port of a connect() to the destination: a handle for the functions below. -1 is EADDRNOTAVAIL. */
  allocate(destination: number): number;
  /** The caller's end has gone without a trace: closed second, aborted, reset, connect() failed. */
  free(port: number): void;
  /** The caller has closed first, and the peer too. */
  timeWait(port: number): void;
  /** The server has closed first, or at the same time; before the port is used again. */
  serverTimeWait(port: number): void;
  /** The caller has closed first, and its peer has not: `connection` (not negative) names it from now on. */
  finWait2(port: number, connection: number): void;
  /** The peer of `finWait2` closes without having written. Nothing happens when the entry is gone. */
  peerClosed(port: number, connection: number): void;
  /** The peer of `finWait2` writes or resets. Nothing happens when the entry is gone. */
  peerWrote(port: number, connection: number): void;
  /** A socket is bound to this port number. */
  bind(port: number): void;
  /** The port number of a handle. */
  portOf(port: number): number;
  /** Ports towards a destination that are in use, TIME_WAIT included. */
  used(destination: number): Gauge;
}
