// The Comparison as a schema: published (comparison.schema.json) and tested on what `recvq compare` prints.

import * as z from "zod";
import { estimate, resultSchema } from "./result-schema.js";

export const changedSettings = z.array(z.strictObject({ path: z.string(), a: z.unknown(), b: z.unknown() }));

export const difference = z.strictObject({
  metric: z.string().meta({ description: "as in run.until; of levels their name with .max or .mean" }),
  kind: z.enum(["outcome", "cause", "latency", "throughput", "work", "level"]),
  unit: z.enum(["share", "s", "1/s", "1"]),
  a: estimate.nullable().meta({ description: "null where the scenario has no such thing" }),
  b: estimate.nullable(),
  difference: estimate.nullable().meta({ description: "B - A with its own 95 % interval" }),
  relative: z.number().nullable().meta({ description: "difference over A; null if that is 0" }),
  method: z
    .enum(["exact", "t", "gained and lost", "none"])
    .meta({ description: "where the interval comes from; `gained and lost` for shares with few events" }),
  pairs: z.int(),
  p: z.number().nullable().meta({ description: "of no difference, of this number alone" }),
  p_holm: z.number().nullable().meta({ description: "after Holm's correction for all numbers" }),
  finding: z
    .enum(["better", "worse", "more", "less", "same", "undecided"])
    .meta({ description: "more than chance if p_holm is at most 0.05; `same` if no pair differs" }),
  replications_needed: z.number().nullable().meta({
    description: "to decide, if the difference is real; null if decided, or more than a million",
  }),
  variance_ratio: z
    .number()
    .nullable()
    .meta({ description: "variance of the difference over that of independent runs" }),
});

export const comparisonSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    seed: z.string(),
    replications: z.int().min(1).meta({ description: "pairs; 1 if nothing is random" }),
    settings: changedSettings.meta({
      description: "what differs, complete with defaults; null where one has none",
    }),
    differences: z.array(difference),
    variance_ratio: z.number().nullable().meta({ description: "median of the differences' ratios" }),
    a: resultSchema,
    b: resultSchema,
    warnings: z.array(z.string()),
  })
  .meta({ title: "recvq comparison" });

/** JSON Schema (draft 7) of what `recvq compare --json` prints. */
export function comparisonJsonSchema(): object {
  return z.toJSONSchema(comparisonSchema, { target: "draft-7" });
}
