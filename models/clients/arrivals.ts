// When open-loop clients send: phases that follow each other.
//
// Modelled: constant (request i at i/rate), Poisson, a burst at one instant, a ramp whose rate changes
// linearly, and a trace of recorded times (trace.ts). A phase lasts for a time or for a number of requests.
// Not modelled: closed loops, MMPP, daily profiles.

import * as z from "zod";
import {
  choice,
  count,
  declare,
  duration,
  rate,
  section,
  text,
  withJsonSchema,
} from "../../src/component/settings.js";
import { parseRatePerSecond } from "../../src/component/units.js";
import type { Table } from "../../src/component/world.js";
import { sampler } from "../../src/engine/distribution.js";
import type { Source } from "../../src/engine/random.js";
import { fromSeconds, SECOND } from "../../src/engine/time.js";
import { NO_MORE, NONE, readTrace, traceArrivals } from "./trace.js";

const lasts = {
  for: duration({ help: "how long the phase lasts" }).optional(),
  requests: count({ least: 1, help: "how many requests the phase sends" }).optional(),
};
const eachSecond = rate({ help: "requests a second" });

const RAMP_EXPECTED = 'a rate such as "200/s" or "0/s"';

/** A rate at an end of a ramp, which may be zero. */
function rampRate(help: string) {
  const schema = z.string({ error: RAMP_EXPECTED }).transform((text, context) => {
    const perSecond = parseRatePerSecond(text);
    if (perSecond !== undefined) return perSecond;
    context.addIssue({ code: "custom", message: RAMP_EXPECTED, input: text });
    return z.NEVER;
  });
  const json = () => ({ type: "string", pattern: "^[0-9.]+(e[+-]?[0-9]+)?\\s*/\\s*(s|sec|min|m|h|d)$" });
  return declare(withJsonSchema(schema, json), "rate", { help });
}

function oneEnd(phase: { for?: number | undefined; requests?: number | undefined }): boolean {
  return (phase.for === undefined) !== (phase.requests === undefined);
}
const ONE_END = { error: 'either "for" or "requests"' };

const constant = section(
  { process: z.literal("constant"), rate: eachSecond, ...lasts },
  "request i at i/rate",
);
const poisson = section(
  { process: z.literal("poisson"), rate: eachSecond, ...lasts },
  "independent of each other",
);
const burst = section(
  {
    process: z.literal("burst"),
    requests: count({ least: 1, help: "requests sent at the same instant" }),
    for: duration({ help: "time until the next phase", default: "0s" }),
  },
  "all at one instant",
);
const ramp = section(
  {
    process: z.literal("ramp"),
    from: rampRate("requests a second at the start"),
    to: rampRate("requests a second at the end"),
    for: duration({ help: "how long the phase lasts" }),
    spacing: choice(["even", "poisson"], {
      help: "evenly spaced, or independent of each other",
      default: "even",
    }),
  },
  "the rate changes linearly",
);
const SOMETHING = { path: ["to"], error: "a rate above 0/s at one end at least" };
const trace = section(
  {
    process: z.literal("trace"),
    file: text({
      help: "CSV file with the column sent_s; and service_s, cpu_s if the requests bring these times along",
    }),
  },
  "recorded times",
);

/** One phase of arrivals. */
export const phase = z.discriminatedUnion(
  "process",
  [
    constant.refine(oneEnd, ONE_END),
    poisson.refine(oneEnd, ONE_END),
    burst,
    ramp.refine(({ from, to }) => from + to > 0, SOMETHING),
    trace,
  ],
  { error: 'a phase with a process: "constant", "poisson", "burst", "ramp" or "trace"' },
);

type Phase = z.output<typeof phase>;

/** The requests of a phase, in order. */
export interface Arrivals {
  /** Time of the next request in nanoseconds; negative when there is none. */
  next(): number;
  /**
   * Service time in nanoseconds that the request of the last `next` brings along; negative if it brings none.
   */
  serviceNs(): number;
  /** The same of its processor time. */
  cpuNs(): number;
  /** When the phase is over and the following one starts; asked for after the last request. */
  endNs(): number;
}

/** What phases need: random numbers, asked for only if a phase draws some, and files. */
export interface Supplies {
  source(): Source;
  table(file: string): Table;
  /** The population in messages, `clients.web`; `clients` without it. */
  path?: string;
}

/**
 * Requests that the phases send, on average. Throws a SettingError for a trace that cannot be read. `path` is
 * that of the supplies.
 */
export function expectedRequests(
  phases: readonly Phase[],
  table: (file: string) => Table,
  path?: string,
): number {
  return phases
    .map((one, index) => expectedOf(one, (file) => readTrace(file, table, path, index).sent.length))
    .reduce((sum, requests) => sum + requests, 0);
}

