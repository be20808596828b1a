// A replication is the same in a world that has had others before as in one of its own: what a part has not
// put back where it was, another run would tell.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { type Component, component } from "../../src/component/component.js";
import type { EndedRequest } from "../../src/component/recorder.js";
import { section } from "../../src/component/settings.js";
import { type Job, type Manner, replicate } from "../../src/run/replicate.js";
import { Worlds } from "../../src/run/worlds.js";
import { loadScenario } from "../../src/scenario/load.js";
import { parseTable } from "../../src/scenario/table.js";
import { scenario } from "../support/random-scenario.js";

const files = readdirSync("scenarios", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".yaml"))
  .sort();

/** Of a load that is the same at all times so much that queues overflow and ports run out. */
const SOME: Manner = { most: 20_000, batches: true };
/** Left in the midst of it, with requests at every stage. */
const FEW: Manner = { most: 700 };

describe.each(files)("%s", (file) => {
  test("is the same in a world that was used before", { timeout: 120_000 }, async () => {
    await expectSame(jobOf(join("scenarios", file)), [FEW, SOME, SOME]);
  });
});

test("so is every random scenario", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.integer({ min: 1, max: 100 }), async (given, seed) => {
      const text = JSON.stringify({ ...given, run: { seed, replications: 1 } });
      await expectSame(
        jobOf("random.yaml", () => text),
        [{ most: 20 }, {}, {}],
      );
    }),
    { numRuns: Number(process.env.RECVQ_RUNS ?? 150) },
  );
});

test("what is pending before the sources start would be so in the first replication only", () => {
  const early = component({
    section: "early",
    occurs: "once",
    help: "what happens",
    settings: section({}),
    build: (world) => world.sim.event("early", () => {}).at(1, 0),
  }) as Component;
  const settings = { early: {} };
  const worlds = new Worlds({ settings, components: [early], seed: "1", table: () => ({}) });
  expect(() => worlds.take(0)).toThrow("expected nothing to be scheduled before the start (onStart), got 1");
});

function jobOf(path: string, read = (file: string) => readFileSync(file, "utf8")): Job {
  const { settings } = loadScenario(path, { read, components });
  const table = (file: string) => parseTable(readFileSync(join(dirname(path), file), "utf8"), file);
  return { settings, components, seed: settings.run.seed, table };
}

/** Replications in one world, in these manners, and the last of them in a world of its own. */
async function expectSame(job: Job, manners: readonly Manner[]): Promise<void> {
  const worlds = new Worlds(job);
  const used = await traced(job, manners.length - 1, manners, worlds);
  const own = await traced(job, manners.length - 1, manners.slice(-1), new Worlds(job));
  expect(used.requests.find((line, index) => line !== own.requests[index])).toBeUndefined();
  expect(used.replication).toEqual(own.replication);
  // What they have left is theirs, whatever becomes of the world.
  worlds.take(manners.length);
  expect(used.left).toEqual(used.copies);
}

async function traced(job: Job, last: number, manners: readonly Manner[], worlds: Worlds) {
  let requests: string[] = [];
  const ended = ({ id, sentNs, latencyNs, outcome, cause }: EndedRequest) => {
    requests.push(`${sentNs} ns, ${id}: ${outcome} ${cause} after ${latencyNs} ns`);
  };
  const first = last + 1 - manners.length;
  const left: unknown[] = [];
  const copies: unknown[] = [];
  for (const [index, manner] of manners.entries()) {
    requests = [];
    const replication = await replicate(job, first + index, { ended }, manner, worlds);
    left.push(replication);
    copies.push(structuredClone(replication));
  }
  return { requests, replication: left.at(-1), left, copies };
}
