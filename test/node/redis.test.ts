// The way to Redis: with a password and TLS, refused, and gone. And what ends a worker or a sweep early.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { deferred } from "../../src/node/deferred.js";
import { MachineError } from "../../src/node/files.js";
import { PREFIX, QUEUE } from "../../src/node/point-protocol.js";
import { pointQueue } from "../../src/node/point-queue.js";
import { redisAddress } from "../../src/node/redis-address.js";
import { recvq } from "../e2e/recvq.js";
import { computedHere, ENDLESS, pointFor, rejection } from "../support/points.js";
import { type OwnRedis, startRedis } from "../support/redis.js";
import { requires } from "../support/requires.js";
import { startWorker } from "../support/worker.js";

vi.setConfig({ testTimeout: 60_000 });

requires("redis-server", "openssl")("a Redis with a password and TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "recvq-redis-"));
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const SECRET = "open sesame@42";
  let redis: OwnRedis;
  let url: string;

  beforeAll(async () => {
    const kind = [
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
    ];
    const name = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", ...kind, ...name, "-keyout", key, "-out", certificate], {
      stdio: "ignore",
    });
    const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate];
    redis = await startRedis([...files, "--tls-auth-clients", "no", "--requirepass", SECRET], true);
    url = redis.url.replace("//", `//:${encodeURIComponent(SECRET)}@`);
  });
  afterAll(() => redis.stop());

  test("lets in who has both, and shows the password to nobody", async () => {
    const env = { RECVQ_REDIS_CA: certificate };
    const worker = await startWorker([url, "--threads", "1"], env);
    const shown = redis.url.replace("//", "//***@");
    expect(worker.said()).toBe(`recvq 0.1.0 computes points from ${shown}, 1 at a time\n`);
    const line = `/proc/${worker.process.pid}/cmdline`;
    // Other systems have other lists of processes.
    if (existsSync(line)) expect(readFileSync(line, "utf8")).toMatch(/^recvq worker rediss:\/\/\*\*\*@127/);
    const given = redisAddress("redis", { ...env, RECVQ_REDIS_URL: url });
    const queue = await pointQueue(given, { patienceMs: 30_000, tell: () => {} });
    const point = await pointFor();
    expect(JSON.stringify(await queue.compute(point))).toBe(await computedHere(point));
    await queue.stop();
    worker.process.kill("SIGTERM");
    expect(await worker.ended).toBe(143);
  });

  test.each([
    ["a wrong password", () => url.replace("42@", "43@"), { RECVQ_REDIS_CA: "here" }, /WRONGPASS/],
    ["no password", () => redis.url, { RECVQ_REDIS_CA: "here" }, /NOAUTH/],
    ["an unknown certificate", () => url, {}, /self-signed certificate; RECVQ_REDIS_CA names/],
  ])("refuses %s with exit code 2", async (_, of, env, reason) => {
    const files = Object.fromEntries(Object.keys(env).map((variable) => [variable, certificate]));
    const { code, stderr } = await recvq(["worker"], { env: { ...files, RECVQ_REDIS_URL: of() } });
    expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
    expect(stderr).not.toMatch(/sesame|4[23]@/);
  });
});

requires("redis-server")("a Redis", () => {
  const queueTo = ({ url }: OwnRedis, tell = (_: string) => {}, patienceMs = 500) =>
    pointQueue(redisAddress(url, {}), { patienceMs, tell });

  test("that is gone ends a worker with exit code 3, and a sweep with the error of a machine", async () => {
    const redis = await startRedis();
    const worker = await startWorker([redis.url, "--threads", "1", "--patience", "500ms"]);
    const queue = await queueTo(redis);
    const failure = rejection(queue.compute(await pointFor(...ENDLESS)));
    await redis.stop();
    const text = `Redis at ${redis.url} is gone: connect ECONNREFUSED 127.0.0.1:${redis.port}`;
    expect(await failure).toEqual(new MachineError(text));
    expect(await worker.ended).toBe(3);
    expect(worker.said()).toContain(`${text}\n`);
    await queue.stop();
    const never = await recvq(["worker", redis.url]);
    expect(never).toEqual({ code: 3, stdout: "", stderr: `${text}\n` });
    const address = redisAddress(redis.url.replace("redis:", "rediss:"), {});
    await expect(pointQueue(address, { patienceMs: 1, tell: () => {} })).rejects.toThrow(MachineError);
  });

  test("without workers is told of, and keeps no point of a sweep that ends", async () => {
    const redis = await startRedis();
    const heard = deferred<string>();
    const queue = await queueTo(redis, heard.resolve);
    const point = await pointFor(...ENDLESS);
    void rejection(queue.compute(point));
    const text = /^no worker of this version of recvq is at redis:.* start "recvq worker redis:/;
    expect(await heard.promise).toMatch(text);

    const worker = await startWorker([redis.url, "--threads", "1"]);
    const client = new Redis(redis.url, { maxRetriesPerRequest: null, protocol: 2 });
    const seen = new Queue(QUEUE, { connection: client, prefix: PREFIX });
    while ((await seen.getJobState(point.id)) !== "active") await new Promise(setImmediate);
    worker.process.kill("SIGTERM");
    expect(await worker.ended).toBe(143);
    // Given back: no other worker has to wait until the lock has run out, and it was no death.
    expect(await seen.getJobState(point.id)).toBe("waiting");
    expect((await seen.getJob(point.id))?.stalledCounter).toBe(0);
    await queue.stop();
    expect(await seen.getJobState(point.id)).toBe("unknown");

    const idle = await startWorker([redis.url, "--idle", "1ms"]);
    expect(await idle.ended).toBe(0);
    await seen.close();
    client.disconnect();
    await redis.stop();
  });
});
