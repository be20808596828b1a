import { describe, expect, test } from "vitest";
import { Simulation } from "../../src/engine/simulation.js";
import { NO_TIMER, type Timer } from "../../src/engine/timer.js";

const LAST_POSITION = 2 ** 31 - 1;

function setUp(delayNs: number) {
  const sim = new Simulation();
  const expired: string[] = [];
  const timer = sim.timer("timeout", delayNs, (subject) => expired.push(`${sim.now}: ${subject}`));
  return { sim, timer, expired };
}

/** As after so many starts, which would take half a minute. */
function startAt(timer: Timer, position: number): void {
  (timer as unknown as { head: number }).head = position;
}

function lengthOf(timer: Timer): number {
  return (timer as unknown as { times: Float64Array }).times.length;
}

describe("a timer", () => {
  test("expires in the order of starting, each after the delay", () => {
    const { sim, timer, expired } = setUp(10);
    const started = sim.event("started", (subject) => timer.start(subject));
    for (const [subject, ns] of [0, 0, 4, 9, 25].entries()) started.at(ns, subject);
    sim.run();
    expect(expired).toEqual(["10: 0", "10: 1", "14: 2", "19: 3", "35: 4"]);
  });

  test("is stopped once, before it expires", () => {
    const { sim, timer, expired } = setUp(10);
    const handles = [0, 1, 2].map((subject) => timer.start(subject)) as [number, number, number];
    expect(timer.stop(handles[1])).toBe(true);
    expect(timer.stop(handles[1])).toBe(false);
    sim.run();
    expect(expired).toEqual(["10: 0", "10: 2"]);
    for (const handle of handles) expect(timer.stop(handle)).toBe(false);
  });

  test("can be started again while it expires, and by then its old handle stops nothing", () => {
    const sim = new Simulation();
    const times: number[] = [];
    const stopped: boolean[] = [];
    let handle = NO_TIMER;
    const timer = sim.timer("again", 10, (subject) => {
      times.push(sim.now);
      stopped.push(timer.stop(handle));
      if (times.length < 3) handle = timer.start(subject);
    });
    handle = timer.start(0);
    sim.run();
    expect([times, stopped]).toEqual([
      [10, 20, 30],
      [false, false, false],
    ]);
  });

  test("with a delay of 0 expires after what was scheduled before", () => {
    const { sim, timer, expired } = setUp(0);
    sim.event("before", () => expired.push("before")).at(0, 0);
    timer.start(1);
    sim.run();
    expect(expired).toEqual(["before", "0: 1"]);
  });

  test("runs as long as an entry is neither stopped nor expired", () => {
    const { sim, timer } = setUp(10);
    expect(timer.isRunning).toBe(false);
    const handles = [timer.start(0), timer.start(1)];
    timer.stop(handles[0] as number);
    expect(timer.isRunning).toBe(true);
    timer.stop(handles[1] as number);
    expect(timer.isRunning).toBe(false);
    timer.start(2);
    expect(timer.isRunning).toBe(true);
    sim.run();
    expect(timer.isRunning).toBe(false);
  });
});

describe("the ring of a timer", () => {
  test.each([0, 1, 63, LAST_POSITION - 100, LAST_POSITION])(
    "that begins at position %d grows without losing, mixing or reordering entries",
    (position) => {
      const { sim, timer, expired } = setUp(1_000);
      startAt(timer, position);
      const handles = new Map<number, number>();
      const started = sim.event("started", (subject) => {
        handles.set(subject, timer.start(subject));
        // Every third one is stopped two starts later.
        if (subject >= 2 && (subject - 2) % 3 === 0) timer.stop(handles.get(subject - 2) as number);
      });
      for (let subject = 0; subject < 3_000; subject++) started.at(subject * 3, subject);
      sim.run();
      const kept = Array.from({ length: 3_000 }, (_, subject) => subject).filter(
        (subject) => subject % 3 !== 0 || subject > 2_997,
      );
      expect(expired).toEqual(kept.map((subject) => `${subject * 3 + 1_000}: ${subject}`));
    },
  );

  test("no entry has the handle NO_TIMER, not even at the last position", () => {
    const { sim, timer, expired } = setUp(10);
    startAt(timer, LAST_POSITION);
    timer.start(0);
    timer.start(1);
    expect(timer.stop(NO_TIMER)).toBe(false);
    sim.run();
    expect(expired).toEqual(["10: 0", "10: 1"]);
  });

  test("holds no more than the starts since that of the oldest entry that runs", () => {
    const { sim, timer, expired } = setUp(100_000);
    const started = sim.event("started", (left) => {
      timer.stop(timer.start(left));
      if (left > 0) started.after(1, left - 1);
    });
    started.at(0, 99_999);
    sim.run();
    expect(lengthOf(timer)).toBe(512);
    // Another one that runs, and everything behind it stays.
    timer.start(7);
    started.at(sim.now, 2_000);
    sim.run();
    expect(lengthOf(timer)).toBe(2_048);
    expect(expired).toEqual(["199999: 7"]);
  });
});
