// Scenarios of which a thread computes several: one after the other, or in turn.
//
// V8 takes what a model closes over for part of the code as long as it was built once (run/worlds.ts): in a
// second world of the same program a request takes twice as long. So a scenario that is long has a copy of
// the program to itself: the same file, evaluated once more in the same thread. That takes 10 ms, and 0.3 s
// of a processor until it is compiled, most of it on other threads; a new thread takes 0.15 s more.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import type { Job } from "../run/replicate.js";
import { inline, type Replicator } from "../run/replicator.js";
import { worldsBuilt } from "../run/worlds.js";
import { evaluated } from "./evaluated.js";
import { threadMs } from "./thread-time.js";

/** What a scenario that has been computed so long, in code that several share, gains by a copy of its own. */
const LONG_MS = 400;
/** A replication is begun anew in a copy if this is left of it, and as much again as is lost. */
const LEFT_MS = 1_000;
const LOOK_MS = 5;
/** Before that nobody knows how fast it is: nothing may have its outcome yet, and code is still compiled. */
const LEAST_MS = 100;

/** What src/cli/copy.ts exports. */
export interface Program {
  components: Job["components"];
  inline: typeof inline;
  LimitError: typeof LimitError;
  SettingError: typeof SettingError;
}

export interface Copies {
  /** Of a job with all components of the program, in this thread. */
  replicator(job: Job): Replicator;
}

/** What a scenario has taken so far. */
interface Spent {
  ms: number;
  isShared: boolean;
}

/** Thrown by a replication that is to begin anew in a copy. */
class Moved extends Error {}

/** `program` is the file that is evaluated for each copy. */
export function copies(
  program: URL,
  { longMs = LONG_MS, leftMs = LEFT_MS }: { longMs?: number; leftMs?: number } = {},
): Copies {
  let script: Script | undefined;
  /** Of the scenario that was asked last. */
  let last: Spent | undefined;
  const isLong = ({ ms, isShared }: Spent) => ms >= (isShared ? longMs : longMs / 2);

  function copied(job: Job): Replicator {
    const file = fileURLToPath(program);
    // The bundle is ASCII.
    script ??= new Script(readFileSync(file, "latin1"), { filename: file });
    const copy = evaluated(script, file, createRequire(file)) as Program;
    const { replicate } = copy.inline({ ...job, components: copy.components });
    return {
      width: 1,
      replicate: (...asked) =>
        replicate(...asked).catch((error) => {
          throw ownError(error, copy);
        }),
    };
  }

  function replicator(job: Job): Replicator {
    const spent: Spent = { ms: 0, isShared: true };
    let shared: Replicator | undefined = inline(job);
    let own: Replicator | undefined;
    let isFirst: boolean | undefined;

    /** The first world of the program is as fast as any, until there is a second one. */
    const isSlow = () => !isFirst || worldsBuilt() > 1;

    /** What was built in the program that others share is not wanted any more. */
    function move(): Replicator {
      shared = undefined;
      own = copied(job);
      return own;
    }

    /** Decides whether the next replication is for a copy. */
    function decide(): void {
      const isNew = isFirst === undefined;
      isFirst ??= worldsBuilt() === 0;
      if (own === undefined && isSlow()) {
        // The next one of several is mostly as long as the one before.
        const isExpected = isNew && last !== undefined && isLong(last);
        if (isExpected || isLong(spent)) move();
      }
      spent.isShared = own === undefined && isSlow();
      last = spent;
    }

    async function inShared(...[index, manner, progress]: Parameters<Replicator["replicate"]>) {
      const startMs = threadMs();
      let lookedMs = performance.now();
      const seen = { ms: 0, share: 0 };
      // What begins anew does not go back.
      let most = 0;
      const told = progress && (async (share: number) => progress(Math.max(most, share)));
      const watch = async (share: number) => {
        const nowMs = performance.now();
        if (nowMs - lookedMs >= LOOK_MS) {
          lookedMs = nowMs;
          const ms = threadMs() - startMs;
          // What takes long at first is soon compiled; and the first outcomes may be long in coming.
          const ofWholeMs = Math.min(ms / share, (ms - seen.ms) / (share - seen.share));
          const isKnown = ms >= LEAST_MS && seen.share > 0 && share > seen.share;
          if (isSlow() && isKnown && ofWholeMs * (1 - share) > ms + leftMs) throw new Moved();
          Object.assign(seen, { ms, share });
        }
        most = Math.max(most, share);
        await told?.(share);
      };
      try {
        return await (shared as Replicator).replicate(index, manner, watch);
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
        return await move().replicate(index, manner, told);
      }
    }

    return {
      width: 1,
      async replicate(...asked) {
        decide();
        const startMs = threadMs();
        try {
          return await (own ? own.replicate(...asked) : inShared(...asked));
        } finally {
          spent.ms += threadMs() - startMs;
        }
      },
    };
  }

  return { replicator };
}

/** An error of a copy as one of this program, whose classes are others. */
function ownError(error: unknown, copy: Program): unknown {
  if (error instanceof copy.LimitError) return new LimitError(error.message);
  if (error instanceof copy.SettingError) return new SettingError(error.path, error.text);
  return error;
}
