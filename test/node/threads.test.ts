import { expect, test } from "vitest";
import { components } from "../../models/index.js";
import { threads } from "../../src/node/threads.js";
import { inOrder } from "../../src/run/in-order.js";
import { loadScenario } from "../../src/scenario/load.js";
import { writtenProgram } from "../support/program.js";

// A replication is the number of the thread that was asked for it.
const program = writtenProgram(
  "thread.mjs",
  `import { threadId } from "node:worker_threads";
    export const answer = () => ({ replication: threadId });`,
);

const text = `
clients: { arrivals: [{ process: poisson, rate: 100/s, requests: 30000 }] }
gunicorn: { workers: 8, bind: "unix:/run/gunicorn.sock" }
nginx: { upstream: { servers: ["unix:/run/gunicorn.sock"] } }
app: { sleep: { exponential: 50ms } }
`;

/** Who answers for a number of replications: undefined is this thread, which computes them. */
async function answerers(given: {
  count: number;
  patienceMs?: number;
  worthMs?: number;
  wanted?: number;
}): Promise<unknown[]> {
  const { wanted = 12, patienceMs = 0, worthMs = 0 } = given;
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const crew = threads({ count: given.count, program, scenario: resolved, patienceMs, worthMs });
  const table = () => {
    throw new Error("the scenario names no file");
  };
  const replicator = crew.replicator({ settings, components, seed: "1", table }, wanted);
  const who = [];
  for await (const answer of inOrder({ replicator, manner: {}, wanted, done: [], progress: undefined })) {
    who.push(typeof answer === "number" ? answer : undefined);
  }
  await crew.stop();
  return who;
}

test("this thread computes the first one, and goes on when another one joins it", async () => {
  const who = await answerers({ count: 2 });
  expect(who[0]).toBeUndefined();
  // Only one thread has been started, in which there is one world for all of its replications.
  expect(new Set(who).size).toBe(2);
  expect(who.filter((answerer) => answerer === undefined).length).toBeGreaterThan(1);
});

test.each([
  ["a single thread computes all by itself", { count: 1 }],
  ["nobody joins before a moment has passed", { count: 2, patienceMs: 1e9 }],
  ["nobody joins where little is left to do", { count: 2, worthMs: 1e9 }],
])("%s", async (_, given) => {
  expect(new Set(await answerers(given))).toEqual(new Set([undefined]));
});

test("whoever has stopped waits for nothing that was asked before", async () => {
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const crew = threads({ count: 2, program, scenario: resolved, patienceMs: 0, worthMs: 0 });
  const replicator = crew.replicator({ settings, components, seed: "1", table: () => ({}) }, 9);
  const asked = [0, 1, 2, 3, 4].map((index) => replicator.replicate(index, {}, undefined));
  for (const one of asked) one.catch(() => {});
  const first = Promise.allSettled(asked.slice(0, 1));
  await crew.stop();
  expect((await first).map(({ status }) => status)).toEqual(["rejected"]);
  // Those that nobody has begun with are not begun.
  expect(await Promise.race([asked[4], Promise.resolve("waiting")])).toBe("waiting");
});

test("threads are offered while the first replication is computed, also where nobody watches it", async () => {
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const crew = threads({ count: 2, program, scenario: resolved, patienceMs: 0, worthMs: 0 });
  const replicator = crew.replicator({ settings, components, seed: "1", table: () => ({}) }, 5);
  let isOver = false;
  const offered: boolean[] = [];
  replicator.onWider?.(() => offered.push(!isOver));
  await replicator.replicate(0, {}, undefined);
  isOver = true;
  await crew.stop();
  expect(offered[0]).toBe(true);
});

test("what nobody wants any more is not begun before what is asked for then", async () => {
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const crew = threads({ count: 1, program, scenario: resolved });
  const replicator = crew.replicator({ settings, components, seed: "1", table: () => ({}) }, 9);
  const few = { most: 1 };
  const asked = [0, 1, 2].map((index) => replicator.replicate(index, few));
  replicator.withdraw?.();
  const wanted = replicator.replicate(3, few);
  expect((await wanted).deterministic).toBe(false);
  await asked[0];
  for (const one of asked.slice(1)) {
    expect(await Promise.race([one, Promise.resolve("waiting")])).toBe("waiting");
  }
});
