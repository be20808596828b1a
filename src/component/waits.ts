// How long answered requests have waited: measured only where queueing theory says how long they should.

import { halveSums, STEPS, type TimeAxis } from "../metrics/time-axis.js";
import type { Requests } from "./requests.js";

/**
 * Sums over the answered requests by the step of time in which they were answered. A wait is a latency less
 * the application's time and the constant `besidesNs`.
 */
export class Waits {
  readonly answered = new Float64Array(STEPS);
  /** Those that have waited at all. */
  readonly delayed = new Float64Array(STEPS);
  readonly waitNs = new Float64Array(STEPS);
  private readonly axis: TimeAxis;
  private readonly requests: Requests;
  private readonly besidesNs: number;

  constructor(axis: TimeAxis, requests: Requests, besidesNs: number) {
    this.axis = axis;
    this.requests = requests;
    this.besidesNs = besidesNs;
    axis.add(this);
  }

  /** A request, by its row, has its answer at `endNs`. */
  ended(request: number, endNs: number): void {
    const { sentNs, serviceNs, cpuNs } = this.requests;
    const workNs = (serviceNs[request] as number) + (cpuNs[request] as number);
    const waitNs = endNs - (sentNs[request] as number) - workNs - this.besidesNs;
    const step = this.axis.reach(endNs);
    (this.answered[step] as number)++;
    if (waitNs > 0) (this.delayed[step] as number)++;
    (this.waitNs[step] as number) += waitNs;
  }

  halve(): void {
    halveSums(this.answered);
    halveSums(this.delayed);
    halveSums(this.waitNs);
  }
}
