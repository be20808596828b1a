// What travels between a sweep and its workers: points as plain JSON one way, answers the other. Nothing of
// it is trusted on either side, and nothing of it is evaluated.

import * as z from "zod";
import { outsideProblems } from "../run/outside.js";
import { changesText, type Point, parsePoint } from "../run/point.js";
import { PointError } from "../run/point-error.js";
import { type PointResult, parsePointResult } from "../run/point-result.js";
import { type Problem, ScenarioError } from "../scenario/error.js";
import { version } from "../version.js";

/** Changes with the form of what travels. */
const PROTOCOL = 1;

/** Of all keys in Redis. */
export const PREFIX = "recvq";

/**
 * A worker of another version would give other results: it serves another queue, and meets no point of this.
 */
export const QUEUE = `points-${version}-${PROTOCOL}`;

/**
 * A point larger than this is refused: Redis holds each in memory, and a worker keeps as many as it has
 * threads.
 */
export const MOST_BYTES = 32 * 2 ** 20;

/** A point that takes down as many workers is taken for the reason. */
export const MOST_DEATHS = 3;

/** What BullMQ says of a point whose workers died. */
export const DIED = "job stalled more than allowable limit";

/** So begins what a worker says of a point that had too little memory. */
export const NO_MEMORY = "a thread had too little memory";

/** What became of a point: its result, or what is wrong with its scenario. */
export type Answer = { result: PointResult } | { problems: Problem[] };

/** The point as it travels: without what its result does not depend on. */
export function sent(point: Point): Point {
  return { ...point, changes: [] };
}

/** The name that an error of such a point begins with. */
const nameOf = (id: string) => `point ${id}`;

/** Throws a ScenarioError for what is no point, or not the one of this id. */
export function received(input: unknown, id: string): Point {
  const point = parsePoint(input, nameOf(id));
  if (point.id === id) return point;
  throw new ScenarioError([{ file: nameOf(id), path: "id", text: `expected ${id}, got ${point.id}` }]);
}

const answerSchema = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({
    problems: z.array(
      z.strictObject({
        file: z.string(),
        line: z.int().optional(),
        column: z.int().optional(),
        path: z.string(),
        text: z.string(),
      }),
    ),
  }),
]);

/**
 * The result of a point from a worker's answer. Throws a ScenarioError where the point has one, in the words
 * of a run at home, and a PointError for what is no answer.
 */
export function resultOf(input: unknown, point: Point): PointResult {
  const name = `the answer of a worker to point ${point.id}`;
  const { data, error } = answerSchema.safeParse(input);
  if (error) throw new PointError("bug", outsideProblems(error, input, name).message);
  if ("problems" in data) throw new ScenarioError((data.problems as Problem[]).map(renamed(point)));
  try {
    return parsePointResult(data.result, name, point.id);
  } catch (error) {
    throw error instanceof ScenarioError ? new PointError("bug", error.message) : error;
  }
}

function renamed({ id, changes }: Point): (problem: Problem) => Problem {
  const isNamed = changes.length > 0;
  return (problem) =>
    isNamed && problem.file === nameOf(id) ? { ...problem, file: changesText(changes) } : problem;
}
