import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { threads } from "../../src/node/threads.js";
import { loadScenario } from "../../src/scenario/load.js";

const directory = mkdtempSync(join(tmpdir(), "recvq-threads-"));
const program = pathToFileURL(join(directory, "thread.mjs"));

beforeAll(() => {
  // A replication is the number of the thread that was asked for it.
  writeFileSync(
    program,
    `import { threadId } from "node:worker_threads";
    export const answer = () => ({ replication: threadId });`,
  );
});

afterAll(() => rmSync(directory, { recursive: true }));

const text = `
clients: { arrivals: [{ process: poisson, rate: 100/s, requests: 1000 }] }
gunicorn: { workers: 8, bind: "unix:/run/gunicorn.sock" }
nginx: { upstream: { servers: ["unix:/run/gunicorn.sock"] } }
app: { sleep: { exponential: 50ms } }
`;

/**
 * What answered for the second to the fourth replication, if threads are worth it at once and a replication is
 * long from so many milliseconds on.
 */
async function answerers(longMs: number): Promise<unknown[]> {
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const crew = threads({ count: 1, program, scenario: resolved, patienceMs: 0, longMs });
  const table = () => {
    throw new Error("the scenario names no file");
  };
  const replicator = crew.replicator({ settings, components, seed: "1", table }, 5);
  const first = await replicator.replicate(0, {}, undefined);
  expect(first.sent).toBe(1_000);
  const others = [];
  for (const index of [1, 2, 3]) others.push(await replicator.replicate(index, {}, undefined));
  await crew.stop();
  return others;
}

test("each replication that is long has a thread of its own, also where only one may compute", async () => {
  const numbers = await answerers(0);
  expect(numbers.every((number) => typeof number === "number")).toBe(true);
  expect(new Set(numbers).size).toBe(3);
});

test("with a single thread replications that are not long are done where the first one was", async () => {
  const others = await answerers(Number.POSITIVE_INFINITY);
  expect(others.every((other) => typeof other === "object")).toBe(true);
});

test("threads are offered while the first replication is computed, also where nobody watches it", async () => {
  const { settings, resolved } = loadScenario("scenario.yaml", { components, read: () => text });
  const crew = threads({ count: 2, program, scenario: resolved, patienceMs: 0, longMs: 0 });
  const replicator = crew.replicator({ settings, components, seed: "1", table: () => ({}) }, 5);
  let isOver = false;
  const offered: boolean[] = [];
  replicator.onWider?.(() => offered.push(!isOver));
  await replicator.replicate(0, {}, undefined);
  isOver = true;
  await crew.stop();
  expect(offered[0]).toBe(true);
});
