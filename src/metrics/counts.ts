// How often something happened in each step of time. Times need not come in order.

import { DOUBLE } from "../engine/time.js";
import { halveSums, STEPS, type TimeAxis } from "./time-axis.js";

export class Counts {
  readonly steps = new Float64Array(STEPS);
  total = 0;
  /** The step of the last addition, which is mostly that of the next one; and its times. */
  private step = 0;
  private fromNs = DOUBLE;
  private toNs = DOUBLE;
  /** What `seek` looks for: as a parameter it would be an object, made for each addition in case of need. */
  private soughtNs = DOUBLE;
  private readonly axis: TimeAxis;

  constructor(axis: TimeAxis) {
    this.axis = axis;
    this.reset();
    axis.add(this);
  }

  add(timeNs: number): void {
    if (timeNs < this.fromNs || timeNs >= this.toNs) {
      this.soughtNs = timeNs;
      this.seek();
    }
    (this.steps[this.step] as number)++;
    this.total++;
  }

  private seek(): void {
    this.step = this.axis.reach(this.soughtNs);
    const { stepNs } = this.axis;
    this.fromNs = this.step * stepNs;
    this.toNs = this.fromNs + stepNs;
  }

  /** As it was when it was made. */
  reset(): void {
    this.steps.fill(0);
    this.total = 0;
    this.step = 0;
    this.fromNs = 0;
    this.toNs = 0;
  }

  halve(): void {
    // Nothing lies between these two.
    this.fromNs = 0;
    this.toNs = 0;
    halveSums(this.steps);
  }
}
