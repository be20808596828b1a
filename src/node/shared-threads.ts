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
  /** Ends the threads. */
  stop(): Promise<void>;
}

/**
 * So many threads, one for each processor without `count`. They are started when all scenarios together have
 * been computed in this thread for a moment. Each task brings its scenario along, a few kilobytes; the files
 * that scenarios name lie in memory that all threads share, and whoever misses one is asked again.
 */
export function sharedThreads({
  count = availableParallelism(),
  program,
  here: ownReplicator = inline,
}: Pick<ThreadsOptions, "count" | "program" | "here">): SharedThreads {
  let pool: Promise<Tinypool> | undefined;
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

    async function elsewhere(index: number, manner: Manner, progress: Watch["progress"]) {
      pool ??= threadPool(program, count, { shares } satisfies Pick<ThreadData, "shares">);
      const place = asked++ % shares.length;
      shares[place] = 0;
      const of = { key, scenario, besidesNs: job.besidesNs, tables };
      const task: ThreadTask = { index, manner, place, of };
      const ask = async () => (await (await pool)?.run(task)) as ThreadAnswer;
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
      }
    }

    return {
      get width() {
        return count > 1 && isBegun && isWorthThreads() ? shares.length : 1;
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

  return { replicator, stop: async () => (await pool)?.destroy() };
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
