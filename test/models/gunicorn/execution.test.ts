// Times in nanoseconds.

import { describe, expect, test } from "vitest";
import { type Execution, execution } from "../../../models/gunicorn/execution.js";
import { components } from "../../../models/index.js";
import type { Caller } from "../../../src/component/connections.js";
import type { World } from "../../../src/component/world.js";
import { assemble } from "../../../src/scenario/assemble.js";
import { loadScenario } from "../../../src/scenario/load.js";

interface Given {
  cores?: number;
  workers?: number;
  threads?: number;
}

/** An execution on a machine, with nothing else on it; when each connection was done. */
function made({ cores, workers = 2, threads = 1 }: Given) {
  const text = `
kernel: { ${cores === undefined ? "" : `cores: ${cores}`} }
clients: { arrivals: { process: burst, requests: 1 } }
gunicorn: { bind: unix:/run/g.sock }
app: {}`;
  const { settings } = loadScenario("test.yaml", { read: () => text, components });
  const { world } = assemble(settings, components, { seed: "1", replication: 0, table: () => ({}) });
  const doneNs: Record<number, number> = {};
  const executing = execution(world, workers, { overheadNs: 0, wakeNs: 0, threads }, (connection) => {
    doneNs[connection] = world.sim.now;
  });
  return { world, executing, doneNs };
}

/** A worker begins a request that computes and waits for so long; its connection. */
function begin(world: World, executing: Execution, worker: number, cpuNs: number, serviceNs = 0): number {
  const caller = world.connections.register({} as Caller);
  const request = world.requests.born(0, serviceNs, cpuNs);
  const connection = world.connections.opened(caller, request, -1);
  executing.begin(worker, connection);
  return connection;
}

describe("threads of a worker", () => {
  test.each([undefined, 4])("hold the interpreter's lock in turn, with %j cores", (cores) => {
    const { world, executing, doneNs } = made({ ...(cores && { cores }), threads: 2 });
    const [one, other, elsewhere] = [0, 0, 1].map((worker) => begin(world, executing, worker, 1000));
    world.sim.run();
    expect([doneNs[one as number], doneNs[other as number], doneNs[elsewhere as number]]).toEqual([
      2000, 2000, 1000,
    ]);
  });

  // Both compute until 2000 and wait at the same time.
  test("wait without it", () => {
    const { world, executing, doneNs } = made({ threads: 2 });
    const both = [0, 0].map((worker) => begin(world, executing, worker, 1000, 500));
    world.sim.run();
    expect(both.map((connection) => doneNs[connection])).toEqual([2500, 2500]);
  });
});

describe("a request whose process ends", () => {
  test.each([
    ["while it has a core for itself", undefined, 100],
    ["while it computes", 1, 100],
    ["while it waits", 1, 2500],
  ])("is never done: %s", (_, cores, stopNs) => {
    const { world, executing, doneNs } = made({ ...(cores !== undefined && { cores }) });
    const connection = begin(world, executing, 0, 1000, 5000);
    const other = begin(world, executing, 1, 1000, 5000);
    const stop = world.sim.event("stop", executing.stop);
    stop.at(stopNs, connection);
    world.sim.run();
    expect(doneNs[connection]).toBeUndefined();
    // Alone on the core from the stop on, unless the other had had its time by then.
    const alone = { 100: 1050, 2500: 2000 }[stopNs] as number;
    expect(doneNs[other]).toBe((cores === undefined ? 1000 : alone) + 5000);
  });
});
