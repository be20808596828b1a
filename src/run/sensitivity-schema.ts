// The Sensitivity as a schema: published (sensitivity.schema.json) and tested on what `recvq sensitivity`
// prints.

import * as z from "zod";
import { changedSettings, difference } from "./comparison-schema.js";
import { estimate, resultSchema } from "./result-schema.js";

const step = z.strictObject({
  settings: changedSettings.meta({ description: "what differs from the base, complete with defaults" }),
  same: z.boolean().meta({ description: "not one request ended otherwise than in the base" }),
  bound_by: z.string().nullable().meta({ description: "the setting that decides instead of this one" }),
  effect: difference.meta({ description: "of the metric; p_holm is corrected for all steps" }),
  differences: z.array(difference).meta({ description: "corrected for all numbers of all steps" }),
});

const tested = {
  difference: estimate,
  p: z.number().meta({ description: "of no difference, of this one alone" }),
  p_holm: z.number().meta({ description: "after Holm's correction for all knobs" }),
};

const mainEffect = z.strictObject({
  ...tested,
  low: z.array(z.string()).meta({ description: "settings of the low level; none is the base" }),
  high: z.array(z.string()),
  significant: z.boolean(),
  same: z.boolean().meta({ description: "not one request ended otherwise at any of the points" }),
  least: z.number().meta({ description: "the smallest effect at a point" }),
  most: z.number().meta({ description: "the largest" }),
  alone: estimate.meta({ description: "high less low with all others as in the base" }),
  interaction: z.strictObject({
    ...tested,
    flagged: z.boolean().meta({ description: "more than chance, and 5 % or more of the largest effect" }),
  }),
});

const knob = z.strictObject({
  paths: z.array(z.string()).meta({ description: "as --set has them; several are turned together" }),
  role: z.enum(["knob", "environment"]),
  values: z.array(z.unknown()).meta({ description: "in the base; null where none is written" }),
  binds: z.boolean().meta({ description: "a limit of the base's Result names it" }),
  steps: z.array(step),
  main_effect: mainEffect.nullable().meta({ description: "on average over the levels of all other knobs" }),
});

export const sensitivitySchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    seed: z.string(),
    replications: z.int().min(1).meta({ description: "pairs of each step; 1 if nothing is random" }),
    metric: z.string().meta({ description: "as in run.until" }),
    unit: z.enum(["share", "s", "1/s", "1"]),
    value: estimate.nullable().meta({ description: "of the metric in the base" }),
    knobs: z.array(knob).meta({ description: "those with the largest effects first" }),
    screening: z
      .strictObject({ factors: z.int(), points: z.int(), runs: z.int(), replications: z.int() })
      .nullable()
      .meta({ description: "elementary effects at points of all knobs" }),
    no_screening: z.string().nullable().meta({ description: "why there is none" }),
    left_out: z.array(z.strictObject({ settings: z.array(z.string()), why: z.string() })),
    base: resultSchema,
    warnings: z.array(z.string()),
  })
  .meta({ title: "recvq sensitivity" });

/** JSON Schema (draft 7) of what `recvq sensitivity --json` prints. */
export function sensitivityJsonSchema(): object {
  return z.toJSONSchema(sensitivitySchema, { target: "draft-7" });
}
