// How a scenario is run: the section that no component declares.

import * as z from "zod";
import {
  count,
  declare,
  delegate,
  duration,
  fragment,
  number,
  section,
  text,
  withJsonSchema,
} from "../component/settings.js";

const SEED_EXPECTED = `a whole number up to ${Number.MAX_SAFE_INTEGER} or a text`;

const seed = z
  .union([z.int({ error: SEED_EXPECTED }), z.string().min(1, { error: SEED_EXPECTED })], {
    error: SEED_EXPECTED,
  })
  .transform(String)
  .prefault(1)
  .meta({ description: "All random numbers follow from it: the same seed gives the same result." });

const given = duration({ help: "Time from the start of each replication." });

const until = section(
  {
    metric: text({ help: "What has to be known: 502.share, 200.latency.p99, accept_queue.max, ..." }),
    relative_error: number({
      help: "Half-width of its interval over its estimate: 0.05 is +- 5 %.",
      above: 0,
      most: 1,
    }),
    confidence: number({ help: "Of the interval.", default: 0.95, above: 0, most: 0.9999 }),
  },
  "Replications, not batches, are made until a metric is known well enough.",
);

/** The seed is kept as text: `1` and `"1"` are the same seed. */
export const runSettings = section(
  {
    seed,
    replications: count({
      help:
        "Independent repetitions, each with random numbers of its own; their spread gives the ±. " +
        "That of a single one of a stationary load that lasts comes from batches of it.",
      default: 20,
      least: 1,
      most: 1_000_000,
    }),
    until: until.optional(),
    max_replications: count({
      help: "With `until`: the most that are made, 2 at least; `replications` is the least.",
      default: 10_000,
      least: 1,
      most: 1_000_000,
    }),
    warmup: declare(
      withJsonSchema(
        z
          .unknown()
          .transform((input, context) =>
            input === "auto" ? ("auto" as const) : delegate(given, input, context),
          ),
        () => ({ anyOf: [{ const: "auto" }, fragment(given)] }),
      ),
      undefined,
      {
        help: "What of each replication does not count: a duration, or auto: found for a load that lasts.",
        default: "auto",
      },
    ) as z.ZodType as z.ZodType<"auto" | number>,
    time_limit: duration({
      help: "Wall-clock time after which no replication is begun; the result is incomplete then.",
    }).optional(),
  },
  "How often the scenario is run, and with which random numbers.",
);

export type RunSettings = z.output<typeof runSettings>;
