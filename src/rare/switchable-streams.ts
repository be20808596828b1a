// Random streams that can be exchanged in the midst of a run: a path is split where all of its streams go on
// with fresh numbers, and is repeated by giving it the same numbers once more.

import { type Stream, type Streams, streams } from "../engine/random.js";

export interface SwitchableStreams extends Streams {
  /** From the next draw on, every stream is that of this branch. */
  switchTo(branch: number): void;
  /** While it is set, what the streams of arrivals give instead of a drawn number. */
  gap: number | undefined;
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
  const arrivals = exchangeable("arrivals");
  const others = exchangeable("others");

  /** Made when it is first drawn from: many paths are over before. */
  function exchangeable(name: string) {
    let source: Stream | undefined;
    let now = branch;
    const made = () => {
      source = streams(seed, now).stream(name);
      return source;
    };
    return {
      uniform: () => (source ?? made())(),
      exponential: () => (source ?? made()).exponential(),
      switchTo(next: number) {
        now = next;
        source = undefined;
      },
    };
  }

  const gaps: Stream = Object.assign(() => self.gap ?? arrivals.uniform(), {
    exponential: () => (self.gap === undefined ? arrivals.exponential() : -Math.log1p(-self.gap)),
    isExchanged: true as const,
  });
  const rest: Stream = Object.assign(others.uniform, {
    exponential: others.exponential,
    ...(!isAhead && { isExchanged: true as const }),
  });

  const self: SwitchableStreams = {
    stream: (name) => (name.endsWith(".arrivals") ? gaps : rest),
    hidden: () => rest,
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
