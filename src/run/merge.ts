// A sweep in parts: which points are in which, and how the parts come together again.

import * as z from "zod";
import { ScenarioError } from "../scenario/error.js";
import { version } from "../version.js";
import { brief, outsideProblem, outsideProblems } from "./outside.js";
import { sweepId } from "./sweep-points.js";
import { type Sweep, sweepSchema } from "./sweep-result.js";

/** The share of number `index`, from 1, of `count`. */
export interface Shard {
  index: number;
  count: number;
}

const partSchema = sweepSchema.extend({
  part: z.strictObject({
    index: z.int().min(1),
    count: z.int().min(1),
    points: z.int().min(0).meta({ description: "of all parts together" }),
    sweep: z.string().meta({ description: "hash over the ids of all points, in their order" }),
  }),
});

export type SweepPart = z.infer<typeof partSchema>;

/** Every `count`th point: neighbours take about as long as each other, so that the shares do too. */
export function partOf<Point>(points: readonly Point[], { index, count }: Shard): Point[] {
  return points.filter((_, place) => place % count === index - 1);
}

/** Says of a sweep over a share of these points which part it is. */
export function sweepPart(sweep: Sweep, shard: Shard, all: readonly { id: string }[]): SweepPart {
  return { ...sweep, part: { ...shard, points: all.length, sweep: sweepId(all) } };
}

/** A part from its file. Throws a ScenarioError. */
export function parsePart(text: string, file: string): SweepPart {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    const why = (error as Error).message.replace(/\s+/g, " ");
    throw outsideProblem(
      file,
      "",
      `expected a part of a sweep as JSON, whole, got text that is none: ${why}`,
    );
  }
  const { error } = partSchema.safeParse(input);
  if (error && isForeign(input)) {
    const text = `expected a part of a sweep, as recvq sweep --shard writes it, got ${gotOf(input)}`;
    throw outsideProblem(file, "", text);
  }
  if (error) throw outsideProblems(error, input, file);
  const part = input as SweepPart;
  if (part.recvq === version) return part;
  throw outsideProblem(file, "recvq", `expected a part by recvq ${version}, got one by ${part.recvq}`);
}

/** What makes a part is not there: what else is missing, or too much, says nothing. */
function isForeign(input: unknown): boolean {
  const { part } = (input ?? {}) as { part?: unknown };
  return typeof part !== "object" || part === null;
}

const MOST_KEYS = 3;

function gotOf(input: unknown): string {
  if (sweepSchema.safeParse(input).success) return "a whole sweep";
  if (typeof input !== "object" || input === null || Array.isArray(input)) return brief(input);
  const keys = Object.keys(input);
  const told = keys.slice(0, MOST_KEYS).map(brief).join(", ");
  return keys.length === 0 ? "{}" : `an object with ${told}${keys.length > MOST_KEYS ? " …" : ""}`;
}

/**
 * The sweep whose parts these are, with the bytes of one that was not cut up. Throws a ScenarioError that
 * tells which parts are missing, twice there, or of another sweep.
 */
export function mergedParts(parts: readonly { file: string; part: SweepPart }[]): Sweep {
  const [first] = parts as [(typeof parts)[number]];
  const { count, points: total, sweep } = first.part.part;
  const places = new Map<number, { file: string; part: SweepPart }>();
  for (const one of parts) {
    const different = differenceOf(one.part, first.part);
    if (different !== undefined) {
      throw outsideProblem(one.file, different, `is not as in ${first.file}: they are parts of two sweeps`);
    }
    const { index } = one.part.part;
    const other = places.get(index);
    if (other) {
      throw outsideProblem(one.file, "part.index", `is part ${index} of ${count}, and so is ${other.file}`);
    }
    places.set(index, one);
  }
  const numbers = Array.from({ length: count }, (_, place) => place + 1);
  const missing = numbers.filter((index) => !places.has(index));
  if (missing.length > 0) throw lacking(missing, count);
  const points = Array.from({ length: total }, (_, place) => {
    const { file, part } = places.get((place % count) + 1) as (typeof parts)[number];
    const point = part.points[Math.floor(place / count)];
    if (!point) throw outsideProblem(file, "points", `expected more of them, got ${part.points.length}`);
    return point;
  });
  if (sweepId(points) !== sweep) {
    throw outsideProblem(first.file, "part.sweep", "is not the hash of the points that the parts have");
  }
  const { part: _, points: __, ...header } = first.part;
  return { ...header, points };
}

/** What two parts of one sweep have in common, and these have not. */
function differenceOf(one: SweepPart, other: SweepPart): string | undefined {
  const common = ({ points: _, part, ...header }: SweepPart): [string, unknown][] => [
    ...Object.entries(header),
    ...Object.entries({ ...part, index: 0 }).map(([key, value]): [string, unknown] => [`part.${key}`, value]),
  ];
  const [own, others] = [new Map(common(one)), new Map(common(other))];
  const keys = [...new Set([...own.keys(), ...others.keys()])];
  return keys.find((key) => JSON.stringify(own.get(key)) !== JSON.stringify(others.get(key)));
}

const MOST_TOLD = 20;

function lacking(missing: readonly number[], count: number): ScenarioError {
  const told = missing.slice(0, MOST_TOLD).join(", ");
  const more = missing.length > MOST_TOLD ? ` and ${missing.length - MOST_TOLD} more` : "";
  const text = `of ${count} parts number ${told}${more} ${missing.length === 1 ? "is" : "are"} missing`;
  return new ScenarioError([{ file: "recvq merge", path: "", text }]);
}
