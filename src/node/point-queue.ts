// Points computed by workers on other machines: a sweep's side of the queue.
//
// A point's job has the point's id, so that a point is in the queue once, whoever asks for it and how often;
// what an interrupted sweep has left there is taken up by the next one. A worker's answer comes as an event.
// An event may be missed, and Redis may forget a job: every now and then the sweep asks after its points.

import type { JobsOptions, Queue, QueueEvents } from "bullmq";
import { changesText, type Point } from "../run/point.js";
import { PointError } from "../run/point-error.js";
import type { PointResult } from "../run/point-result.js";
import { ScenarioError } from "../scenario/error.js";
import { deferred } from "./deferred.js";
import { DIED, MOST_BYTES, MOST_DEATHS, NO_MEMORY, PREFIX, QUEUE, resultOf, sent } from "./point-protocol.js";
import { type Connection, connected, queueing } from "./redis.js";
import type { RedisAddress } from "./redis-address.js";
import { unfinished } from "./unfinished.js";

/** As many points are in the queue at a time, and as many bytes: enough for a thousand threads. */
const MOST_POINTS = 2_000;
const MOST_QUEUED_BYTES = 128 * 2 ** 20;

/** So often some of those that have waited for longest are asked after, none more often than so. */
const LOOK_MS = 1_000;
const ASK_MS = 5_000;
const ASKED = 10;
/** What nobody fetches, since the sweep was killed, is gone after a day. */
const KEPT = { age: 86_400 };
const OPTIONS: JobsOptions = { attempts: 1, removeOnComplete: KEPT, removeOnFail: KEPT };

export interface PointQueue {
  /** As many points as are worth asking for at a time. */
  readonly width: number;
  /**
   * The result of a point, the same wherever it is computed. Rejects with a ScenarioError as computing it
   * here would, with a PointError if nobody could compute it, and with a MachineError when Redis is gone.
   */
  compute(point: Point): Promise<PointResult>;
  /** Takes back the points that nobody has begun, and ends the connections. */
  stop(): Promise<void>;
}

export interface PointQueueOptions {
  /** So long Redis may be away, and so long there may be no worker before the user hears of it. */
  patienceMs: number;
  /** Tells the user something that does not end the sweep. */
  tell(text: string): void;
}

interface Waiting {
  point: Point;
  bytes: number;
  isSent: boolean;
  /** It was there already: somebody else's failure is tried again. */
  isFound: boolean;
  askedMs: number;
  promise: Promise<PointResult>;
  resolve(result: PointResult): void;
  reject(error: unknown): void;
}

/** Throws an AddressError or a MachineError if there is no way to Redis: see `connected`. */
export async function pointQueue(address: RedisAddress, options: PointQueueOptions): Promise<PointQueue> {
  const connection = await connected(address, options.patienceMs);
  const { Queue, QueueEvents, Job } = await queueing();
  const { client } = connection;
  const shared = { connection: client, prefix: PREFIX };
  const queue = new Queue(QUEUE, shared);
  await queue.waitUntilReady();
  // Nothing is missed that comes after this.
  const [newest] = await client.xrevrange(queue.toKey("events"), "+", "-", "COUNT", 1);
  const events = new QueueEvents(QUEUE, { ...shared, lastEventId: newest?.[0] ?? "0-0" });
  return fed({ connection, queue, events, findJob: (id) => Job.fromId(queue, id) }, address, options);
}

interface Ends {
  connection: Connection;
  queue: Queue;
  events: QueueEvents;
  findJob(id: string): Promise<{ returnvalue: unknown; failedReason: string | null } | undefined>;
}

