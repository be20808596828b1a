// When V8 compiles, and how much into one function. The library leaves its host's V8 as it is.
//
// A request goes through some thirty short functions. V8 puts callees of at most 460 bytes of bytecode into a
// function, and of 920 in all: with more of them the path is half a dozen functions, and no number that one
// hands to the next has to become an object. Measured: 0.84 times the processor time of the benchmark (2
// cores, both busy, Node 20.20, 2026-11).
//
// All of them become hot at the same moment, and V8 compiles each by itself with everything that it calls:
// the last ones ten times over. With a larger budget most are in their callers by then, and the counts by
// which V8 decides have settled. Measured: 0.9 times the processor time of four million requests.
//
// Not for compare, sensitivity, capacity and check, most of whose scenarios are over before the larger
// functions pay: 1.10 times the processor time of a comparison of 20 pairs of 9,000 requests, 1.23 times
// that of a search for a rate, 1.15 times that of a sensitivity, 1.2 times that of a check. A comparison of
// 20 pairs of 100,000 would take 0.75 times (in turn, once to three times each, beside other work, 2 cores,
// Node 20.20, 2026-12).

import { setFlagsFromString } from "node:v8";

const FLAGS = ["--max-inlined-bytecode-size=800", "--max-inlined-bytecode-size-cumulative=2500"];
const BUDGET = "--interrupt-budget=300000";

/** For all threads of this process, and for what is compiled from now on. */
export function tuneV8(): void {
  for (const flag of v8Flags(process.versions.v8)) setFlagsFromString(flag);
}

/**
 * The flags that this version of V8 knows: it complains on standard error of any other. That of the budget
 * has gone between 11.3 (Node 20) and 12.4 (Node 22).
 */
export function v8Flags(version: string): string[] {
  return Number.parseInt(version, 10) < 12 ? [...FLAGS, BUDGET] : FLAGS;
}
