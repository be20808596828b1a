// How often something happened in each step of time. Times need not come in order.

import { halveSums, STEPS, type TimeAxis } from "./time-axis.js";

export class Counts {
  readonly steps = new Float64Array(STEPS);
  total = 0;
  private readonly axis: TimeAxis;

  constructor(axis: TimeAxis) {
    this.axis = axis;
    axis.add(this);
  }

  add(timeNs: number): void {
    const { stepNs } = this.axis;
    const step = timeNs < stepNs * STEPS ? Math.floor(timeNs / stepNs) : this.axis.reach(timeNs);
    (this.steps[step] as number)++;
    this.total++;
  }

  halve(): void {
    halveSums(this.steps);
  }
}
