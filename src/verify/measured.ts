// measured.json: what nginx logged, what the kernel counted and what ss showed while a case was measured.

import * as z from "zod";
import { parseJsonAs } from "../import/json.js";

const number = z.number({ error: "a number" });
const numbers = z.array(number, { error: "a list of numbers" });
const counts = z.record(z.string(), number, { error: "counts by name" });

const record = z.object(
  {
    nginx_error_log: counts,
    netstat: counts.optional(),
    series: z.object(
      {
        t_s: numbers,
        time_wait: numbers.optional(),
        recv_q: z.record(z.string(), numbers, { error: "lists of numbers by address" }),
      },
      { error: "series over time" },
    ),
  },
  { error: "an object" },
);

/**
 * Counts of error-log messages; the kernel's counters as nstat names them; sockets in TIME_WAIT and lengths
 * of accept queues over time, these by address as ss shows it.
 */
export type MeasuredRecord = z.output<typeof record>;

/** Throws an ImportError if it is no JSON or not of this form. */
export function parseMeasured(file: string, text: string): MeasuredRecord {
  return parseJsonAs(record, { file, text });
}
