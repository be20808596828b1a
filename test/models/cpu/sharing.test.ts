// Times in nanoseconds unless they are said to be seconds.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Processors, processors, UNLIMITED_CORES } from "../../../models/cpu/sharing.js";
import { world } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";
import { type PlainJob, plainSharing } from "./plain-sharing.js";

const NAMES = { path: "kernel.cores" };
const made = () => world(streams("seed", 0), () => ({}));

/** Runs jobs on a machine: when each one ends, NaN for those that are stopped. */
function shared(cores: number, jobs: readonly PlainJob[], wrongly = false) {
  const one = made();
  const machine = processors(one, cores, NAMES);
  const processes = Math.max(0, ...jobs.map(({ process }) => process)) + 1;
  for (let process = 0; process < Math.max(processes, jobs.length); process++) machine.process();
  const endNs = jobs.map(() => Number.NaN);
  const handles = jobs.map(() => -1);
  const kind = machine.jobs("jobs", (job) => {
    if (!Number.isNaN(endNs[job])) throw new Error(`job ${job} ended twice`);
    endNs[job] = one.sim.now;
  });
  const starts = one.sim.event("start", (job) => {
    const { process, cpuNs } = jobs[job] as PlainJob;
    handles[job] = kind.start(wrongly ? job : process, cpuNs, job);
  });
  const stops = one.sim.event("stop", (job) => kind.stop(handles[job] as number));
  for (const [job, { atNs }] of jobs.entries()) starts.at(atNs, job);
  for (const [job, { stopNs }] of jobs.entries()) {
    if (stopNs !== Number.POSITIVE_INFINITY) stops.at(stopNs, job);
  }
  one.sim.run();
  const busy = one.gauges.find(({ name }) => name === "busy processors");
  busy?.finish();
  return { endNs, busyNs: busy?.area ?? Number.NaN };
}

const NEVER = Number.POSITIVE_INFINITY;
const job = (process: number, atNs: number, cpuNs: number, stopNs = NEVER): PlainJob => ({
  process,
  atNs,
  cpuNs,
  stopNs,
});

describe("processors", () => {
  test("a process alone runs as fast as if it had them all to itself, and no faster", () => {
    expect(shared(8, [job(0, 10, 100)]).endNs).toEqual([110]);
  });

  // Alone until 100, then each at half the speed: the first has 900 left, which takes 1800.
  test("two processes on one core run at half the speed", () => {
    expect(shared(1, [job(0, 0, 1000), job(1, 100, 5000)]).endNs).toEqual([1900, 6000]);
  });

  // Three on two cores run at 2/3: 600 of 900 until 900. The short one leaves at 450 with its 300; the others
  // have 600 left then, and a core each.
  test("three processes on two cores run at two thirds of the speed, two at full speed", () => {
    expect(shared(2, [job(0, 0, 900), job(1, 0, 300), job(2, 0, 900)]).endNs).toEqual([1050, 450, 1050]);
  });

  // Two threads hold the lock in turn: each at half the speed, although a core is idle.
  test("threads of one process share one core, however many there are", () => {
    expect(shared(4, [job(0, 0, 500), job(0, 0, 1000)]).endNs).toEqual([1000, 1500]);
  });

  // One core: each process has half of it, each of the two threads a quarter.
  test("a process with more threads gets no more than one with a single thread", () => {
    expect(shared(1, [job(0, 0, 250), job(0, 0, 250), job(1, 0, 500)]).endNs).toEqual([1000, 1000, 1000]);
  });

  test("without a limit only threads of one process share", () => {
    const jobs = [job(0, 0, 100), job(1, 0, 100), job(2, 0, 100), job(2, 0, 100)];
    expect(shared(UNLIMITED_CORES, jobs).endNs).toEqual([100, 100, 200, 200]);
  });

  // The stopped one had 500 of the first 1000; the other has 1500 left, alone.
  test("a job that is stopped leaves its share to the others", () => {
    expect(shared(1, [job(0, 0, 2000), job(1, 0, 2000, 1000)]).endNs).toEqual([2500, Number.NaN]);
  });

  test("stopping a job that has ended stops nothing else", () => {
    // The row of job 0 is that of job 1 when the stop comes.
    expect(shared(1, [job(0, 0, 10, 50), job(0, 20, 100)]).endNs).toEqual([10, 120]);
  });

  test("jobs that end at the same instant end in the order of their start", () => {
    const one = made();
    const machine = processors(one, 1, NAMES);
    const order: number[] = [];
    const kind = machine.jobs("jobs", (subject) => order.push(subject));
    const subjects = [4, 2, 7, 1];
    const own = subjects.map(() => machine.process()).reverse();
    for (const [index, subject] of subjects.entries()) kind.start(own[index] as number, 1000, subject);
    one.sim.run();
    expect(order).toEqual(subjects);
  });

  test("a job may start another one of its process when it ends", () => {
    const one = made();
    const machine = processors(one, 1, NAMES);
    const [mine, other] = [machine.process(), machine.process()];
    const ends: number[] = [];
    const kind = machine.jobs("jobs", (left) => {
      ends.push(one.sim.now);
      if (left > 0) kind.start(mine, 100, left - 1);
    });
    kind.start(mine, 100, 2);
    kind.start(other, 300, 0);
    one.sim.run();
    expect(ends).toEqual([200, 400, 600, 600]);
  });

  test("negative processor time is a mistake of the caller", () => {
    const machine = processors(made(), 1, NAMES);
    const kind = machine.jobs("jobs", () => {});
    expect(() => kind.start(machine.process(), -1, 0)).toThrow("processor time of 0 ns or more, got -1");
  });
});

