// Points computed for sweeps on other machines: a worker's side of the queue.
//
// The main thread only talks to Redis: a lock says that a point is being computed, and is renewed while
// threads compute. When a worker dies, its locks run out, and another one takes its points up.

import { hostname } from "node:os";
import type { Job, JobJson } from "bullmq";
import type { Point } from "../run/point.js";
import type { PointResult } from "../run/point-result.js";
import { ScenarioError } from "../scenario/error.js";
import { deferred } from "./deferred.js";
import {
  type Answer,
  MOST_BYTES,
  MOST_DEATHS,
  NO_MEMORY,
  PREFIX,
  QUEUE,
  received,
} from "./point-protocol.js";
import { connected, queueing } from "./redis.js";
import type { RedisAddress } from "./redis-address.js";
import { unfinished } from "./unfinished.js";

/** After what it does not understand in the queue, and between two looks whether it has been idle. */
const RETRY_MS = 1_000;
const WATCH_MS = 200;

export interface PointWorkerOptions {
  /** So many points at a time. */
  threads: number;
  /** Computes a point away from the main thread. */
  compute(point: Point): Promise<PointResult>;
  /** So long Redis may be away, and so long after the death of a worker others take up its points. */
  patienceMs: number;
  /** The worker ends when so long nobody has asked for anything; undefined for never. */
  idleMs: number | undefined;
  /** Points may come from now on. */
  began(): void;
  /** Told why a point could not be computed. */
  failed(id: string, reason: string): void;
}

/**
 * Serves until nobody has asked for anything for `idleMs`. Throws a MachineError when Redis is gone; and an
 * AddressError or a MachineError if there is no way to Redis: see `connected`.
 */
export async function servePoints(address: RedisAddress, options: PointWorkerOptions): Promise<void> {
  const { threads, patienceMs, idleMs, began, failed } = options;
  const connection = await connected(address, patienceMs);
  const { PointWorker, WaitingError } = await classes();
  const leaving = deferred<undefined>();
  let computing = 0;
  let lastMs = performance.now();

  async function answer(job: Job<unknown>, token?: string): Promise<Answer> {
    computing++;
    const answered = answerTo(job, options.compute);
    const outcome = await Promise.race([answered, leaving.promise]).finally(() => {
      computing--;
      lastMs = performance.now();
    });
    if (outcome !== undefined) return outcome;
    // Given back: nobody waits until the lock has run out, and it is no death that counts.
    await job.moveToWait(token);
    throw new WaitingError();
  }

  const worker = new PointWorker(QUEUE, answer, {
    connection: connection.client,
    prefix: PREFIX,
    // Whoever looks into the queue sees who is computing what.
    name: `${hostname()}.${process.pid}`,
    concurrency: threads,
    lockDuration: patienceMs,
    stalledInterval: patienceMs / 2,
    maxStalledCount: MOST_DEATHS - 1,
    runRetryDelay: RETRY_MS,
  });
  worker.on("error", () => {});
  worker.on("failed", (job, { message }) => failed(job?.id ?? "", message));
  await worker.waitUntilReady();
  began();

  const idle = deferred<undefined>();
  const watching = setInterval(() => {
    if (idleMs !== undefined && computing === 0 && performance.now() - lastMs >= idleMs)
      idle.resolve(undefined);
  }, WATCH_MS);
  async function leave() {
    finished();
    clearInterval(watching);
    leaving.resolve(undefined);
    await worker.close();
    connection.close();
  }
  const finished = unfinished(leave);
  const lost = await Promise.race([connection.lost, idle.promise]);
  if (!lost) return leave();
  finished();
  clearInterval(watching);
  // With nobody to say good-bye to.
  await worker.close(true).catch(() => {});
  throw lost;
}

/** Throws what BullMQ keeps as the reason why nobody could compute the point. */
async function answerTo(
  { id = "", data }: Job<unknown>,
  compute: PointWorkerOptions["compute"],
): Promise<Answer> {
  let point: Point;
  try {
    point = received(data, id);
  } catch (error) {
    throw new Error(`a worker refused it: ${(error as Error).message}`);
  }
  try {
    return { result: await compute(point) };
  } catch (error) {
    if (error instanceof ScenarioError) return { problems: [...error.problems] };
    const { code, stack = String(error) } = error as NodeJS.ErrnoException;
    throw new Error(code === "ERR_WORKER_OUT_OF_MEMORY" ? NO_MEMORY : stack);
  }
}

/** A worker that lives on when a job is no JSON or too large: the job is one without a point then. */
async function classes() {
  const { Worker, WaitingError } = await queueing();
  class PointWorker extends Worker<unknown, Answer> {
    protected override createJob(json: JobJson, id: string): Job<unknown, Answer> {
      const refused = { ...json, data: "null" };
      if (json.data.length > MOST_BYTES) return super.createJob(refused, id);
      try {
        return super.createJob(json, id);
      } catch {
        return super.createJob(refused, id);
      }
    }
  }
  return { PointWorker, WaitingError };
}
