// Threads that the steps of a sensitivity share: which one computes what.

import { expect, test } from "vitest";
import { components } from "../../models/index.js";
import { sharedThreads } from "../../src/node/shared-threads.js";
import { loadScenario } from "../../src/scenario/load.js";
import { writtenProgram } from "../support/program.js";

// A replication is the number of the thread that was asked for it.
const program = writtenProgram(
  "thread.mjs",
  `import { threadId } from "node:worker_threads";
    export const answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { replication: threadId };
    };`,
);

const text = "{ clients: { arrivals: { process: poisson, rate: 50/s, for: 1s } }, gunicorn: { workers: 3 } }";

/** Threads that are worth it from the start. */
async function crewOf(count: number) {
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const job = { settings, components, seed: "1", table: () => ({}) };
  let isFirst = true;
  const here = () => ({
    width: 1,
    async replicate() {
      // Longer than anybody's patience.
      if (isFirst) await new Promise((resolve) => setTimeout(resolve, 210));
      isFirst = false;
      return "here" as never;
    },
  });
  const crew = sharedThreads({ count, program, here });
  const scenario = () => crew.replicator(resolved, job);
  expect(crew.atOnce()).toBe(1);
  expect(await scenario().replicate(0, {})).toBe("here");
  return { crew, scenario };
}

async function answerers({ replicate }: { replicate(index: number, manner: object): Promise<unknown> }) {
  const who = [];
  for (const index of [0, 1, 2, 3]) who.push(await replicate(index, {}));
  return who;
}

test("of as many scenarios as threads each has a thread for all of its replications", async () => {
  const { crew, scenario } = await crewOf(2);
  expect(crew.atOnce()).toBe(2);
  const found = await Promise.all([answerers(scenario()), answerers(scenario())]);
  const threads = found.map((who) => new Set(who));
  expect(threads.map(({ size }) => size)).toEqual([1, 1]);
  expect(new Set(found.flat()).size).toBe(2);
  await crew.stop();
});

test("one that is alone has all threads, once its first replication is known", async () => {
  const { crew, scenario } = await crewOf(2);
  const alone = scenario();
  expect(alone.width).toBe(1);
  await alone.replicate(0, {});
  expect(alone.width).toBe(4);
  const who = await Promise.all([1, 2, 3, 4].map((index) => alone.replicate(index, {})));
  expect(new Set(who).size).toBe(2);
  await crew.stop();
});

test("threads that have nothing to do stay", async () => {
  const { crew, scenario } = await crewOf(2);
  const both = async () =>
    new Set((await Promise.all([answerers(scenario()), answerers(scenario())])).flat());
  const before = await both();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await both()).toEqual(before);
  await crew.stop();
});

test("without another processor everything is computed here", async () => {
  const { crew, scenario } = await crewOf(1);
  expect(crew.atOnce()).toBe(1);
  expect(await answerers(scenario())).toEqual(["here", "here", "here", "here"]);
  await crew.stop();
});