function expectedOf(one: Phase, traced: (file: string) => number): number {
  const seconds = (one.process === "trace" ? 0 : (one.for ?? 0)) / SECOND;
  switch (one.process) {
    case "constant":
    case "poisson":
      return one.requests ?? one.rate * seconds;
    case "burst":
      return one.requests;
    case "ramp":
      return ((one.from + one.to) / 2) * seconds;
    case "trace":
      return traced(one.file);
  }
}

const none = () => NONE;

/** All phases in sequence, from time 0. */
export function arrivals(phases: readonly Phase[], supplies: Supplies): Arrivals {
  let index = 0;
  let current = begin(phases[0] as Phase, 0, supplies, index);
  function next(): number {
    for (;;) {
      const timeNs = current.next();
      if (timeNs !== NO_MORE) return timeNs;
      if (++index >= phases.length) return NO_MORE;
      current = begin(phases[index] as Phase, current.endNs(), supplies, index);
    }
  }
  return {
    next,
    serviceNs: () => current.serviceNs(),
    cpuNs: () => current.cpuNs(),
    endNs: () => current.endNs(),
  };
}

function begin(declared: Phase, startNs: number, supplies: Supplies, index: number): Arrivals {
  switch (declared.process) {
    case "constant":
      return constantArrivals(declared, startNs);
    case "poisson":
      return poissonArrivals(declared, startNs, supplies);
    case "burst":
      return burstArrivals(declared, startNs);
    case "ramp":
      return rampArrivals(declared, startNs, supplies);
    case "trace":
      return traceArrivals(readTrace(declared.file, supplies.table, supplies.path, index), startNs);
  }
}

function constantArrivals(declared: Extract<Phase, { process: "constant" }>, startNs: number): Arrivals {
  const { rate: perSecond, for: lengthNs, requests } = declared;
  // Each time is computed from its number, so that rounding does not add up.
  const offsetNs = (index: number) => fromSeconds(index / perSecond);
  let sent = 0;
  const goesOn = () => (requests === undefined ? offsetNs(sent) < (lengthNs as number) : sent < requests);
  return {
    next: () => (goesOn() ? startNs + offsetNs(sent++) : NO_MORE),
    serviceNs: none,
    cpuNs: none,
    endNs: () => startNs + (lengthNs ?? offsetNs(requests as number)),
  };
}

function poissonArrivals(
  declared: Extract<Phase, { process: "poisson" }>,
  startNs: number,
  supplies: Supplies,
): Arrivals {
  const { rate: perSecond, for: lengthNs, requests } = declared;
  const gapNs = sampler({ kind: "exponential", meanNs: SECOND / perSecond }, supplies.source());
  const lastNs = lengthNs === undefined ? Number.POSITIVE_INFINITY : startNs + lengthNs;
  const most = requests ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  let timeNs = startNs;
  return {
    next() {
      if (sent === most) return NO_MORE;
      timeNs += gapNs();
      if (timeNs >= lastNs) return NO_MORE;
      sent++;
      return timeNs;
    },
    serviceNs: none,
    cpuNs: none,
    endNs: () => (lengthNs === undefined ? timeNs : lastNs),
  };
}

function burstArrivals(
  { requests, for: lengthNs }: Extract<Phase, { process: "burst" }>,
  startNs: number,
): Arrivals {
  let sent = 0;
  return {
    next: () => (sent++ < requests ? startNs : NO_MORE),
    serviceNs: none,
    cpuNs: none,
    endNs: () => startNs + lengthNs,
  };
}

// Up to time t a ramp of length T sends N(t) = from t + (to - from) t^2 / 2T requests (rates in 1/s, times in
// s). Request n is at N(t) = n with even spacing; with Poisson spacing, n is a sum of exponential gaps of
// mean 1.
function rampArrivals(
  declared: Extract<Phase, { process: "ramp" }>,
  startNs: number,
  supplies: Supplies,
): Arrivals {
  const { from, to, for: lengthNs, spacing } = declared;
  const lengthS = lengthNs / SECOND;
  const slope = (to - from) / lengthS;
  const gap =
    spacing === "poisson" ? sampler({ kind: "exponential", meanNs: SECOND }, supplies.source()) : undefined;
  const total = ((from + to) / 2) * lengthS;
  let reached = gap ? gap() / SECOND : 0;
  return {
    next() {
      if (reached >= total) return NO_MORE;
      // The root of the quadratic in the form that stays exact for a slope of 0.
      // The first request is at 0, which the form has as 0/0 when the ramp begins at 0/s; rounding may bring
      // what is under the root of a ramp down to 0/s just below zero.
      const root = Math.sqrt(Math.max(0, from * from + 2 * slope * reached));
      const seconds = reached === 0 ? 0 : (2 * reached) / (from + root);
      reached += gap ? gap() / SECOND : 1;
      return startNs + Math.min(fromSeconds(seconds), lengthNs);
    },
    serviceNs: none,
    cpuNs: none,
    endNs: () => startNs + lengthNs,
  };
}
