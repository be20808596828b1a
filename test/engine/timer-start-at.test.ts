import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Simulation } from "../../src/engine/simulation.js";

interface Start {
  /** After the start before. */
  afterNs: number;
  /** Expiries lie on a grid of this many nanoseconds, so several fall together. */
  grainNs: number;
  isStopped: boolean;
}

const DELAY_NS = 50;

describe("a timer whose expiries are rounded", () => {
  test("expires at the times asked for, in the order of starting, among all other events", () => {
    const starts = fc.array(
      fc.record({ afterNs: fc.nat(30), grainNs: fc.constant(16), isStopped: fc.boolean() }),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(starts, (all: Start[]) => {
        const sim = new Simulation();
        const happened: string[] = [];
        const expected: { timeNs: number; order: number; text: string }[] = [];
        const timer = sim.timer("rounded", DELAY_NS, (subject) => happened.push(`${sim.now}: ${subject}`));
        const other = sim.event("other", (subject) => happened.push(`${sim.now}: other ${subject}`));
        const started = sim.event("started", (subject) => {
          const { grainNs, isStopped } = all[subject] as Start;
          const timeNs = Math.ceil((sim.now + DELAY_NS) / grainNs) * grainNs;
          const handle = timer.startAt(timeNs, subject);
          // An event of the same time comes after it, having been scheduled after it.
          other.at(timeNs, subject);
          if (isStopped) expect(timer.stop(handle)).toBe(true);
          else expected.push({ timeNs, order: 2 * subject, text: `${timeNs}: ${subject}` });
          expected.push({ timeNs, order: 2 * subject + 1, text: `${timeNs}: other ${subject}` });
          const next = all[subject + 1];
          if (next) started.after(next.afterNs, subject + 1);
        });
        if (all.length > 0) started.at(0, 0);
        sim.run();
        expected.sort((one, two) => one.timeNs - two.timeNs || one.order - two.order);
        expect(happened).toEqual(expected.map(({ text }) => text));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  test("refuses an expiry before that of an earlier start, and one in the past", () => {
    const sim = new Simulation();
    const timer = sim.timer("rounded", DELAY_NS, () => {});
    timer.stop(timer.startAt(100, 0));
    expect(() => timer.startAt(99, 1)).toThrow("rounded: 99 ns is before 100 ns, the last expiry");
    timer.startAt(100, 2);
    sim.run();
    expect(() => timer.startAt(99, 3)).toThrow("rounded: 99 ns is before 100 ns");
    expect(() => timer.startAt(Number.NaN, 3)).toThrow("NaN");
  });
});
