// From the load.json of a measured case to the clients and app sections of a scenario.
//
// Modelled: open loops of constant and Poisson phases, closed loops; service times and processor times that
// are constant, exponential, lognormal or a mixture of these; clients' time-outs; responses without a length.
// What is left out is noted.

import * as z from "zod";
import { durationText } from "../component/units.js";
import { fromSeconds } from "../engine/time.js";
import { type Path, parseJsonAs, placeOf, wrong } from "./json.js";
import type { ImportError, Imported, Note, Source } from "./note.js";
import { note } from "./note.js";

const positive = z.number({ error: "a number" }).gt(0, { error: "a number above 0" });
const natural = z.number({ error: "a number" }).min(0, { error: "a number of at least 0" });
const text = z.string({ error: "a text" });

const phase = z.looseObject({ process: text, rate: positive.optional(), duration_s: positive.optional() });
const closed = z.looseObject(
  {
    concurrency: z.int({ error: "a whole number" }).min(1, { error: "a whole number of at least 1" }),
    think_s: natural,
    duration_s: positive,
    max_requests: z
      .int({ error: "a whole number" })
      .min(1, { error: "a whole number of at least 1" })
      .nullish(),
  },
  { error: "an object" },
);
const loose = z.looseObject({ dist: text }, { error: 'an object with "dist"' });

const load = z.looseObject(
  {
    kind: z.enum(["open", "closed"], { error: '"open" or "closed"' }),
    target: text,
    generator: text.optional(),
    client_timeout_s: positive.nullish(),
    closed: closed.nullish(),
    phases: z.array(phase, { error: "a list of phases" }).min(1, { error: "at least one phase" }).nullish(),
    service: loose.nullish(),
    cpu: loose.nullish(),
    app: z.looseObject({ body_bytes: natural.optional(), content_length: z.boolean().optional() }).nullish(),
  },
  { error: "an object" },
);

type Load = z.output<typeof load>;
type Loose = z.output<typeof loose>;

/** What the recorded generator did; anything else is noted. */
const FRESH = "one fresh connection a request, Connection: close";
/**
 * It shares the processors of the others; what a request of it takes matters where these are scarce.
 * Measured: 0.62-0.74 ms, a client in Python 3.11 (asyncio) that does just that, 20 and 38 requests/s, Linux
 * 6.18, two cores, 2026-11.
 */
const GENERATOR_CPU = "700us";

/** A distribution of the file, with access to its numbers. */
interface Read {
  dist: Loose;
  number(key: string): number;
  /** Writes a part of a mixture; undefined if its distribution is not known. */
  part(dist: Loose, index: number): unknown;
  fail(key: string, expected: string): ImportError;
}

/** How a scenario writes the distributions, by their names in the file. */
const DISTRIBUTIONS: Record<string, (read: Read) => unknown> = {
  constant: ({ number }) => seconds(number("s")),
  exponential: ({ number }) => ({ exponential: seconds(number("mean_s")) }),
  lognormal: ({ number }) => ({ lognormal: { mean: seconds(number("mean_s")), cv: number("cv") } }),
  mixture({ dist, part, fail }) {
    const outcome = z
      .array(loose.extend({ weight: positive }))
      .min(1)
      .safeParse(dist.parts);
    if (!outcome.success) throw fail("parts", 'a list, each with a "weight" above 0 and "dist"');
    const mixture = outcome.data.map((each, index) => ({ weight: each.weight, of: part(each, index) }));
    return mixture.every(({ of }) => of !== undefined) ? { mixture } : undefined;
  },
};

/**
 * Imports the client side of a measured case. With `replay`, the name of a requests file, an open loop sends
 * what that file recorded, with its times of service, in place of the phases; a closed one has its own load.
 * Throws an ImportError with file and line.
 */
