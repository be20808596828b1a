// Points on other machines: a real Redis, and workers that are processes of the built command line.

import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PREFIX, QUEUE, sent } from "../../src/node/point-protocol.js";
import { type PointQueue, pointQueue } from "../../src/node/point-queue.js";
import { redisAddress } from "../../src/node/redis-address.js";
import type { Point } from "../../src/run/point.js";
import { PointError } from "../../src/run/point-error.js";
import { ScenarioError } from "../../src/scenario/error.js";
import { computedHere, ENDLESS, pointFor, pointsFor, rejection } from "../support/points.js";
import { type OwnRedis, startRedis } from "../support/redis.js";
import { requires } from "../support/requires.js";
import { type OwnWorker, startWorker } from "../support/worker.js";

requires("redis-server")("a queue of points", () => {
  let redis: OwnRedis;
  let client: Redis;
  /** What anybody sees who looks into Redis. */
  let seen: Queue;
  const told: string[] = [];
  const queueTo = ({ url } = redis, patienceMs = 1_000): Promise<PointQueue> =>
    pointQueue(redisAddress(url, {}), { patienceMs, tell: (text) => told.push(text) });
  const workerOf = (...args: string[]) =>
    startWorker([redis.url, "--threads", "1", "--patience", "2s", ...args]);

  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url, { maxRetriesPerRequest: null, protocol: 2 });
    seen = new Queue(QUEUE, { connection: client, prefix: PREFIX });
  });
  afterAll(async () => {
    await seen.close();
    client.disconnect();
    await redis.stop();
  });

  /** Polls, since another process decides when. */
  async function until<Value>(look: () => Promise<Value | undefined | false>): Promise<Value> {
    for (;;) {
      const found = await look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  /** The worker that computes a point now; it has not died of it yet. */
  const computing = (id: string, workers: OwnWorker[]) =>
    until(async () => {
      const name =
        (await seen.getJobState(id)) === "active" ? (await seen.getJob(id))?.processedBy : undefined;
      return workers.find(({ process }) => !process.killed && name?.endsWith(`.${process.pid}`));
    });

  describe("with workers", { timeout: 120_000 }, () => {
    let workers: OwnWorker[];
    beforeAll(async () => {
      workers = await Promise.all([workerOf(), workerOf(), workerOf(), workerOf()]);
    }, 60_000);
    afterAll(async () => {
      for (const worker of workers) worker.process.kill("SIGTERM");
      const codes = await Promise.all(workers.map(({ ended }) => ended));
      // Three have died of the poisoned point.
      expect(codes.sort()).toEqual([143, "SIGKILL", "SIGKILL", "SIGKILL"]);
    });

    test("gives the bytes of home", async () => {
      const queue = await queueTo();
      const points = await pointsFor(1, 6);
      const twice = [...points, ...points];
      const results = await Promise.all(twice.map(queue.compute));
      expect(results.map((one) => JSON.stringify(one))).toEqual(await Promise.all(twice.map(computedHere)));
      await queue.stop();
      expect(await seen.getJobCounts("wait", "active", "completed", "failed")).toEqual({
        ...{ wait: 0, active: 0, completed: 0, failed: 0 },
      });
    });

    test("gives the error of home where the settings do not go together", async () => {
      // A service of more than 104 days is met in the run only.
      const days = ["app.sleep.exponential=100d", "clients.arrivals.for=1h"];
      const point = await pointFor(...days);
      const queue = await queueTo();
      const [there, home] = await Promise.all([
        rejection(queue.compute(point)),
        rejection(computedHere(point)),
      ]);
      expect(home).toBeInstanceOf(ScenarioError);
      expect(there).toEqual(home);
      await queue.stop();
    });

    test("takes what an earlier sweep has left there, without computing it again", async () => {
      const [point] = (await pointsFor(10, 1)) as [Point];
      await seen.add("point", sent(point), { jobId: point.id });
      const job = await until(
        async () => (await seen.getJobState(point.id)) === "completed" && seen.getJob(point.id),
      );
      const queue = await queueTo();
      expect(JSON.stringify(await queue.compute(point))).toBe(await computedHere(point));
      await queue.stop();
      expect(job?.attemptsStarted).toBe(1);
    });

    test("refuses what is no point, and goes on", async () => {
      const [point, other] = (await pointsFor(20, 2)) as [Point, Point];
      const hostile: Record<string, unknown> = {
        nothing: null,
        code: { ...sent(point), eval: "process.exit()" },
        prototype: JSON.parse('{"__proto__": {"id": "prototype"}, "constructor": 1}'),
        "another-id": sent(point),
        [other.id]: { ...sent(other), scenario: { ...other.scenario, run: { seed: "3" } } },
      };
      await seen.pause();
      for (const [jobId, data] of Object.entries(hostile)) await seen.add("point", data, { jobId });
      await client.hset(seen.toKey("nothing"), "data", "{");
      await seen.resume();
      for (const id of Object.keys(hostile)) {
        await until(async () => (await seen.getJobState(id)) === "failed");
        const reason = await client.hget(seen.toKey(id), "failedReason");
        expect(reason).toMatch(/^a worker refused it: point .*(expected|unknown)/);
      }
      const queue = await queueTo();
      expect(JSON.stringify(await queue.compute(point))).toBe(await computedHere(point));
      await queue.stop();
    });

    test("reports a point that has taken down three workers; the others do not mind", async () => {
      const queue = await queueTo();
      const poisoned = await pointFor(...ENDLESS);
      const fate = rejection(queue.compute(poisoned));
      for (let death = 0; death < 3; death++) {
        (await computing(poisoned.id, workers)).process.kill("SIGKILL");
      }
      const points = await pointsFor(30, 3);
      const results = await Promise.all(points.map(queue.compute));
      expect(results.map((one) => JSON.stringify(one))).toEqual(await Promise.all(points.map(computedHere)));
      const error = await fate;
      expect(error).toBeInstanceOf(PointError);
      expect(error).toMatchObject({
        blame: "machine",
        message: "no worker could compute it: 3 workers died while they computed it",
      });
      await queue.stop();
    });
  });
});