function fed(
  { connection, queue, events, findJob }: Ends,
  address: RedisAddress,
  options: PointQueueOptions,
) {
  const waiting = new Map<string, Waiting>();
  const removals = new Set<Promise<unknown>>();
  let queuedBytes = 0;
  let isSending = false;
  let isStopped = false;
  let answeredMs = performance.now();
  let isTold = false;

  function settle(id: string, outcome: (point: Point) => PointResult) {
    const one = waiting.get(id);
    if (!one || isStopped) return;
    answeredMs = performance.now();
    forget(one);
    remove(id);
    try {
      one.resolve(outcome(one.point));
    } catch (error) {
      one.reject(error);
    }
    send();
  }

  function forget({ point, isSent, bytes }: Waiting) {
    waiting.delete(point.id);
    if (isSent) queuedBytes -= bytes;
  }

  /** One that somebody is computing stays. */
  function remove(id: string) {
    const removal = queue.remove(id).catch(() => {});
    removals.add(removal);
    void removal.finally(() => removals.delete(removal));
  }

  const succeeded = (id: string, answer: unknown) => settle(id, (point) => resultOf(answer, point));
  const failed = (id: string, reason: string) =>
    settle(id, (point) => {
      const blame = reason === DIED || reason.startsWith(NO_MEMORY) ? "machine" : "bug";
      const text = reason === DIED ? `${MOST_DEATHS} workers died while they computed it` : reason;
      options.tell(`${changesText(point.changes)}: no worker could compute it: ${text}`);
      const [line = ""] = text.split("\n");
      throw new PointError(blame, `no worker could compute it: ${line}`);
    });

  function failAll(error: unknown) {
    for (const one of [...waiting.values()]) {
      forget(one);
      one.reject(error);
    }
  }

  /** Sends what has come together, as far as there is room. */
  async function sendAll() {
    for (;;) {
      const batch: Waiting[] = [];
      for (const one of waiting.values()) {
        if (one.isSent) continue;
        if (queuedBytes > 0 && queuedBytes + one.bytes > MOST_QUEUED_BYTES) break;
        one.isSent = true;
        one.askedMs = performance.now();
        queuedBytes += one.bytes;
        batch.push(one);
      }
      if (batch.length === 0 || isStopped) return;
      await queue.addBulk(
        batch.map(({ point }) => ({
          name: "point",
          data: sent(point),
          opts: { ...OPTIONS, jobId: point.id },
        })),
      );
    }
  }

  function send() {
    if (isSending || isStopped) return;
    isSending = true;
    setImmediate(() => {
      sendAll()
        .catch((error) => failAll(connection.explained(error)))
        .finally(() => {
          isSending = false;
        });
    });
  }

  /** Looks what became of a point of which nothing was heard. */
  async function ask(one: Waiting) {
    const { id } = one.point;
    one.askedMs = performance.now();
    const state = await queue.getJobState(id);
    if (state === "completed" || state === "failed") {
      const job = await findJob(id).catch(() => ({ returnvalue: undefined, failedReason: "it is damaged" }));
      if (job && state === "completed") succeeded(id, job.returnvalue);
      else if (job && !one.isFound) failed(id, job.failedReason ?? "");
      else await again(one);
    } else if (state === "unknown") await again(one);
  }

  async function again(one: Waiting) {
    const { id } = one.point;
    await queue.remove(id);
    if (waiting.get(id) !== one) return;
    one.isFound = false;
    one.isSent = false;
    queuedBytes -= one.bytes;
    send();
  }

  async function look() {
    const nowMs = performance.now();
    const quiet = [...waiting.values()].filter((one) => one.isSent && nowMs - one.askedMs >= ASK_MS);
    const oldest = quiet.sort((one, other) => one.askedMs - other.askedMs).slice(0, ASKED);
    await Promise.all(oldest.map(ask));
    if (isTold || waiting.size === 0 || nowMs - answeredMs < options.patienceMs) return;
    if ((await queue.getWorkersCount()) > 0) return;
    isTold = true;
    options.tell(noWorker(address));
  }

  const asking = setInterval(() => {
    if (!isStopped) look().catch(() => {});
  }, LOOK_MS);
  // Said by what follows from them: see Connection.lost.
  queue.on("error", () => {});
  events.on("error", () => {});
  events.on("completed", ({ jobId, returnvalue }) => succeeded(jobId, returnvalue));
  events.on("failed", ({ jobId, failedReason }) => failed(jobId, failedReason));
  events.on("duplicated", ({ jobId }) => {
    const one = waiting.get(jobId);
    if (!one) return;
    one.isFound = true;
    ask(one).catch(() => {});
  });
  void connection.lost.then(failAll);

  async function stop() {
    if (isStopped) return;
    isStopped = true;
    clearInterval(asking);
    finished();
    for (const { point, isSent } of waiting.values()) if (isSent) remove(point.id);
    await Promise.all(removals);
    // Where Redis is gone there is nothing to close.
    for (const end of [events, queue]) await end.close().catch(() => {});
    connection.close();
  }
  const finished = unfinished(stop);

  return {
    width: MOST_POINTS,
    compute(point: Point): Promise<PointResult> {
      const known = waiting.get(point.id);
      if (known) return known.promise;
      const bytes = Buffer.byteLength(JSON.stringify(sent(point)));
      if (bytes > MOST_BYTES) return Promise.reject(tooLarge(point, bytes));
      const { promise, resolve, reject } = deferred<PointResult>();
      const started = { isSent: false, isFound: false, askedMs: 0 };
      waiting.set(point.id, { point, bytes, ...started, promise, resolve, reject });
      send();
      return promise;
    },
    stop,
  };
}

function tooLarge({ changes }: Point, bytes: number): ScenarioError {
  const MIB = 2 ** 20;
  const text =
    `with its files a point has ${Math.ceil(bytes / MIB)} MiB, and no more than ${MOST_BYTES / MIB} MiB ` +
    "travel through Redis: shorten its traces, or sweep without --engine, on several machines with --shard";
  return new ScenarioError([{ file: changesText(changes), path: "", text }]);
}

function noWorker({ text }: RedisAddress): string {
  return (
    `no worker of this version of recvq is at ${text}: the points wait there. On each machine that is to ` +
    `compute them, start "recvq worker ${text}"`
  );
}
