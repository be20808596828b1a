// Progress of many runs, one after the other or several at once.

type Progress = (share: number) => void | Promise<void>;

export interface ShareDone {
  /** So many replications there will be in all, as far as is known. */
  expect(replications: number): void;
  /** A run begins. */
  run(): RunDone;
}

export interface RunDone {
  /** So many of its replications are done. */
  report(done: number): void | Promise<void>;
  /** It is over, and had so many. */
  ended(replications: number): void;
}

export function shareDone(progress: Progress | undefined): ShareDone {
  const state = { before: 0, all: Number.POSITIVE_INFINITY, most: 0 };
  const running = new Set<{ done: number }>();

  function tell(): void | Promise<void> {
    let { before: done } = state;
    for (const own of running) done += own.done;
    // Where more is expected than before the share stays, and does not go back.
    state.most = Math.max(state.most, Math.min(1, done / state.all));
    return progress?.(state.most);
  }

  return {
    expect(replications) {
      state.all = replications;
    },
    run() {
      const own = { done: 0 };
      running.add(own);
      return {
        report(done) {
          own.done = done;
          return tell();
        },
        ended(replications) {
          running.delete(own);
          state.before += replications;
        },
      };
    },
  };
}
