// The program of a thread that computes whole points, one at a time, as they are asked for.

import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import type { Answer } from "../node/point-protocol.js";
import { computePoint, type Point } from "../run/point.js";
import { ScenarioError } from "../scenario/error.js";

/** The classes of errors do not get from one thread to another. */
export async function answer(point: Point): Promise<Answer> {
  try {
    return { result: await computePoint(point, { components, system: queueingSystem }) };
  } catch (error) {
    if (error instanceof ScenarioError) return { problems: [...error.problems] };
    throw error;
  }
}
