// How a user writes arrivals: phases that follow each other, each with a process.
//
// Modelled: constant, Poisson (in batches, too), a burst, a ramp, MMPP, a daily profile, a trace.
// Not modelled: renewal processes with other gaps.

import * as z from "zod";
import {
  byWord,
  choice,
  count,
  declare,
  duration,
  pattern,
  rate,
  section,
  text,
  withJsonSchema,
} from "../../src/component/settings.js";
import { parseRatePerSecond } from "../../src/component/units.js";
import { DAY, MINUTE, SECOND } from "../../src/engine/time.js";

const lasts = {
  for: duration({ help: "how long the phase lasts" }).optional(),
  requests: count({ least: 1, help: "how many requests the phase sends" }).optional(),
};
const AROUND = { percent: 10, isEnvironment: true } as const;
const eachSecond = rate({ help: "requests a second", steps: AROUND });

const RATE_EXPECTED = 'a rate such as "200/s" or "0/s"';

/** A rate that may be zero for a while. */
function anyRate(help: string) {
  const schema = z.string({ error: RATE_EXPECTED }).transform((text, context) => {
    const perSecond = parseRatePerSecond(text);
    if (perSecond !== undefined) return perSecond;
    context.addIssue({ code: "custom", message: RATE_EXPECTED, input: text });
    return z.NEVER;
  });
  const json = () => ({ type: "string", pattern: "^[0-9.]+(e[+-]?[0-9]+)?\\s*/\\s*(s|sec|min|m|h|d)$" });
  return declare(withJsonSchema(schema, json), "rate", { help, steps: AROUND });
}

function oneEnd(phase: { for?: number | undefined; requests?: number | undefined }): boolean {
  return (phase.for === undefined) !== (phase.requests === undefined);
}
const ONE_END = { error: 'either "for" or "requests"' };

const constant = () =>
  section({ process: z.literal("constant"), rate: eachSecond, ...lasts }, "request i at i/rate");
const poisson = () =>
  section(
    {
      process: z.literal("poisson"),
      rate: eachSecond,
      batch: count({
        least: 1,
        help: "requests that are sent together; batches are independent of each other",
        default: 1,
      }),
      ...lasts,
    },
    "independent of each other",
  );
const burst = () =>
  section(
    {
      process: z.literal("burst"),
      requests: count({ least: 1, help: "requests sent at the same instant" }),
      for: duration({ help: "time until the next phase", default: "0s" }),
    },
    "all at one instant",
  );
const ramp = () =>
  section(
    {
      process: z.literal("ramp"),
      from: anyRate("requests a second at the start"),
      to: anyRate("requests a second at the end"),
      for: duration({ help: "how long the phase lasts" }),
      spacing: choice(["even", "poisson"], {
        help: "evenly spaced, or independent of each other",
        default: "even",
      }),
    },
    "the rate changes linearly",
  );
const SOMETHING = { path: ["to"], error: "a rate above 0/s at one end at least" };

const state = () =>
  section({
    rate: anyRate("requests a second in this state"),
    for: duration({ help: "how long a state lasts on average: exponentially distributed" }).pipe(
      z.number().gt(0, { error: "a duration above zero" }),
    ),
  });
const mmpp = () =>
  section(
    {
      process: z.literal("mmpp"),
      states: z
        .array(state(), { error: "a list" })
        .min(1, { error: "a list with at least one state" })
        .meta({ description: "states that follow each other in turn, from the first on" }),
      ...lasts,
    },
    "Poisson arrivals whose rate jumps: a Markov-modulated Poisson process",
  );
const SOME_STATE = { path: ["states"], error: "a rate above 0/s in one state at least" };

