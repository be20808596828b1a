// Times in nanoseconds.

import { describe, expect, test } from "vitest";
import { processors, UNLIMITED_CORES } from "../../../models/cpu/sharing.js";
import { type Execution, execution } from "../../../models/gunicorn/execution.js";
import { syncRows } from "../../../models/gunicorn/sync-rows.js";
import type { Caller } from "../../../src/component/connections.js";
import { world } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";

interface Work {
  cpuNs: number;
  sleepNs?: number;
  bodyNs?: number;
}

/**
 * Workers 0, 1 ... that begin with these at 0, on a machine with nothing else on it; when each was done, if
 * it was. `then` happens at the time that goes with it.
 */
function run(cores: number, works: Work[], then: [atNs: number, (executing: Execution) => void][] = []) {
  const one = world(streams("1", 0), () => ({}));
  const { connections, requests, sim } = one;
  const rows = syncRows();
  const given = {
    processors: processors(one, cores, { path: "kernel.cores" }),
    overheadNs: 100,
    wakeNs: 1000,
    application: {
      sleepNs: (request: number) => requests.serviceNs[request] as number,
      cpuNs: (request: number) => requests.cpuNs[request] as number,
    },
  };
  const doneNs: (number | undefined)[] = works.map(() => undefined);
  const executing = execution(one, rows, given, (worker) => {
    doneNs[worker] = sim.now;
  });
  const caller = connections.register({} as Caller);
  for (const [worker, { cpuNs, sleepNs = 0, bodyNs = 0 }] of works.entries()) {
    rows.reserve(worker);
    executing.started(worker);
    rows.current[worker] = connections.opened(caller, requests.born(0, sleepNs, cpuNs), -1);
    executing.begin(worker, rows.current[worker], bodyNs);
  }
  for (const [atNs, act] of then) sim.event("then", () => act(executing)).at(atNs, 0);
  sim.run();
  return doneNs;
}

const ONE: Work = { cpuNs: 900, sleepNs: 5000 };

describe("a request takes the body's wait, gunicorn's time, its processor time and its waiting", () => {
  const slow: Work = { cpuNs: 900, sleepNs: 5000, bodyNs: 300 };

  test.each([
    ["as many cores as anybody wants", UNLIMITED_CORES],
    ["a core of its own", 1],
  ])("with %s", (_, cores) => {
    expect(run(cores, [slow])).toEqual([300 + 100 + 900 + 5000]);
  });

  // The other has the core to itself until 300, then each has half of it: 700 more of its own until 1700, when
  // the first has 300 left.
  test("and no core while it waits", () => {
    expect(run(1, [slow, ONE])).toEqual([2000 + 5000, 1700 + 5000]);
  });
});

describe("a request whose process ends is never done", () => {
  // Alone on the core from the stop on, unless the other had had its time by then.
  test.each([
    ["while it has a core for itself", UNLIMITED_CORES, 100, 1000],
    ["while it computes", 1, 100, 1050],
    ["while it waits", 1, 2500, 2000],
  ])("%s", (_, cores, atNs, computedNs) => {
    const stopped = run(cores, [ONE, ONE], [[atNs, (executing) => executing.stop(0)]]);
    expect(stopped).toEqual([undefined, computedNs + 5000]);
  });
});

describe("a process that is stuck goes on where it was", () => {
  const stuck = (fromNs: number, untilNs: number): [number, (executing: Execution) => void][] => [
    [fromNs, (executing) => executing.pause(0)],
    [untilNs, (executing) => executing.resume(0)],
  ];

  test.each([
    ["in the body's wait", 100],
    ["in its processor time", 700],
    ["in its waiting", 3000],
  ])("%s, with a core of its own and without a limit alike", (_, fromNs) => {
    const work = { cpuNs: 900, sleepNs: 5000, bodyNs: 400 };
    for (const cores of [1, UNLIMITED_CORES]) {
      expect(run(cores, [work], stuck(fromNs, fromNs + 7000))).toEqual([6400 + 7000]);
    }
  });

  // Both have had 200 of their 1000 at 400. The other has its 800 alone until 1200; the first the rest from 2000.
  test("and leaves its core to the others meanwhile", () => {
    expect(run(1, [ONE, ONE], stuck(400, 2000))).toEqual([2800 + 5000, 1200 + 5000]);
  });

  test("and can end there", () => {
    const [pause] = stuck(400, 2000);
    const stop = (executing: Execution) => {
      executing.resume(0);
      executing.stop(0);
    };
    expect(run(1, [ONE, ONE], [pause as never, [900, stop]])).toEqual([undefined, 1200 + 5000]);
  });
});
