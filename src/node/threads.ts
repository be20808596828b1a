// Replications on all cores: this thread goes on with what it has begun, and others join it when it turns out
// that they are worth it.
//
// A replication depends on the scenario, the seed and its number only, so it is the same in any thread.

import { availableParallelism } from "node:os";
import type { Tinypool } from "tinypool";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import { LimitError } from "../engine/limit-error.js";
import type { Job, Manner, Replication, Watch } from "../run/replicate.js";
import { inline, type Replicator } from "../run/replicator.js";
import { type Deferred, deferred } from "./deferred.js";
import { threadPool } from "./pool.js";
import { letSignalsIn } from "./progress.js";

// A thread needs about 0.15 s until it computes, and twice as much again until what it runs is compiled.
export const PATIENCE_MS = 200;
const WORTH_MS = 800;
/** What is compiled after so many times the patience, takes ten times as long before. */
const COMPILED = 3;
const COLD = 12;
/** How often this thread asks for signals, progress and the time as long as it is alone. */
const LOOK_MS = 5;
/** So many replications are asked for, for each thread: nobody is idle until a slow one has been heard of. */
const AHEAD = 16;
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
  /** As many threads, with this one; undefined for one for each processor. */
  count: number | undefined;
  /** The program of a thread. */
  program: URL;
  scenario: Record<string, unknown>;
  /** Threads are worth it when so many milliseconds have been computed without them. */
  patienceMs?: number;
  /** And only if so much is left for one of them. */
  worthMs?: number;
  /** Who computes in this thread. */
  here?: (job: Job) => Replicator;
}

/** A replication that somebody waits for. */
interface Asked {
  index: number;
  manner: Manner;
  progress: Watch["progress"];
  answered: Deferred<Replication>;
}

/** Threads for one scenario. They are started when it turns out that they are worth it. */
export function threads({
  count = availableParallelism(),
  program,
  scenario,
  patienceMs = PATIENCE_MS,
  worthMs = WORTH_MS,
  here: ownReplicator = inline,
}: ThreadsOptions): Threads {
  let pool: Promise<Tinypool> | undefined;
  let isOver = false;

  function replicator(job: Job, wanted: number): Replicator {
    const tables = new Map<string, Table>();
    const table = (file: string) => {
      const read = tables.get(file) ?? job.table(file);
      tables.set(file, read);
      return read;
    };
    const here = ownReplicator({ ...job, table });
    const shares = new Float64Array(new SharedArrayBuffer(8 * count));
    const places = [...shares.keys()];
    const waiting: Asked[] = [];
    let computedMs = 0;
    let lastMs = 0;
    let begun = 0;
    let lookedMs = Number.NEGATIVE_INFINITY;
    let isComputing = false;
    let wider = () => {};
    const others = count - 1;
    const dataOf = (): ThreadData => ({ scenario, besidesNs: job.besidesNs, tables, shares });

    function areWorth(): boolean {
      if (pool !== undefined) return true;
      if (others === 0 || computedMs < patienceMs) return false;
      const isCompiled = computedMs >= COMPILED * patienceMs;
      return (wanted - begun + 1) * lastMs >= (isCompiled ? worthMs : COLD * worthMs);
    }

    function dispatch(): void {
      while (!isOver && waiting.length > 0) {
        const isElsewhere = areWorth();
        if (!isComputing) answer(waiting.shift() as Asked, compute);
        else if (isElsewhere && shares.length - places.length < others)
          answer(waiting.shift() as Asked, elsewhere);
        else return;
      }
    }

    function answer(asked: Asked, by: (asked: Asked) => Promise<Replication>): void {
      begun++;
      const { resolve, reject } = asked.answered;
      by(asked).finally(dispatch).then(resolve, reject);
    }

    async function elsewhere({ index, manner, progress }: Asked): Promise<Replication> {
      const place = places.pop() as number;
      shares[place] = 0;
      // What a report throws, the last one throws as well, which is waited for.
      const report = async () => progress?.(shares[place] as number);
      const reports = progress && setInterval(() => void report().catch(() => {}), REPORT_MS);
      try {
        pool ??= threadPool(program, others, dataOf());
        const task: ThreadTask = { index, manner, place };
        const replication = replicationIn((await (await pool).run(task)) as ThreadAnswer);
        await progress?.(1);
        return replication;
      } finally {
        clearInterval(reports);
        places.push(place);
      }
    }

    /** In this thread. The first one finds out what is wrong with the scenario, and reads all its files. */
    async function compute({ index, manner, progress }: Asked): Promise<Replication> {
      const [spentMs, beforeMs] = [stopwatch(), computedMs];
      const seen = { ms: 0, share: 0 };
      const watch = async (share: number) => {
        if (isOver) throw new Error("nobody waits for this replication any more");
        const nowMs = performance.now();
        if (pool === undefined && nowMs - lookedMs < LOOK_MS) return;
        lookedMs = nowMs;
        const ms = spentMs();
        computedMs = beforeMs + ms;
        // What takes long at first is soon compiled; and an end of little load may be long.
        if (share > seen.share) lastMs = Math.min(ms / share, (ms - seen.ms) / (share - seen.share));
        Object.assign(seen, { ms, share });
        await progress?.(share);
        if (!areWorth()) return;
        wider();
        // Other threads are started, told what to do and heard between two turns of the event loop.
        await letSignalsIn();
      };
      isComputing = true;
      const isWatched = progress !== undefined || others > 0;
      const replicated = here.replicate(index, manner, isWatched ? watch : undefined);
      const replication = await replicated.finally(() => {
        isComputing = false;
      });
      const ms = spentMs();
      computedMs = beforeMs + ms;
      lastMs = Math.min(ms, seen.share > 0 ? lastMs : ms);
      return replication;
    }

    return {
      get width() {
        return areWorth() ? AHEAD * count : 1;
      },
      onWider(then) {
        wider = then;
      },
      withdraw() {
        waiting.length = 0;
      },
      replicate(index, manner, progress) {
        const asked: Asked = { index, manner, progress, answered: deferred() };
        waiting.push(asked);
        dispatch();
        return asked.answered.promise;
      },
    };
  }

  return {
    replicator,
    async stop() {
      isOver = true;
      await (await pool)?.destroy();
    },
  };
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
