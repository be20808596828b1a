// Threads that many scenarios share: a sensitivity is a hundred of them, most too short for threads of
// their own.

import { availableParallelism } from "node:os";
import type { Tinypool } from "tinypool";
import type { Table } from "../component/world.js";
import type { Job, Manner, Watch } from "../run/replicate.js";
import { inline, type Replicator } from "../run/replicator.js";
import { threadPool } from "./pool.js";
import {
  PATIENCE_MS,
  REPORT_MS,
  replicationIn,
  type ThreadAnswer,
  type ThreadData,
  type ThreadsOptions,
  type ThreadTask,
} from "./threads.js";

export interface SharedThreads {
  /** `scenario` is the resolved one. */
  replicator(scenario: Record<string, unknown>, job: Job): Replicator;
  /** How many scenarios it is worth to run at once. */
  atOnce(): number;
  /** Ends the threads. */
  stop(): Promise<void>;
}

/**
 * So many threads, one for each processor without `count`. They are started when all scenarios together have
 * been computed in this thread for a moment. Each task brings its scenario along, a few kilobytes; the files
 * that scenarios name lie in memory that all threads share, and whoever misses one is asked again.
 *
 * A scenario has the same thread for all of its replications, whose world is built once, as long as there are
 * as many scenarios as threads; one that is alone has all threads.
 */
export function sharedThreads({
  count = availableParallelism(),
  program,
  here: ownReplicator = inline,
}: Pick<ThreadsOptions, "count" | "program" | "here">): SharedThreads {
  const all = Array.from({ length: count }, (): Thread => ({ pool: undefined, asked: 0 }));
  // Scenarios of which something is being computed in a thread.
  let active = 0;
  let computedMs = 0;
  let scenarios = 0;
  let asked = 0;
  const tables = new Map<string, Table>();
  const shares = new Float64Array(new SharedArrayBuffer(8 * 2 * count));
  const isWorthThreads = () => computedMs >= PATIENCE_MS && count > 1;

  function replicator(scenario: Record<string, unknown>, job: Job): Replicator {
    const key = ++scenarios;
    const table = (file: string) => {
      const read = tables.get(file) ?? shared(job.table(file));
      tables.set(file, read);
      return read;
    };
    const here = ownReplicator({ ...job, table });
    // Where nothing is random the first one is all of them.
    let isBegun = false;
    const mine: Thread[] = [];
    let waiting = 0;

    /** Threads for this scenario, as long as so many are active. */
    const share = () => Math.max(1, Math.floor(count / Math.max(1, active)));

    function next(): Thread {
      const others = all.filter((thread) => !mine.includes(thread));
      if (mine.length < share() && others.length > 0) mine.push(idlest(others));
      return idlest(mine.slice(0, share()));
    }

    async function elsewhere(index: number, manner: Manner, progress: Watch["progress"]) {
      if (waiting++ === 0) active++;
      const thread = next();
      thread.asked++;
      thread.pool ??= threadPool(program, 1, { shares } satisfies Pick<ThreadData, "shares">);
      const { pool } = thread;
      const place = asked++ % shares.length;
      shares[place] = 0;
      const of = { key, scenario, besidesNs: job.besidesNs, tables };
      const task: ThreadTask = { index, manner, place, of };
      const ask = async () => (await (await pool).run(task)) as ThreadAnswer;
      // What a report throws, the last one throws as well, which is waited for.
      const report = async () => progress?.(shares[place] as number);
      const reports = progress && setInterval(() => void report().catch(() => {}), REPORT_MS);
      try {
        let answer = await ask();
        while ("missing" in answer) {
          table(answer.missing);
          answer = await ask();
        }
        const replication = replicationIn(answer);
        await progress?.(1);
        return replication;
      } finally {
        clearInterval(reports);
        thread.asked--;
        if (--waiting === 0) active--;
      }
    }

    return {
      get width() {
        // One more than is computed: nobody is idle until the answer has been heard.
        return isBegun && isWorthThreads() ? 2 * share() : 1;
      },
      async replicate(index, manner, progress) {
        if (isWorthThreads()) {
          const replication = await elsewhere(index, manner, progress);
          isBegun = true;
          return replication;
        }
        const startMs = performance.now();
        const replication = await here.replicate(index, manner, progress);
        const tookMs = performance.now() - startMs;
        isBegun = true;
        computedMs += tookMs;
        return replication;
      },
    };
  }

  return {
    replicator,
    atOnce: () => (isWorthThreads() ? count : 1),
    async stop() {
      for (const { pool } of all) await (await pool)?.destroy();
    },
  };
}

/** A thread, once it is started, and how many replications it has been asked for. */
interface Thread {
  pool: Promise<Tinypool> | undefined;
  asked: number;
}

function idlest(threads: readonly Thread[]): Thread {
  return threads.reduce((least, thread) => (thread.asked < least.asked ? thread : least));
}

/** The same numbers where all threads see them without a copy. */
function shared(table: Table): Table {
  const columns = Object.entries(table).map(([name, values]): [string, Float64Array] => {
    const column = new Float64Array(new SharedArrayBuffer(values.byteLength));
    column.set(values);
    return [name, column];
  });
  return Object.fromEntries(columns);
}
