// How a scenario is run: the section that no component declares.

import * as z from "zod";
import { count, section } from "../component/settings.js";

const SEED_EXPECTED = `a whole number up to ${Number.MAX_SAFE_INTEGER} or a text`;

const seed = z
  .union([z.int({ error: SEED_EXPECTED }), z.string().min(1, { error: SEED_EXPECTED })], {
    error: SEED_EXPECTED,
  })
  .transform(String)
  .prefault(1)
  .meta({ description: "All random numbers follow from it: the same seed gives the same result." });

/** The seed is kept as text: `1` and `"1"` are the same seed. */
export const runSettings = section(
  {
    seed,
    replications: count({
      help: "Independent repetitions, each with random numbers of its own; their spread gives the ±.",
      default: 20,
      least: 1,
      most: 1_000_000,
    }),
  },
  "How often the scenario is run, and with which random numbers.",
);

export type RunSettings = z.output<typeof runSettings>;
