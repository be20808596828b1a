// What came of a point: all its numbers with their intervals and no series, as plain JSON. The same bytes
// wherever it is computed, so it may be kept, sent and compared as text.

import * as z from "zod";
import { version } from "../version.js";
import { FAILURE, type LevelKind, partsOf } from "./metrics.js";
import { outsideProblem, outsideProblems } from "./outside.js";
import type { Estimate } from "./result.js";
import { cause, course, estimate, latency, regime, share } from "./result-schema.js";

const bounds = z.strictObject({ low: z.number().nullable(), high: z.number().nullable() });
const highest = z.strictObject({ max: estimate, mean: estimate });

export const pointResultSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    point: z.string().meta({ description: "the id of the point" }),
    seed: z.string(),
    replications: z.int().min(1),
    ...course,
    regimes: z
      .tuple([regime, regime])
      .optional()
      .meta({ description: "two groups of replications with nothing between them, the better one first" }),
    outcomes: z.record(z.string(), share).meta({ description: "by status or error word; shares sum to 1" }),
    failure: share.meta({ description: "of all that is no success" }),
    rates: z.record(z.string(), estimate).meta({ description: "requests a second that ended so" }),
    nginx: z
      .record(z.string(), share)
      .meta({ description: "by the status that nginx logs, of all attempts" }),
    errors: z.record(z.string(), share).meta({ description: "requests that met an errno" }),
    causes: z.array(cause),
    cause_shares: z
      .record(z.string(), share)
      .meta({ description: "by id: parts of one kind have causes of one id" }),
    never: bounds.meta({ description: "of the share of whatever never happened" }),
    latencies: z
      .record(z.string(), latency)
      .meta({ description: "seconds; `all`, `answered`, `success` are groups, the others outcomes" }),
    levels: z.array(
      z.strictObject({
        name: z.string(),
        limit: z.number().optional(),
        peak: estimate,
        average: estimate,
      }),
    ),
    highest: z
      .strictObject({ accept_queue: highest, time_wait: highest } satisfies Record<LevelKind, typeof highest>)
      .meta({ description: "the highest level of a kind in each replication" }),
    work: z.strictObject({
      busy_s: estimate,
      wasted_s: estimate,
      utilisation: estimate,
      wasted_share: estimate.meta({ description: "wasted of the busy time" }),
    }),
    warnings: z.array(z.string()),
  })
  .meta({ title: "recvq point result" });

export type PointResult = z.infer<typeof pointResultSchema>;

/**
 * A result from outside, such as a journal or a queue, as it is. Throws a ScenarioError that tells all that
 * is wrong with it: also if it is that of another point, or another version's. `name` is where it comes from.
 */
export function parsePointResult(input: unknown, name: string, id?: string): PointResult {
  const { error } = pointResultSchema.safeParse(input);
  if (error) throw outsideProblems(error, input, name);
  const result = input as PointResult;
  const wanted = [
    ["recvq", version, result.recvq],
    ["point", id ?? result.point, result.point],
  ] as const;
  for (const [path, expected, got] of wanted) {
    if (got !== expected) throw outsideProblem(name, path, `expected ${expected}, got ${got}`);
  }
  return result;
}

/**
 * The metric of this name with its 95 % interval; undefined if it is none. As in a run, what is not known is
 * not a number, and an interval of which nothing is known reaches from -Infinity to Infinity.
 */
export function metricOfPoint(result: PointResult, name: string): Estimate | undefined {
  const parts = partsOf(name);
  if (parts === undefined) return undefined;
  const { of, what, measure } = parts;
  const { outcomes, errors, never, requests, latencies, work } = result;
  const asShare = (found: z.infer<typeof share> | undefined) =>
    known(found ? { ...found, value: found.share } : { value: 0, ...never });
  switch (what) {
    case "throughput":
      return known(requests.throughput);
    case "utilisation":
      return known(work.utilisation);
    case "wasted":
      return known(work.wasted_share);
    case "level":
      return known(result.highest[of as LevelKind][measure as "max" | "mean"]);
    case "latency":
      return known(latencies[of || "all"]?.[measure as "p99"]);
    case "cause":
      return asShare(result.cause_shares[of]);
    case "rate":
      return known(result.rates[of] ?? noRate(result));
    case "share":
      if (of === FAILURE) return asShare(result.failure);
      return of === "success" ? known(requests.success) : asShare(outcomes[of] ?? errors[of]);
  }
}

type Bounded = { value: number; low: number | null; high: number | null };

function known(found: Bounded | undefined): Estimate {
  const { value = Number.NaN, low = null, high = null } = found ?? {};
  return { value, low: low ?? -Infinity, high: high ?? Infinity };
}

/** As many a second as the share of what never happened allows. */
function noRate({ never, requests }: PointResult): Bounded {
  const perSecond = requests.duration_s.value > 0 ? requests.total.value / requests.duration_s.value : 0;
  return { value: 0, low: 0, high: never.high === null ? null : never.high * perSecond };
}
