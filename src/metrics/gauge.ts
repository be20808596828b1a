// A level over time: the length of a queue, busy workers. Its value is the model's own state, not a copy of
// it.

import { DOUBLE } from "../engine/time.js";
import { halveMaxima, halveSums, STEPS, type TimeAxis } from "./time-axis.js";

interface Clock {
  readonly now: number;
}

export class Gauge {
  value = 0;
  /** The highest value so far. */
  peak = 0;
  /** Level times nanoseconds, for each step of the axis. */
  readonly areas = new Float64Array(STEPS);
  /** Highest level in each step. */
  readonly maxima = new Float64Array(STEPS);
  readonly name: string;
  /** The most that it can hold, if there is such a limit. */
  limit: number | undefined;
  private readonly clock: Clock;
  readonly axis: TimeAxis;
  private before = DOUBLE;
  private sinceNs = DOUBLE;
  private step = 0;
  private stepEndNs = DOUBLE;
  /** The areas of the steps before this one, added up in their order. */
  private closedArea = DOUBLE;

  constructor(clock: Clock, axis: TimeAxis, name: string, limit?: number) {
    this.clock = clock;
    this.axis = axis;
    this.name = name;
    this.limit = limit;
    this.reset();
    axis.add(this);
  }

  set(value: number): void {
    const { now } = this.clock;
    if (now >= this.stepEndNs) this.close();
    const { step } = this;
    (this.areas[step] as number) += this.value * (now - this.sinceNs);
    this.sinceNs = now;
    this.value = value;
    if (value > (this.maxima[step] as number)) {
      this.maxima[step] = value;
      if (value > this.peak) this.peak = value;
    }
  }

  /** Accounts for the level up to now; call it once at the end of a run. */
  finish(): void {
    this.set(this.value);
  }

  /** What was before does not count in `area` and `peak`; the steps keep it. */
  restart(): void {
    this.finish();
    this.before += this.area;
    this.peak = this.value;
  }

  /** As it was when it was made; the axis has been reset before. */
  reset(): void {
    this.value = 0;
    this.peak = 0;
    this.areas.fill(0);
    this.maxima.fill(0);
    this.before = 0;
    this.sinceNs = 0;
    this.step = 0;
    this.stepEndNs = this.axis.stepNs;
    this.closedArea = 0;
  }

  /** Level times nanoseconds up to the last change. */
  get area(): number {
    return this.closedArea + (this.areas[this.step] as number) - this.before;
  }

  halve(): void {
    halveSums(this.areas);
    halveMaxima(this.maxima);
    this.step = Math.floor(this.step / 2);
    this.stepEndNs = (this.step + 1) * this.axis.stepNs;
    this.closedArea = 0;
    for (let step = 0; step < this.step; step++) this.closedArea += this.areas[step] as number;
  }

  /** Writes the level into every step that has ended since the last change. */
  private close(): void {
    const last = this.axis.reach(this.clock.now);
    const { areas, maxima, value } = this;
    while (this.step < last) {
      (areas[this.step] as number) += value * (this.stepEndNs - this.sinceNs);
      this.closedArea += areas[this.step] as number;
      this.sinceNs = this.stepEndNs;
      this.step++;
      this.stepEndNs += this.axis.stepNs;
      maxima[this.step] = value;
    }
  }
}
