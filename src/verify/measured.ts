// measured.json: what nginx logged and what ss showed while a case was measured.

import * as z from "zod";

const record = z.object({
  nginx_error_log: z.record(z.string(), z.number()),
  series: z.object({
    t_s: z.array(z.number()),
    recv_q: z.record(z.string(), z.array(z.number())),
  }),
});

/** Counts of error-log messages; lengths of accept queues over time, by address as ss shows it. */
export type MeasuredRecord = z.output<typeof record>;

/** Throws with the file's name if it is not of this form. */
export function parseMeasured(file: string, text: string): MeasuredRecord {
  const outcome = record.safeParse(JSON.parse(text));
  if (outcome.success) return outcome.data;
  throw new Error(
    `${file}: ${outcome.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
  );
}
