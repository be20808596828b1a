// Progress of many runs one after the other.

export interface ShareDone {
  /** So many replications there will be in all, as far as is known. */
  expect(replications: number): void;
  /** So many of the run that is under way are done. */
  report(done: number): void | Promise<void>;
  /** The run that was under way had so many. */
  ended(replications: number): void;
}

export function shareDone(progress: ((share: number) => void | Promise<void>) | undefined): ShareDone {
  const state = { before: 0, all: Number.POSITIVE_INFINITY, most: 0 };
  return {
    expect(replications) {
      state.all = replications;
    },
    report(done) {
      // Where more is expected than before the share stays, and does not go back.
      state.most = Math.max(state.most, Math.min(1, (state.before + done) / state.all));
      return progress?.(state.most);
    },
    ended(replications) {
      state.before += replications;
    },
  };
}
