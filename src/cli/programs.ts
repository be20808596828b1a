// Files of the built command line that others load. All who ask are in chunks, in a folder of their own
// (scripts/bundle.mjs).

/** The program of a thread that computes replications. */
export const THREAD = new URL("../thread.js", import.meta.url);
/** The program of a thread that computes points. */
export const SWEEP_THREAD = new URL("../sweep-thread.js", import.meta.url);
/** What a scenario has a copy of: see node/copies.ts. */
export const COPY = new URL("../copy.js", import.meta.url);