const arbitraryJobs = fc.array(
  fc
    .record({
      atNs: fc.nat(5_000),
      process: fc.nat(7),
      cpuNs: fc.oneof(fc.nat(3_000), fc.constant(0), fc.constant(700)),
      stops: fc.option(fc.nat(3_000), { freq: 4 }),
    })
    .map(({ stops, ...rest }): PlainJob => ({ ...rest, stopNs: stops === null ? NEVER : rest.atNs + stops })),
  { maxLength: 60 },
);
const arbitraryCores = fc.integer({ min: 1, max: 5 });

describe("on random jobs", () => {
  // Both round the end of each job to whole nanoseconds. Where the fluid ends half way between two, the
  // rounding of doubles decides, and what comes later is moved by as much; and two that end within a
  // nanosecond may change places.
  const NEAR_NS = 3;

  test("every job ends when the plain way says so, or is stopped when that says so", () => {
    fc.assert(
      fc.property(arbitraryCores, arbitraryJobs, (cores, jobs) => {
        const { endNs } = shared(cores, jobs);
        const plain = plainSharing(cores, jobs);
        for (const [index, { stopNs }] of jobs.entries()) {
          const [end, expected] = [endNs[index] as number, plain.endNs[index] as number];
          const either = Number.isNaN(end) || Number.isNaN(expected);
          if (either && Math.abs((Number.isNaN(end) ? expected : end) - stopNs) <= NEAR_NS) continue;
          if (Number.isNaN(end) && Number.isNaN(expected)) continue;
          expect(Math.abs(end - expected)).toBeLessThanOrEqual(NEAR_NS);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("processors are busy for just the time that is served: min(cores, processes) at each instant", () => {
    fc.assert(
      fc.property(arbitraryCores, arbitraryJobs, (cores, jobs) => {
        const { busyNs } = shared(cores, jobs);
        const { servedNs } = plainSharing(cores, jobs);
        expect(Math.abs(busyNs - servedNs)).toBeLessThanOrEqual(jobs.length + 1);
        const whole = jobs.filter(({ stopNs }) => stopNs === NEVER).map(({ cpuNs }) => cpuNs);
        expect(busyNs).toBeGreaterThanOrEqual(whole.reduce((sum, ns) => sum + ns, 0) - jobs.length);
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  test("of jobs of one process those that come later and want more never overtake", () => {
    fc.assert(
      fc.property(arbitraryCores, arbitraryJobs, (cores, given) => {
        const jobs = given.map((one) => ({ ...one, stopNs: NEVER }));
        const { endNs } = shared(cores, jobs);
        jobs.forEach((one, index) => {
          jobs.forEach((other, later) => {
            if (one.process !== other.process || one.atNs >= other.atNs || one.cpuNs > other.cpuNs) return;
            expect(endNs[index]).toBeLessThanOrEqual(endNs[later] as number);
          });
        });
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test("the plain way finds fault with processes that do not share the lock", () => {
    const jobs = [job(0, 0, 500), job(1, 0, 500), job(0, 0, 1000)];
    expect(shared(4, jobs, true).endNs).not.toEqual(plainSharing(4, jobs).endNs);
    expect(shared(4, jobs).endNs).toEqual(plainSharing(4, jobs).endNs);
  });
});

describe("times do not drift", () => {
  const DAY = 86_400 * 1e9;

  // Two processes on one core for ten days and more: V passes 2^42 ns several times. The short job of each
  // hour takes twice its time whenever it comes.
  test("a short job takes as long in the tenth day of a long one as in the first second", () => {
    const long = job(0, 0, 10 * DAY);
    const short = Array.from({ length: 240 }, (_, hour) => job(1, hour * 3600 * 1e9, 333));
    const { endNs } = shared(1, [long, ...short]);
    expect(short.map(({ atNs }, index) => (endNs[index + 1] as number) - atNs)).toEqual(short.map(() => 666));
    expect(endNs[0]).toBe(10 * DAY + 240 * 333);
  });

  test("threads that keep a process busy for days as well", () => {
    const jobs = [job(0, 0, 5 * DAY), job(0, 0, 5 * DAY), job(1, 0, 5 * DAY), job(0, 9 * DAY, 400)];
    const { endNs } = shared(1, jobs);
    // Two processes: each half of the core up to 9 days; the threads of the first, a quarter each.
    expect((endNs[3] as number) - 9 * DAY).toBe(400 * 6);
  });

  // Three at a time on two cores: each job of 7 takes 10.5, which is rounded.
  test("what is rounded does not add up while workers are never idle", () => {
    const one = made();
    const machine: Processors = processors(one, 2, NAMES);
    let left = 300_000;
    const kind = machine.jobs("jobs", (process) => {
      if (left-- > 0) kind.start(process, 7, process);
    });
    for (let process = 0; process < 3; process++) kind.start(machine.process(), 7, process);
    one.sim.run();
    expect(Math.abs(one.sim.now - (300_003 * 7) / 2)).toBeLessThanOrEqual(2);
  });
});
