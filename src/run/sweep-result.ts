// A sweep as plain JSON: which points there were, what became of each, and the metrics that were asked for.

import * as z from "zod";
import type { Knob } from "../scenario/knob-values.js";
import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import { METRIC_EXPECTED, unitOf, unknownCause } from "./metrics.js";
import { outsideProblem } from "./outside.js";
import { changeSchema } from "./point.js";
import type { PointError } from "./point-error.js";
import { pointResultSchema } from "./point-result.js";
import { metricOfSwept, type SweptPoint } from "./sweep.js";
import type { SweepPlan } from "./sweep-points.js";

const number = z.number().nullable();

export const sweepSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    source: z.string(),
    seed: z.string().meta({ description: "of all points, so that neighbours can be compared" }),
    scenario: z
      .record(z.string(), z.unknown())
      .meta({ description: "before any knob is turned, complete with defaults" }),
    knobs: z.array(
      z.strictObject({
        name: z.string().meta({ description: "a setting, `rate` or `overlay`" }),
        values: z.array(changeSchema.shape.value),
        ordered: z.boolean().meta({ description: "numbers or quantities" }),
      }),
    ),
    lhs: z.int().optional().meta({ description: "points of a Latin hypercube; without it all of the grid" }),
    metrics: z.array(z.strictObject({ name: z.string(), unit: z.enum(["share", "s", "1/s", "1"]) })),
    points: z.array(
      z.strictObject({
        id: z
          .string()
          .meta({ description: "hash of version, scenario and files: the same for the same result" }),
        changes: z.array(changeSchema).meta({ description: "where each knob stands" }),
        metrics: z
          .record(z.string(), z.strictObject({ value: number, low: number, high: number }))
          .meta({ description: "with 95 % intervals; null for what is not known" }),
        result: pointResultSchema.optional(),
        failed: z.string().optional().meta({ description: "why there is no result" }),
        blame: z
          .enum(["bug", "machine"])
          .optional()
          .meta({ description: "the point itself is in order; the same command tries it again" }),
      }),
    ),
  })
  .meta({ title: "recvq sweep" });

export type Sweep = z.infer<typeof sweepSchema>;

/** What a sweep tells about each point, unless others are asked for. */
const SWEEP_METRICS = ["failure.share", "success.latency.p99", "accept_queue.max"];

/** The metrics of these names with their units. Throws a ScenarioError for what is none. */
export function sweepMetrics(names: readonly string[]): Sweep["metrics"] {
  const wanted = names.length > 0 ? [...new Set(names)] : SWEEP_METRICS;
  return wanted.map((name) => {
    const unit = unitOf(name);
    if (unit === undefined)
      throw outsideProblem(`--metric ${name}`, "", `expected ${METRIC_EXPECTED}, got "${name}"`);
    return { name, unit };
  });
}

/** Throws a ScenarioError for a metric of a cause that no point has. */
export function checkCauses(metrics: Sweep["metrics"], causes: Iterable<string>): void {
  const known = [...causes];
  for (const { name } of metrics) {
    const cause = unknownCause(name, known);
    if (cause === undefined) continue;
    const text = `expected a cause of these points (${known.join(", ")}), got "${cause}"`;
    throw outsideProblem(`--metric ${name}`, "", text);
  }
}

/** All of a sweep, put together. */
export function sweepResult(
  base: Scenario,
  { knobs, lhs }: SweepPlan,
  metrics: Sweep["metrics"],
  swept: readonly SweptPoint[],
): Sweep {
  return {
    version: 1,
    recvq: version,
    source: base.source,
    seed: base.settings.run.seed,
    scenario: base.resolved,
    knobs: knobs.map(({ name, values, ordered }: Knob) => ({ name, values, ordered })),
    ...(lhs !== undefined && { lhs }),
    metrics,
    points: swept.map((one) => {
      const { id, changes } = one.point;
      const told = metrics.map(({ name }) => [name, finite(metricOfSwept(one, name))] as const);
      const outcome = "result" in one ? { result: one.result } : failureOf(one);
      return { id, changes, metrics: Object.fromEntries(told), ...outcome };
    }),
  };
}

function failureOf({ failed, blame }: { failed: string; blame?: PointError["blame"] }) {
  return { failed, ...(blame && { blame }) };
}

type Told = Sweep["points"][number]["metrics"][string];

function finite({ value, low, high }: { value: number; low: number; high: number }): Told {
  const known = (number: number) => (Number.isFinite(number) ? number : null);
  return { value: known(value), low: known(low), high: known(high) };
}

/** JSON Schema (draft 7) of what `recvq sweep --json` prints. */
export function sweepJsonSchema(): object {
  return z.toJSONSchema(sweepSchema, { target: "draft-7" });
}
