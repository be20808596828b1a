// The Diagnosis as a schema: published (diagnosis.schema.json) and tested on what `recvq doctor` prints.

import * as z from "zod";

const setting = z.strictObject({
  path: z.string().meta({ description: "as --set takes it" }),
  value: z.unknown().meta({ description: "in the units of the file; null where nothing is set" }),
  place: z
    .strictObject({ file: z.string(), line: z.int().nullable(), column: z.int().nullable() })
    .nullable()
    .meta({ description: "where it is written; an option has no line; null for a default" }),
  default_of: z.string().nullable().meta({ description: "whose default it is; null if it is written" }),
});

const finding = z.strictObject({
  rule: z.string().meta({ description: "one of recvq doctor --rules" }),
  severity: z
    .enum(["error", "warning", "note"])
    .meta({ description: "error: requests fail as it stands; warning: they may; note: good to know" }),
  text: z.string().meta({ description: "a sentence with this scenario's numbers" }),
  settings: z.array(setting).meta({ description: "the settings behind it, the deciding one first" }),
  fix: z.string().meta({ description: "what to set, and what that trades" }),
  source: z
    .string()
    .meta({ description: "manual page, kernel file and symbol, source of nginx or gunicorn" }),
});

const counted = z.int().min(0);

const diagnosisSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "version of this format" }),
    recvq: z.string().meta({ description: "version of recvq" }),
    scenarios: z.array(
      z.strictObject({
        source: z.string().meta({ description: "the name that it was loaded by" }),
        errors: counted,
        warnings: counted,
        notes: counted,
        findings: z.array(finding).meta({ description: "errors first" }),
      }),
    ),
  })
  .meta({ title: "recvq diagnosis" });

/** JSON Schema (draft 7) of what `recvq doctor --json` prints. */
export function diagnosisJsonSchema(): object {
  return z.toJSONSchema(diagnosisSchema, { target: "draft-7" });
}