const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const CLOCK_EXPECTED = 'a time of day such as "08:30"';
const profile = () =>
  section(
    {
      process: z.literal("profile"),
      rates: z
        .record(
          z.string().regex(CLOCK, { error: CLOCK_EXPECTED }),
          anyRate("requests a second at this time of day"),
          { error: 'rates by the time of day such as { "00:00": 20/s, "12:00": 200/s }' },
        )
        .meta({ description: "rates by the time of day, linear in between and over midnight" }),
      day: duration({
        help: "how long a day lasts: less than 24h makes it pass quicker",
        default: "24h",
      }).pipe(z.number().gte(SECOND, { error: "a duration of at least 1s" })),
      start: pattern({
        expected: CLOCK_EXPECTED,
        form: CLOCK,
        help: "time of day at which the phase starts",
        default: "00:00",
      }),
      spacing: choice(["even", "poisson"], {
        help: "evenly spaced, or independent of each other as visitors are",
        default: "poisson",
      }),
      for: duration({ help: "how long the phase lasts; without `for` and `requests` a day" }).optional(),
      requests: count({ least: 1, help: "how many requests the phase sends" }).optional(),
    },
    "the rate follows the time of day",
  );
const SOME_TIME = { path: ["rates"], error: "a rate above 0/s at one time at least" };
const NOT_BOTH = { path: ["requests"], error: 'no "requests" beside "for"' };

const trace = () =>
  section(
    {
      process: z.literal("trace"),
      file: text({
        help: "CSV file with the column sent_s; service_s and cpu_s if the requests bring their times",
      }),
    },
    "recorded times",
  );

/** One phase of arrivals. */
export const phase = byWord(
  "process",
  {
    constant: () => constant().refine(oneEnd, ONE_END),
    poisson: () => poisson().refine(oneEnd, ONE_END),
    burst,
    ramp: () => ramp().refine(({ from, to }) => from + to > 0, SOMETHING),
    mmpp: () =>
      mmpp()
        .refine(oneEnd, ONE_END)
        .refine(({ states }) => states.some(({ rate }) => rate > 0), SOME_STATE),
    profile: () =>
      profile()
        .refine(({ rates }) => Object.values(rates).some((perSecond) => perSecond > 0), SOME_TIME)
        .refine((one) => one.for === undefined || one.requests === undefined, NOT_BOTH),
    trace,
  },
  'a phase with a process: "constant", "poisson", "burst", "ramp", "mmpp", "profile" or "trace"',
);

export type Phase = z.output<typeof phase>;
export type PhaseOf<P extends Phase["process"]> = Extract<Phase, { process: P }>;

/** Nanoseconds after midnight of a day of 24 hours. */
export function clockNs(time: string): number {
  const [hours, minutes] = time.split(":").map(Number) as [number, number];
  return (60 * hours + minutes) * MINUTE;
}

/** Length of a phase in nanoseconds; undefined for one that ends with its last request. */
export function lengthNs(one: PhaseOf<"mmpp" | "profile">): number | undefined {
  if (one.process === "profile" && one.requests === undefined) return one.for ?? one.day;
  return one.for;
}

/** Requests a second on average while the phase lasts; undefined for a burst and a trace. */
export function meanPerSecond(one: Phase): number | undefined {
  switch (one.process) {
    case "constant":
    case "poisson":
      return one.rate;
    case "ramp":
      return (one.from + one.to) / 2;
    case "mmpp": {
      const total = one.states.reduce((sum, state) => sum + state.for, 0);
      return one.states.reduce((sum, state) => sum + state.rate * state.for, 0) / total;
    }
    case "profile": {
      const knots = knotsOf(one);
      const areas = knots.map(({ atNs, perSecond }, index) => {
        const next = knots[index + 1] ?? { ...(knots[0] as Knot), atNs: (knots[0] as Knot).atNs + DAY };
        return ((perSecond + next.perSecond) / 2) * (next.atNs - atNs);
      });
      return areas.reduce((sum, area) => sum + area, 0) / DAY;
    }
    default:
      return undefined;
  }
}

/** The rate at a time of day, in nanoseconds of a day of 24 hours. */
export interface Knot {
  atNs: number;
  perSecond: number;
}

/** The given rates of a profile in the order of the day. */
export function knotsOf({ rates }: PhaseOf<"profile">): Knot[] {
  return Object.entries(rates)
    .map(([time, perSecond]) => ({ atNs: clockNs(time), perSecond }))
    .sort((one, other) => one.atNs - other.atNs);
}
