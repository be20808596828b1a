// The Result as a schema: what it promises is published (result.schema.json) and tested on every golden one.
// JSON knows no Infinity: an interval of one replication, of which nothing is known, has null for its bounds.

import * as z from "zod";

const bound = z.number().nullable();
export const estimate = z.strictObject({ value: z.number(), low: bound, high: bound });
export const share = z.strictObject({ count: z.number(), share: z.number(), low: bound, high: bound });
export const latency = z.strictObject({
  count: z.number(),
  min: estimate,
  mean: estimate,
  p50: estimate,
  p90: estimate,
  p95: estimate,
  p99: estimate,
  max: estimate,
});
export const cause = share.extend({
  id: z.string().meta({ description: "name in metrics: cause.<id>.share" }),
  text: z.string().meta({ description: "as an SRE would say it" }),
  settings: z.array(z.string()).meta({ description: "the settings that decided, the deciding one first" }),
  first_s: z.number().meta({ description: "second of the first failure with this cause" }),
});
export const regime = z.strictObject({
  replications: z.int(),
  probability: estimate.meta({ description: "that a run ends in it" }),
  failing: estimate.meta({
    description: "share of the requests that fail at its end, while the last fifth is sent",
  }),
});
const level = z.strictObject({
  name: z.string(),
  limit: z.number().optional().meta({ description: "the most that it can hold" }),
  mean: z.array(z.number()).meta({ description: "mean level in each step" }),
  max: z.array(z.number()).meta({ description: "highest level in each step" }),
  low: z.array(z.number()).meta({ description: "lowest of the replications' mean levels" }),
  high: z.array(z.number()).meta({ description: "highest of the replications' mean levels" }),
  peak: estimate,
  average: estimate,
});
const rare = z.strictObject({
  cause: z.string().meta({ description: "the cause of refused requests: its name in metrics" }),
  text: z.string().meta({ description: "as an SRE would say it" }),
  settings: z.array(z.string()).meta({ description: "the settings that decided, the deciding one first" }),
  share: z.number().meta({ description: "of all requests, if the load goes on for ever" }),
  low: z.number(),
  high: z.number(),
  busy_period: z
    .strictObject({ value: z.number(), low: z.number(), high: z.number() })
    .optional()
    .meta({ description: "probability of a refusal from one request that finds nothing to the next one" }),
  levels: z
    .array(z.int())
    .meta({ description: "where paths are split: requests in the queue and with workers" }),
  splits: z.array(z.number()).meta({ description: "into how many at each level, on average" }),
  batches: z.int().meta({ description: "the interval is from so many" }),
  paths: z.int(),
  restored: z.enum(["filled", "repeated"]).meta({ description: "how paths were taken up" }),
  why_repeated: z.string().optional().meta({ description: "why they were not filled, which is faster" }),
  reached: z.boolean().meta({ description: "the interval is as narrow as wanted" }),
});

const theory = z.strictObject({
  system: z.string().meta({ description: "in Kendall's notation: M/M/4/133" }),
  source: z.string().meta({ description: "who found the answer, or how" }),
  exact: z.boolean().meta({ description: "the scenario is this system and nothing else" }),
  left_out: z.array(z.string()).meta({ description: "what the scenario has and the system has not" }),
  values: z.array(
    z.strictObject({
      quantity: z.enum(["blocked", "delayed", "wait", "sojourn", "utilisation"]),
      exact: z.number().meta({ description: "of the steady state; a share, or seconds" }),
      simulated: estimate,
      z: z.number().nullable().meta({ description: "distance in standard errors, if there are any" }),
    }),
  ),
});

