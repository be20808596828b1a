// The Check as a schema: published (check.schema.json) and tested on what `recvq check` prints.

import * as z from "zod";
import { difference } from "../run/comparison-schema.js";
import { estimate } from "../run/result-schema.js";

const verdict = z.enum(["passed", "failed", "undecided"]);

const threshold = z.strictObject({
  text: z.string().meta({ description: "as it was written" }),
  metric: z.string(),
  op: z.enum(["<", "<=", ">", ">="]),
  limit: z
    .number()
    .meta({ description: "a share from 0 to 1, seconds, a second, or a number, as unit says" }),
  unit: z.enum(["share", "s", "1/s", "1"]),
  status: verdict,
  estimate: estimate
    .nullable()
    .meta({ description: "with the check's confidence; null without requests that it is about" }),
  p: z.number().nullable().meta({
    description: "of an estimate as far on its side if the truth were the limit; null if nothing is random",
  }),
  replications_needed: z
    .int()
    .nullable()
    .meta({ description: "to decide, if the estimate is right; null if decided, or never" }),
  file: z.string().meta({ description: "where it is written: a file, or an option" }),
  line: z.int().nullable().meta({ description: "an option has none" }),
  column: z.int().nullable(),
});

const culprit = z.strictObject({
  kind: z.enum(["setting", "file", "model"]).meta({
    description: "`model`: another version of recvq gives something else for the baseline's own settings",
  }),
  name: z.string().meta({ description: "as --set takes it; the file's name; recvq" }),
  a: z.unknown().meta({ description: "of a setting: in the baseline; null where it is not set" }),
  b: z.unknown().meta({ description: "and now" }),
  effect: z
    .strictObject({ metric: z.string(), unit: z.enum(["share", "s", "1/s", "1"]), difference: estimate })
    .nullable()
    .meta({ description: "what it changes by itself in the number that changed most clearly" }),
  note: z.string().optional(),
});

const baseline = z.strictObject({
  status: z.enum(["unchanged", "chance", "changed", "new", "updated", "added"]).meta({
    description:
      "`chance`: another run that differs by no more; `new`: it has no baseline; `updated`, `added`: " +
      "changed, new, and the baseline says so from now on",
  }),
  recvq: z.string().nullable().meta({ description: "version of recvq that made the baseline" }),
  replications: z.int().meta({ description: "of both runs" }),
  paired: z.boolean().meta({ description: "both have the same seed" }),
  fingerprint: z.string(),
  was: z.string().nullable().meta({ description: "the baseline's fingerprint" }),
  resolution: z.number().meta({
    description: "half-width of the most uncertain difference of an outcome's share: less may be missed",
  }),
  differences: z.array(difference).meta({ description: "those that are more than chance" }),
  culprits: z.array(culprit),
});

const checkSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    confidence: z.number().meta({ description: "with which each threshold is decided" }),
    status: verdict.meta({ description: "failed if any scenario is, else undecided if any is" }),
    scenarios: z.array(
      z.strictObject({
        source: z.string().meta({ description: "the name that it was loaded by" }),
        seed: z.string(),
        replications: z.int().meta({ description: "0 if it expects nothing, and was not run" }),
        exact: z.boolean().meta({ description: "nothing in it is random" }),
        status: verdict.meta({
          description:
            "failed if any threshold is, or if it differs from its baseline; else undecided if any is",
        }),
        thresholds: z.array(threshold),
        baseline: baseline.nullable().meta({ description: "null if there is none to compare with" }),
        causes: z
          .array(
            z.strictObject({
              id: z.string().meta({ description: "name in metrics: cause.<id>.share" }),
              text: z.string(),
              settings: z.array(z.string()).meta({ description: "the deciding one first" }),
              share: z.number().meta({ description: "of all requests" }),
            }),
          )
          .meta({ description: "what its requests failed for, most frequent first" }),
        warnings: z.array(z.string()),
      }),
    ),
  })
  .meta({ title: "recvq check" });

/** JSON Schema (draft 7) of what `recvq check --json` prints. */
export function checkJsonSchema(): object {
  return z.toJSONSchema(checkSchema, { target: "draft-7" });
}
