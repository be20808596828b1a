// A connection to Redis or Valkey, and what its errors mean to the user.

import type { Redis } from "ioredis";
import { MachineError } from "./files.js";
import { AddressError, type RedisAddress } from "./redis-address.js";

const CONNECT_MS = 5_000;
const RETRY_MS = 500;

type Packages = Pick<typeof import("bullmq"), "Job" | "Queue" | "QueueEvents" | "WaitingError" | "Worker"> &
  Pick<typeof import("ioredis"), "Redis">;

/** Loaded only when points go to other machines: who computes on one machine need not install them. */
export async function queueing(): Promise<Packages> {
  try {
    const [{ Job, Queue, QueueEvents, WaitingError, Worker }, { Redis }] = await Promise.all([
      import("bullmq"),
      import("ioredis"),
    ]);
    return { Job, Queue, QueueEvents, WaitingError, Worker, Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const text = "points on other machines need two packages more; install them beside recvq: ";
    throw new AddressError(`${text}npm install bullmq@6 ioredis@6`);
  }
}

export interface Connection {
  client: Redis;
  /** Fulfils when Redis has been away for longer than `patienceMs`, with the error that says so. */
  lost: Promise<MachineError>;
  /** The error that ioredis or BullMQ threw, as the user needs it. */
  explained(error: unknown): Error;
  close(): void;
}

/**
 * Throws an AddressError for what the user can put right: a host that nobody knows, a password, a
 * certificate; a MachineError if nobody answers.
 */
export async function connected(address: RedisAddress, patienceMs: number): Promise<Connection> {
  const { Redis } = await queueing();
  const { text, ...place } = address;
  let isReady = false;
  const client = new Redis({
    ...place,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // BullMQ waits for as long as it takes; how long that may be is said below.
    maxRetriesPerRequest: null,
    // With RESP3, which ioredis 6 speaks unless told otherwise, BullMQ 6.7 understands no event of a queue.
    protocol: 2,
    retryStrategy: (times) => (isReady && times * RETRY_MS <= patienceMs ? RETRY_MS : null),
  });
  let last: Error | undefined;
  client.on("error", (error: Error) => {
    last = error;
  });
  const lost = new Promise<MachineError>((resolve) => {
    client.once("end", () => resolve(gone(text, last)));
  });
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw explanation(text, last ?? error);
  }
  isReady = true;
  return {
    client,
    lost,
    explained: (error) => explanation(text, error),
    close: () => client.disconnect(),
  };
}

function gone(text: string, error: unknown): MachineError {
  const reason = (error as Error | undefined)?.message ?? "the connection was closed";
  return new MachineError(`Redis at ${text} is gone: ${reason}`);
}

const REFUSED = /^(?:WRONGPASS|NOAUTH|NOPERM)|DB index is out of range|without any password configured/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL|EPROTO/;

function explanation(text: string, error: unknown): Error {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (REFUSED.test(message)) return new AddressError(`Redis at ${text} refuses: ${message}`);
  if (code === "ENOTFOUND") return new AddressError(`Redis at ${text}: nobody knows that host`);
  if (!CERTIFICATE.test(code)) return gone(text, error);
  const hint = "RECVQ_REDIS_CA names the file of the authority that signed its certificate";
  return new AddressError(`Redis at ${text}: no TLS with it: ${message}; ${hint}`);
}
