// Points on other machines: a real Redis, and workers that are processes of the built command line.

import { afterAll, beforeAll, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { pointQueue } from "../../src/node/point-queue.js";
import { redisAddress } from "../../src/node/redis-address.js";
import { computePoint, type Point, pointOf } from "../../src/run/point.js";
import { scenarioOf } from "../support/compare.js";
import { type OwnRedis, startRedis } from "../support/redis.js";
import { requires } from "../support/requires.js";
import { startWorker } from "../support/worker.js";

const SMALL = `
clients: { arrivals: { process: poisson, rate: 90/s, for: 5s } }
gunicorn: { workers: 4, backlog: 10 }
app: { sleep: { exponential: 50ms } }
run: { replications: 2 }
`;
const table = () => {
  throw new Error("no files");
};
const pointFor = (...set: string[]): Promise<Point> =>
  pointOf(scenarioOf(SMALL, set), { components, table, changes: [{ knob: "set", value: set.join() }] });
const here = async (point: Point) =>
  JSON.stringify(await computePoint(point, { components, system: queueingSystem }));

requires("redis-server")("a queue of points", () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const told: string[] = [];
  const queueTo = (patienceMs = 2_000) =>
    pointQueue(redisAddress(redis.url, {}), { patienceMs, tell: (text) => told.push(text) });

  test("gives the bytes of home", async () => {
    const worker = await startWorker([redis.url, "--threads", "1", "--patience", "2s"]);
    console.log(worker.said());
    const queue = await queueTo();
    const points = await Promise.all([1, 2, 3, 4].map((seed) => pointFor(`run.seed=${seed}`)));
    const results = await Promise.all(points.map(queue.compute));
    expect(results.map((one) => JSON.stringify(one))).toEqual(await Promise.all(points.map(here)));
    await queue.stop();
    worker.process.kill("SIGTERM");
    expect(await worker.ended).toBe(143);
    expect(told).toEqual([]);
  });
});