export function importLoad(source: Source, options: { replay?: string } = {}): Imported {
  const read = parseLoad(source);
  const notes = leftOut(source, read);
  const sends = read.kind === "closed" ? closedLoop(source, read) : openLoop(source, read, options.replay);
  const timeoutS = read.client_timeout_s;
  const cpu = read.cpu ? distribution(read.cpu, source, ["cpu"], notes) : undefined;
  const clients = {
    target: socketPath(read.target),
    ...(timeoutS && { timeout: seconds(timeoutS) }),
    ...(cpu !== undefined && read.generator === FRESH && { cpu: GENERATOR_CPU }),
    ...sends,
  };
  const sleep = read.service ? distribution(read.service, source, ["service"], notes) : undefined;
  const body = read.app?.body_bytes;
  const app = {
    ...(sleep !== undefined && { sleep }),
    ...(cpu !== undefined && { cpu }),
    ...(body !== undefined && { body: `${body}B` }),
    ...(read.app?.content_length === false && { content_length: false }),
  };
  return { scenario: { clients, app }, notes };
}

/** `unix:@x.sock` stands for a socket in the measured cases' folder. */
function socketPath(target: string): string {
  return target.replace(/^unix:@/, "unix:/run/lab/");
}

/** Its clients draw their service times themselves: which request comes when is up to the system. */
function closedLoop(source: Source, { closed: loop }: Load): object {
  if (!loop) throw wrong(source, ["closed"], 'an object, since "kind" is "closed"', loop);
  const { concurrency, think_s: thinkS, duration_s: durationS, max_requests: requests } = loop;
  const think = seconds(thinkS);
  return { closed: { concurrency, think, for: seconds(durationS), ...(requests && { requests }) } };
}

function openLoop(source: Source, { phases }: Load, replay: string | undefined): object {
  if (replay !== undefined) return { arrivals: [{ process: "trace", file: replay }] };
  if (!phases) throw wrong(source, ["phases"], 'a list of phases, since "kind" is "open"', phases);
  const arrivals = phases.map(({ process, rate, duration_s: durationS }, index) => {
    const path = ["phases", index];
    if (process !== "constant" && process !== "poisson") {
      throw wrong(source, [...path, "process"], '"constant" or "poisson"', process);
    }
    if (rate === undefined) throw wrong(source, [...path, "rate"], "a number above 0", rate);
    if (durationS === undefined) throw wrong(source, [...path, "duration_s"], "a number above 0", durationS);
    return { process, rate: `${rate}/s`, for: seconds(durationS) };
  });
  return { arrivals };
}

function distribution(dist: Loose, source: Source, path: Path, notes: Note[]): unknown {
  const write = Object.hasOwn(DISTRIBUTIONS, dist.dist) ? DISTRIBUTIONS[dist.dist] : undefined;
  if (!write) {
    const text = "this distribution is not read";
    notes.push(note(placeOf(source, path), `${String(path[0])} ${dist.dist}`, "not-modelled", text));
    return undefined;
  }
  return write({
    dist,
    fail: (key, expected) => wrong(source, [...path, key], expected, dist[key]),
    part: (each, index) => distribution(each, source, [...path, "parts", index], notes),
    number(name) {
      const value = dist[name];
      if (typeof value === "number" && value >= 0) return value;
      throw wrong(source, [...path, name], "a number of at least 0", value);
    },
  });
}

function leftOut(source: Source, read: Load): Note[] {
  const notes: Note[] = [];
  const add = (key: string, kind: Note["kind"], text: string) => {
    notes.push(note(placeOf(source, [key]), `${key} ${JSON.stringify(read[key as keyof Load])}`, kind, text));
  };
  if (read.generator !== undefined && read.generator !== FRESH) {
    add("generator", "not-modelled", `clients are taken to send ${FRESH}`);
  }
  return notes;
}

function seconds(s: number): string {
  return durationText(fromSeconds(s));
}

function parseLoad(source: Source): Load {
  return parseJsonAs(load, source);
}