/** What a Result says of how it came about. */
export const course = {
  warm_up: z.strictObject({
    left_out_s: z.number().meta({ description: "seconds of each replication that do not count" }),
    why: z.string().meta({ description: "who says so, or why everything counts" }),
    steady: z.boolean().meta({ description: "false if a long stationary load reached no steady state" }),
    told: z.boolean().meta({ description: "worth a sentence in the report" }),
  }),
  stopping: z
    .strictObject({
      metric: z.string(),
      relative_error: z.number(),
      confidence: z.number(),
      estimate,
      reached: z.boolean(),
      reached_error: bound.meta({
        description: "half-width over the estimate; null for an estimate of 0, or if nothing is known",
      }),
      replications_needed: bound.meta({
        description: "by the spread of those that there are; null if reached_error is",
      }),
    })
    .optional()
    .meta({ description: "of run.until: whether its metric is known well enough" }),
  incomplete: z.string().optional().meta({ description: "why there are fewer replications than asked for" }),
  deterministic: z.boolean().meta({ description: "nothing is drawn at random: the result is exact" }),
  intervals: z
    .discriminatedUnion("method", [
      z.strictObject({
        method: z.literal("batch means"),
        batches: z.int(),
        length_s: z.number().meta({ description: "mean length of a batch" }),
        correlation: z.number().meta({ description: "lag 1, of batches of half the length" }),
        independent: z.boolean().meta({ description: "false: the intervals are too narrow" }),
      }),
      z.strictObject({ method: z.literal("none"), why: z.string() }),
    ])
    .optional()
    .meta({ description: "of a single replication: where its intervals come from, or why it has none" }),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  requests: z.strictObject({
    total: estimate,
    rate: estimate,
    throughput: estimate,
    duration_s: estimate,
    attack_s: estimate,
    wait_s: estimate,
    bytes_in: estimate,
    bytes_out: estimate,
    success: estimate,
  }),
};

export const resultSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    scenario: z
      .record(z.string(), z.unknown())
      .meta({ description: "the scenario, complete with defaults, in the units of the file" }),
    source: z.string(),
    seed: z.string(),
    replications: z.int().min(1),
    ...course,
    clients: z
      .record(z.string(), estimate)
      .optional()
      .meta({ description: "of clients that try again or keep connections: attempts, connections …" }),
    regimes: z
      .tuple([regime, regime])
      .optional()
      .meta({ description: "two groups of replications with nothing between them, the better one first" }),
    outcomes: z.record(z.string(), share).meta({ description: "by status or error word; shares sum to 1" }),
    routes: z
      .record(
        z.string(),
        z.strictObject({
          requests: estimate,
          outcomes: z.record(z.string(), share),
          latencies: z.record(z.string(), latency),
        }),
      )
      .optional()
      .meta({ description: "by path, if there are several; shares are of the route's own requests" }),
    nginx: z
      .record(z.string(), share)
      .meta({ description: "by the status that nginx logs; shares are of all attempts" }),
    errors: z.record(z.string(), share).meta({ description: "requests that met an errno" }),
    causes: z.array(cause),
    latencies: z
      .record(z.string(), latency)
      .meta({ description: "seconds; `all` is every request, `answered` those with an answer" }),
    netstat: z
      .record(z.string(), estimate)
      .meta({ description: "counters of the kernels, as nstat names them" }),
    work: z.strictObject({ busy_s: estimate, wasted_s: estimate, utilisation: estimate }),
    theory: theory.optional().meta({ description: "where queueing theory has an exact answer" }),
    series: z.strictObject({
      step_s: z.number(),
      levels: z.array(level),
      outcomes: z.array(z.strictObject({ outcome: z.string(), count: z.array(z.number()) })),
    }),
    limits: z.array(z.strictObject({ text: z.string(), settings: z.array(z.string()) })),
    warnings: z.array(z.string()),
    rare: rare.optional().meta({ description: "with --rare: how rarely an accept queue refuses requests" }),
  })
  .meta({ title: "recvq result" });

/** JSON Schema (draft 7) of what `recvq run --json` prints. */
export function resultJsonSchema(): object {
  return z.toJSONSchema(resultSchema, { target: "draft-7" });
}
