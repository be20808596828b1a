/** Exit codes; 99 is k6's code for failed thresholds, 98 says that a limit came before the answer. */
export const EXIT = {
  ok: 0,
  bug: 1,
  input: 2,
  machine: 3,
  undecided: 98,
  failed: 99,
} as const;
