// A sweep on other machines, as a user runs it: processes of the built command line, and a Redis.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { PREFIX, QUEUE } from "../../src/node/point-protocol.js";
import type { Point } from "../../src/run/point.js";
import { computedHere } from "../support/points.js";
import { type OwnRedis, startRedis } from "../support/redis.js";
import { requires } from "../support/requires.js";
import { startWorker } from "../support/worker.js";
import { type Ended, recvq, recvqPath } from "./recvq.js";

// Long enough for a worker to be killed while it computes one of them.
const SCENARIO = `
clients: { arrivals: { process: poisson, rate: 2000/s, for: 10s } }
gunicorn: { workers: 4, backlog: 10 }
app: { sleep: { exponential: 2ms } }
run: { replications: 2 }
`;

/** No blame. */
const NONE = [undefined, undefined];

vi.setConfig({ testTimeout: 240_000 });

requires("redis-server")("a sweep with --engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "recvq-engine-"));
  const at = (name: string) => join(folder, name);
  const sweepArgs = (output: string) => [
    ...["sweep", at("app.yaml"), "--vary", "gunicorn.workers=4..6", "--vary", "gunicorn.backlog=4,64"],
    ...["-o", at(output)],
  ];
  let redis: OwnRedis;
  let client: Redis;
  let seen: Queue;
  let local: string;

  beforeAll(async () => {
    writeFileSync(at("app.yaml"), SCENARIO);
    redis = await startRedis();
    client = new Redis(redis.url, { maxRetriesPerRequest: null, protocol: 2 });
    seen = new Queue(QUEUE, { connection: client, prefix: PREFIX });
    expect(await recvq(sweepArgs("local.json"))).toEqual({ code: 0, stdout: "", stderr: "" });
    local = readFileSync(at("local.json"), "utf8");
  }, 240_000);

  afterAll(async () => {
    await seen.close();
    client.disconnect();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const through = (output: string) => recvq([...sweepArgs(output), "--engine", redis.url]);

  /** A worker in this process: `answer` may do as it likes. */
  async function during(answer: (job: Job<Point>) => Promise<unknown>, work: () => Promise<Ended>) {
    const options = { connection: client, prefix: PREFIX, concurrency: 2, stalledInterval: 200 };
    const worker = new Worker(QUEUE, answer, options);
    try {
      return await work();
    } finally {
      await worker.close(true);
    }
  }
  const honest = async ({ data }: Job<Point>) => ({ result: JSON.parse(await computedHere(data)) });

  test("has the bytes of the local one although one of two workers dies in the middle", async () => {
    const args = [redis.url, "--threads", "1", "--patience", "2s"];
    const [victim, other] = await Promise.all([startWorker(args), startWorker(args)]);
    const ended = through("killed.json");
    const own = async () => (await seen.getActive()).filter(({ processedBy: by }) => by?.endsWith(`.${pid}`));
    const { pid } = victim.process;
    for (;;) {
      if ((await own()).length === 0) continue;
      victim.process.kill("SIGSTOP");
      // A worker that stands still ends no point: this one is lost with it.
      if ((await own()).length > 0) break;
      victim.process.kill("SIGCONT");
    }
    victim.process.kill("SIGKILL");
    expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(at("killed.json"), "utf8")).toBe(local);
    other.process.kill("SIGTERM");
    expect([await victim.ended, await other.ended]).toEqual(["SIGKILL", 143]);
  });

  test("reports a point that nobody can compute, ends with 1, and goes on from there", async () => {
    const poisoned = ({ data }: Job<Point>) => JSON.stringify(data.scenario).includes('"workers":5,"');
    let failures = 0;
    const { code, stderr } = await during(
      async (job) => {
        if (!poisoned(job)) return honest(job);
        if (failures++ > 0) return { result: { eval: "process.exit()" } };
        throw new Error("TypeError: no such thing\n    at worker.js:1:1");
      },
      () => through("poisoned.json"),
    );
    expect([code, failures]).toEqual([1, 2]);
    expect(stderr).toMatch(
      /^gunicorn.workers=5, gunicorn.backlog=\d+: .*: TypeError: no such thing\n {4}at worker.js/m,
    );
    const { points } = JSON.parse(readFileSync(at("poisoned.json"), "utf8"));
    expect(points.map(({ blame }: { blame?: string }) => blame)).toEqual([...NONE, "bug", "bug", ...NONE]);

    const computed: string[] = [];
    const again = await during(
      async (job) => {
        computed.push(job.data.id);
        return honest(job);
      },
      () => through("poisoned.json"),
    );
    expect(again.stderr).toMatch(/^4 of 6 points are taken from .*poisoned.json.journal\n$/);
    expect(again.code).toBe(0);
    expect(computed.sort()).toEqual([points[2].id, points[3].id].sort());
    expect(readFileSync(at("poisoned.json"), "utf8")).toBe(local);
  });

  test("that is interrupted leaves no point in the queue, and goes on where it was", async () => {
    let isHeard: () => void = () => {};
    const heard = new Promise<void>((resolve) => {
      isHeard = resolve;
    });
    let count = 0;
    const { code, stderr } = await during(
      async (job) => {
        if (++count <= 2) return honest(job);
        isHeard();
        return new Promise(() => {});
      },
      async () => {
        const args = [...sweepArgs("interrupted.json"), "--engine", redis.url];
        const child = spawn(process.execPath, [recvqPath, ...args], { stdio: ["ignore", "ignore", "pipe"] });
        let text = "";
        child.stderr.setEncoding("utf8").on("data", (part: string) => (text += part));
        const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
        await heard;
        child.kill("SIGINT");
        return { code: await ended, stdout: "", stderr: text };
      },
    );
    expect(code).toBe(130);
    expect(stderr).toMatch(/^[12] of 6 points are kept in .*interrupted.json.journal; the same command/);
    expect(await seen.getJobCounts("wait", "failed")).toEqual({ wait: 0, failed: 0 });
    // The locks of the two that somebody was computing have not run out: whoever takes them up waits for that.
    for (const id of await client.lrange(seen.toKey("active"), 0, -1))
      await client.del(seen.toKey(`${id}:lock`));
    const again = await during(honest, () => through("interrupted.json"));
    expect(again.code).toBe(0);
    expect(readFileSync(at("interrupted.json"), "utf8")).toBe(local);
  });
});
