// Points in threads: whole ones, and those that are taken apart.

import { pathToFileURL } from "node:url";
import { expect, inject, test } from "vitest";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { sweepThreads } from "../../src/node/sweep-threads.js";
import { computePoint, pointOf } from "../../src/run/point.js";
import { parseTable } from "../../src/scenario/table.js";
import { scenarioOf } from "../support/compare.js";
import { writtenProgram } from "../support/program.js";

const TEXT = `
clients: { arrivals: { process: poisson, rate: 50/s, for: 4s } }
gunicorn: { workers: 3 }
app: { sleep: { empirical: times.csv } }
run: { replications: 3 }
`;
const program = pathToFileURL("dist/bin/sweep-thread.js");
const models = { components, system: queueingSystem };
const table = (file: string) => parseTable("service_s\n0.02\n0.09\n", file);

function crew(longMs: number, patienceMs: number) {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);
  return sweepThreads({ count: 2, program, longMs, patienceMs, ...models });
}

const AGES = 1e9;

test.each([
  ["whole points, in threads", AGES, 0],
  ["replications of their own, in threads", 0, 0],
  ["replications, after the first one here", 0, 1e-6],
  ["whole points, after a moment here", AGES, 1e-6],
  ["whole points, here", AGES, AGES],
])("%s give the same bytes", async (_, longMs, patienceMs) => {
  const point = await pointOf(scenarioOf(TEXT), { components, table });
  const other = await pointOf(scenarioOf(TEXT, ["gunicorn.workers=1"]), { components, table });
  const threads = crew(longMs, patienceMs);
  const shares: number[] = [];
  const progress = (share: number) => {
    shares.push(share);
  };
  const found = [await threads.compute(point, progress), await threads.compute(other, progress)];
  await threads.stop();
  const expected = [await computePoint(point, models), await computePoint(other, models)];
  expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
  expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
});

const told = writtenProgram(
  "thread.mjs",
  `import { threadId } from "node:worker_threads";
    export const answer = ({ replication }) =>
      replication ? { limit: "taken apart" } : { result: threadId, longestMs: 2_000, tookMs: 6_000 };`,
);

test("many long points are for as many threads as there are, and the last ones are taken apart", async () => {
  const point = await pointOf(scenarioOf(TEXT), { components, table });
  const threads = sweepThreads({ count: 2, program: told, longMs: 1_000, patienceMs: 0, ...models });
  const found = await Promise.allSettled(Array.from({ length: 8 }, () => threads.compute(point)));
  await threads.stop();
  const whole = found.flatMap((one) => (one.status === "fulfilled" ? [Number(one.value)] : []));
  const apart = found.filter((one) => one.status === "rejected" && /taken apart/.test(one.reason.message));
  // As long as there are four of them, two for each thread.
  expect(whole.length).toBeGreaterThanOrEqual(4);
  expect(new Set(whole).size).toBeLessThanOrEqual(2);
  expect(apart.length).toBe(found.length - whole.length);
  expect(apart.length).toBeGreaterThan(0);
});

test("a point that cannot be computed says why, from a thread as well", async () => {
  const point = await pointOf(scenarioOf(TEXT, ["run.warmup=60s"]), { components, table });
  const threads = crew(AGES, 0);
  await expect(threads.compute(point)).rejects.toThrow(/run.warmup: expected less than a replication lasts/);
  await threads.stop();
});

test("who reports progress may end a point that is in a thread", async () => {
  const long = await pointOf(scenarioOf(TEXT, ["clients.arrivals.for=9d"]), { components, table });
  const threads = crew(AGES, 0);
  const computing = threads.compute(long, () => {
    throw new Error("enough");
  });
  await expect(computing).rejects.toThrow("enough");
  await threads.stop();
});
