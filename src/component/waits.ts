// How long answered requests have waited: measured only where queueing theory says how long they should.

import type { Requests } from "./requests.js";

/**
 * Sums over the answered requests. A wait is a latency less the application's time and the constant
 * `besidesNs`.
 */
export class Waits {
  answered = 0;
  /** Those that have waited at all. */
  delayed = 0;
  waitNs = 0;
  private readonly requests: Requests;
  private readonly besidesNs: number;

  constructor(requests: Requests, besidesNs: number) {
    this.requests = requests;
    this.besidesNs = besidesNs;
  }

  clear(): void {
    this.answered = this.delayed = this.waitNs = 0;
  }

  /** A request, by its row, has its answer after `latencyNs`. */
  ended(request: number, latencyNs: number): void {
    const { serviceNs, cpuNs } = this.requests;
    const waitNs = latencyNs - (serviceNs[request] as number) - (cpuNs[request] as number) - this.besidesNs;
    this.answered++;
    if (waitNs > 0) this.delayed++;
    this.waitNs += waitNs;
  }
}
