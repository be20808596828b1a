/** Exit codes; 99 is k6's code for failed thresholds. */
export const EXIT = {
  ok: 0,
  bug: 1,
  input: 2,
  machine: 3,
  failed: 99,
} as const;
