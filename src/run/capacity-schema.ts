// The Capacity as a schema: published (capacity.schema.json) and tested on what `recvq capacity` prints.

import * as z from "zod";
import { estimate } from "./result-schema.js";

const finding = z
  .enum(["meets", "fails", "undecided"])
  .meta({ description: "by this value's own replications, with the error that `confidence` leaves" });

const probed = z.strictObject({
  value: z.number().meta({ description: "a second, seconds, bytes, ports or a number, as knob.kind says" }),
  text: z.string().meta({ description: "as a scenario has it" }),
  replications: z.int(),
  finding,
  objectives: z.array(
    z.strictObject({
      estimate: estimate.nullable().meta({ description: "null without requests that it is about" }),
      finding,
      p: z.number().meta({ description: "of an estimate as far on its side if the truth were the limit" }),
    }),
  ),
  utilisation: z.number().meta({ description: "busy worker time of all" }),
  unsteady: z.boolean().meta({ description: "what waits grows as long as the load lasts" }),
});

const end = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  text: z.string(),
  bounded: z.boolean().meta({ description: "false where nothing fails up to the end of the range" }),
  stop: z
    .enum(["bounds", "setting", "memory", "effort"])
    .optional()
    .meta({
      description:
        "why not: the bounds given; the setting takes no more, or there is memory for no more; or it was " +
        "looked far enough where nobody gave bounds",
    }),
  reached: z.boolean().meta({ description: "as precisely as asked for" }),
  method: z
    .enum(["exact", "decided", "interpolated"])
    .optional()
    .meta({ description: "`decided`: the interval is between two values that are each decided for itself" }),
  inside: z.number().meta({ description: "the probed value on the side that meets" }),
  beyond: z.number().optional().meta({ description: "and on the other one" }),
  failing: z.array(z.int()).meta({ description: "objectives that fail beyond it; the first one binds" }),
});

export const capacitySchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    scenario: z.record(z.string(), z.unknown()).meta({ description: "complete with defaults" }),
    source: z.string(),
    seed: z.string(),
    knob: z.strictObject({
      key: z.string().meta({ description: "`rate`, or the setting's key" }),
      kind: z.enum(["rate", "duration", "bytes", "number", "count", "ports"]),
      seek: z.enum(["max", "min"]),
      whole: z.boolean(),
      current: z.number().nullable().meta({ description: "what the scenario has" }),
      from: z.number(),
      to: z.number(),
      from_text: z.string(),
      to_text: z.string(),
      assumed: z.boolean().meta({ description: "nobody said where to look" }),
    }),
    objectives: z.array(
      z.strictObject({
        text: z.string(),
        metric: z.string(),
        op: z.enum(["<", "<=", ">", ">="]),
        limit: z.number(),
        unit: z.enum(["share", "s", "1/s", "1"]),
      }),
    ),
    confidence: z.number(),
    precision: z.number().meta({ description: "half-width of the interval over the answer, as asked for" }),
    status: z.enum(["found", "beyond", "none", "undecided"]).meta({
      description:
        "beyond: the range meets up to its end; none: no value that was tried does; " +
        "undecided: a limit came first",
    }),
    answer: end.nullable(),
    regions: z
      .array(z.strictObject({ from: end, to: end }))
      .meta({ description: "parts of the range that meet all objectives" }),
    causes: z
      .array(
        z.strictObject({
          id: z.string(),
          text: z.string(),
          settings: z.array(z.string()),
          share: z.number().meta({ description: "of all requests" }),
        }),
      )
      .meta({ description: "of failures just beyond the answer" }),
    probes: z.array(probed),
    replications: z.int(),
    bisection_replications: z
      .int()
      .nullable()
      .meta({ description: "what bisection with as many at each value as the answer took would have made" }),
    memory: z
      .strictObject({
        worker_bytes: z.number(),
        total_bytes: z.number().nullable(),
        workers: z.number(),
        needed_bytes: z.number(),
      })
      .optional(),
    warnings: z.array(z.string()),
  })
  .meta({ title: "recvq capacity" });

/** JSON Schema (draft 7) of what `recvq capacity --json` prints. */
export function capacityJsonSchema(): object {
  return z.toJSONSchema(capacitySchema, { target: "draft-7" });
}
