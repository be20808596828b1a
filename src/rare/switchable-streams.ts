// Random streams that can be exchanged in the midst of a run: a path is split where all of its streams go on
// with fresh numbers, and is repeated by giving it the same numbers once more.

import { type Source, type Streams, streams } from "../engine/random.js";

export interface SwitchableStreams extends Streams {
  /** From the next draw on, every stream is that of this branch. */
  switchTo(branch: number): void;
  /** While it is set, what the streams of arrivals give instead of a drawn number. */
  gap: number | undefined;
}

interface Exchanged {
  source: Source;
  switchTo(branch: number): void;
}

/** The uniform number of the longest gap of a Poisson process, 22 mean gaps. */
export const LONG_GAP = 1 - 2 ** -32;

/**
 * The streams of a branch of this seed, each branch as independent of all others as replications are. There
 * are two: that of arrivals, and one for all others, since nobody compares two paths draw by draw. With
 * `isAhead`, of those others some values may have been drawn when the branch is switched.
 */
export function switchableStreams(
  seed: string,
  branch: number,
  { isAhead }: { isAhead: boolean },
): SwitchableStreams {
  const arrivals = isAhead ? copied("arrivals") : made("arrivals");
  const others = isAhead ? copied("others") : made("others");

  /** Seldom switched: the numbers of another branch are copied into a block that samplers know. */
  function copied(name: string): Exchanged {
    const { block } = streams(seed, branch).stream(name);
    return {
      source: Object.assign(() => block.uniform(), { block }),
      switchTo: (next) => block.continueAs(streams(seed, next).stream(name).block),
    };
  }

  /** Made when it is first drawn from: many paths are over before. */
  function made(name: string): Exchanged {
    const now = { branch, source: undefined as Source | undefined };
    const drawn = () => {
      now.source ??= streams(seed, now.branch).stream(name);
      return now.source();
    };
    return {
      source: Object.assign(drawn, { isExchanged: true as const }),
      switchTo(next) {
        now.branch = next;
        now.source = undefined;
      },
    };
  }

  const gaps: Source = Object.assign(() => self.gap ?? arrivals.source(), { isExchanged: true as const });
  const self: SwitchableStreams = {
    stream: (name) => (name.endsWith(".arrivals") ? gaps : others.source),
    hidden: () => others.source,
    reveal() {},
    used: 1,
    gap: undefined,
    switchTo(next) {
      arrivals.switchTo(next);
      others.switchTo(next);
    },
  };
  return self;
}
