// The program of a thread that computes points: a whole one, or one replication of it.

import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import {
  type Done,
  LongReplication,
  type PointAnswer,
  type PointTask,
  remembering,
} from "../node/sweep-threads.js";
import { computePoint, scenarioOf, tableOf } from "../run/point.js";
import { type Job, replicate } from "../run/replicate.js";
import { inline } from "../run/replicator.js";
import { ScenarioError } from "../scenario/error.js";

export async function answer(task: PointTask): Promise<PointAnswer> {
  const done: Done = new Map();
  try {
    return task.replication ? await replication(task, task.replication) : await whole(task, done);
  } catch (error) {
    if (error instanceof LongReplication) return { long: done };
    if (error instanceof ScenarioError) return { problems: error.problems };
    if (error instanceof LimitError) return { limit: error.message };
    if (error instanceof SettingError) return { setting: { path: error.path, text: error.text } };
    throw error;
  }
}

async function whole({ point, shares, place, longMs }: PointTask, done: Done): Promise<PointAnswer> {
  let beganMs = performance.now();
  let isLong = false;
  const replicator = (job: Job) => {
    const { width, replicate } = inline(job);
    const timed: typeof replicate = async (...asked) => {
      beganMs = performance.now();
      const found = await replicate(...asked);
      isLong = performance.now() - beganMs >= longMs;
      return found;
    };
    return remembering({ width, replicate: timed }, done, () => isLong);
  };
  const progress = (share: number) => {
    shares[place] = share;
  };
  const result = await computePoint(point, { components, system: queueingSystem, replicator, progress });
  return { result };
}

async function replication(
  { point, shares, place }: PointTask,
  { index, manner, besidesNs }: NonNullable<PointTask["replication"]>,
): Promise<PointAnswer> {
  const { settings } = scenarioOf(point, components);
  const job = { settings, components, seed: settings.run.seed, table: tableOf(point), besidesNs };
  const progress = (share: number) => {
    shares[place] = share;
  };
  return { replication: await replicate(job, index, { progress }, manner) };
}
