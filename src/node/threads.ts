// Replications on all cores: a pool of threads for what one thread has not done within a moment.
//
// A replication depends on the scenario, the seed and its number only, so it is the same in any thread.

import { availableParallelism } from "node:os";
import type { Tinypool } from "tinypool";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import { LimitError } from "../engine/limit-error.js";
import type { Job, Manner, Replication, Watch } from "../run/replicate.js";
import { inline, type Replicator } from "../run/replicator.js";
import { letSignalsIn } from "./progress.js";

// A thread needs about 0.15 s until it computes.
export const PATIENCE_MS = 200;
// A second replication in the same thread takes longer by far, since V8 takes what a model closes over for
// constant as long as it was built once (CONTRIBUTING.md, "Speed"): 1.0 us a request instead of 0.4. A new
// thread compiles everything anew, which takes half a second (2 cores, Node 20.20, 2026-11).
export const LONG_MS = 1_000;
export const REPORT_MS = 100;

/** What a thread is started with. */
export interface ThreadData {
  /** The resolved scenario. */
  scenario: Record<string, unknown>;
  /** See Job. */
  besidesNs: number | undefined;
  /** The CSV files that it names, as far as the first replication has read them: all. */
  tables: Map<string, Table>;
  /** The share that is done of the replication in each place. */
  shares: Float64Array;
}

/** What a thread is asked. */
export interface ThreadTask {
  index: number;
  manner: Manner;
  place: number;
  /** Of threads that many scenarios share: which one it is of. */
  of?: SharedScenario;
}

/** A scenario that is sent along with each task; `key` tells it from others of the same thread. */
export interface SharedScenario extends Pick<ThreadData, "scenario" | "besidesNs" | "tables"> {
  key: number;
}

/** What it answers. The classes of errors do not get from one thread to another. */
export type ThreadAnswer =
  | { replication: Replication }
  | { limit: string }
  | { setting: { path: (string | number)[]; text: string } }
  /** A file that nobody has read so far. */
  | { missing: string };

export interface Threads {
  replicator(job: Job, wanted: number): Replicator;
  /** Ends the threads. */
  stop(): Promise<void>;
}

export interface ThreadsOptions {
  /** As many threads; undefined for one for each processor. */
  count: number | undefined;
  /** The program of a thread. */
  program: URL;
  scenario: Record<string, unknown>;
  /** Threads are worth it when so many milliseconds have been computed without them. */
  patienceMs?: number;
  /** From so many milliseconds on a replication is worth a thread of its own. */
  longMs?: number;
}

/** Threads for one scenario. They are started when it turns out that they are worth it. */
export function threads({
  count = availableParallelism(),
  program,
  scenario,
  patienceMs = PATIENCE_MS,
  longMs = LONG_MS,
}: ThreadsOptions): Threads {
  let pool: Promise<Tinypool> | undefined;

  async function start(workerData: ThreadData, isolateWorkers: boolean): Promise<Tinypool> {
    // Loaded only now: most runs are over before.
    const { Tinypool } = await import("tinypool");
    return new Tinypool({
      filename: program.href,
      name: "answer",
      minThreads: 1,
      maxThreads: count,
      isolateWorkers,
      workerData,
    });
  }

  function replicator(job: Job, wanted: number): Replicator {
    const tables = new Map<string, Table>();
    const table = (file: string) => {
      const read = tables.get(file) ?? job.table(file);
      tables.set(file, read);
      return read;
    };
    const here = inline({ ...job, table });
    const shares = new Float64Array(new SharedArrayBuffer(8 * 2 * count));
    let computedMs = 0;
    let lastMs = 0;
    let running = 0;
    let isComputing = false;
    let wider = () => {};
    const areLong = () => lastMs >= longMs;

    // The first one finds out what is wrong with the scenario, and which files it reads: all are read when
    // its world is built. A single one that is left is done here sooner, unless it is long: a thread would
    // have to load and compile everything anew.
    function isWorthThreads(index: number): boolean {
      if (index === 0 || computedMs < patienceMs) return false;
      return areLong() || (count > 1 && (running > 0 || index + 1 < wanted));
    }

    async function elsewhere(index: number, manner: Manner, progress: Watch["progress"]) {
      pool ??= start({ scenario, besidesNs: job.besidesNs, tables, shares }, areLong());
      // Of two replications in the same place one has ended before the other begins.
      const task: ThreadTask = { index, manner, place: index % shares.length };
      shares[task.place] = 0;
      running++;
      const asked = (await pool).run(task) as Promise<ThreadAnswer>;
      // What a report throws, the last one throws as well, which is waited for.
      const report = async () => progress?.(shares[task.place] as number);
      const reports = progress && setInterval(() => void report().catch(() => {}), REPORT_MS);
      const answer = await asked.finally(() => {
        running--;
        clearInterval(reports);
      });
      const replication = replicationIn(answer);
      await progress?.(1);
      return replication;
    }

    /** In this thread. Once it has taken a moment, other threads begin with the next ones meanwhile. */
    async function compute(index: number, manner: Manner, progress: Watch["progress"]) {
      const [spentMs, beforeMs] = [stopwatch(), computedMs];
      const watch = async (share: number) => {
        computedMs = beforeMs + spentMs();
        if (share > 0) lastMs = spentMs() / share;
        await progress?.(share);
        if (computedMs < patienceMs) return;
        if (areLong() || index + 2 < wanted) wider();
        // Threads are started, and told what to do, between two turns of the event loop.
        await letSignalsIn();
      };
      isComputing = true;
      const isWatched = progress !== undefined || count > 1;
      const replication = await here.replicate(index, manner, isWatched ? watch : undefined).finally(() => {
        isComputing = false;
      });
      lastMs = spentMs();
      computedMs = beforeMs + lastMs;
      return replication;
    }

    return {
      get width() {
        if (count === 1 || computedMs < patienceMs) return 1;
        return isComputing ? count : shares.length;
      },
      onWider(then) {
        wider = then;
      },
      replicate: (index, manner, progress) =>
        isWorthThreads(index) ? elsewhere(index, manner, progress) : compute(index, manner, progress),
    };
  }

  return { replicator, stop: async () => (await pool)?.destroy() };
}

/** What a thread has answered; throws what it has thrown. */
export function replicationIn(answer: ThreadAnswer): Replication {
  if ("limit" in answer) throw new LimitError(answer.limit);
  if ("setting" in answer) throw new SettingError(answer.setting.path, answer.setting.text);
  if ("missing" in answer) throw new Error(`${answer.missing}: only a later replication asks for it`);
  return answer.replication;
}

/**
 * Milliseconds from now on that this thread has computed. On a busy machine the clock on the wall goes on
 * while it waits for a processor, and short replications would seem long; the processor time is that of all
 * threads.
 */
function stopwatch(): () => number {
  const [startMs, start] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(start);
    return Math.min(performance.now() - startMs, (user + system) / 1_000);
  };
}
