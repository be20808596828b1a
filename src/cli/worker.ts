// recvq worker: flags, one call, a line on standard error for what fails.

import { availableParallelism } from "node:os";
import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { servePoints } from "../node/point-worker.js";
import { redacted } from "../node/redacted.js";
import { redisAddress } from "../node/redis-address.js";
import { sweepThreads } from "../node/sweep-threads.js";
import { version } from "../version.js";
import { EXIT } from "./exit.js";
import { durationMs, last, patience, quiet, threadCount } from "./options.js";
import { SWEEP_THREAD } from "./programs.js";

interface Given {
  redis?: string;
  threads?: string;
  patience: string;
  idle?: string;
  quiet: boolean;
}

export function options(yargs: Argv): Argv {
  return yargs
    .positional("redis", { describe: "redis://host:port/db; without it RECVQ_REDIS_URL", type: "string" })
    .option("threads", {
      alias: "concurrency",
      describe: "points at a time; without it one for each processor",
      type: "string",
      requiresArg: true,
    })
    .option("idle", {
      describe: "end when nothing has been asked for so long, such as 10m",
      type: "string",
      requiresArg: true,
    })
    .option("patience", patience)
    .option("quiet", quiet("tell errors only"))
    .coerce(["threads", "idle", "patience"], last)
    .example("$0 redis://queue:6379", "computes points of sweeps with --engine redis://queue:6379")
    .epilogue(ADDRESSES);
}

/** How to get in: the same for sweeps and workers. */
const ADDRESSES = `Addresses: redis://[user[:password]@]host[:port][/db], rediss:// for TLS; or
RECVQ_REDIS_URL, so that no password is on the command line. For TLS the PEM files
RECVQ_REDIS_CA (who signed the server's certificate), RECVQ_REDIS_CERT, RECVQ_REDIS_KEY.`;

export async function command(given: Given): Promise<number> {
  const threads = threadCount(given.threads, "recvq worker") ?? availableParallelism();
  const patienceMs = durationMs("--patience", given.patience, "recvq worker");
  const idleMs = given.idle === undefined ? undefined : durationMs("--idle", given.idle, "recvq worker");
  const address = redisAddress(given.redis, process.env);
  const say = (text: string) => process.stderr.write(`${redacted(text)}\n`);
  // The main thread has to be free to renew the locks.
  const crew = sweepThreads({
    count: threads,
    program: SWEEP_THREAD,
    patienceMs: 0,
    components,
    system: queueingSystem,
  });
  await servePoints(address, {
    ...{ threads, patienceMs, idleMs, compute: crew.compute },
    began() {
      if (!given.quiet) say(`recvq ${version} computes points from ${address.text}, ${threads} at a time`);
    },
    failed: (id, reason) => say(`point ${id}: ${reason}`),
  }).finally(crew.stop);
  return EXIT.ok;
}
