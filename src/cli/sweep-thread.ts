// The program of a thread that computes points: a whole one, or one replication of it.

import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import { copies } from "../node/copies.js";
import {
  type Done,
  LongReplication,
  type PointAnswer,
  type PointTask,
  remembering,
  timing,
} from "../node/sweep-threads.js";
import { computePoint, scenarioOf, tableOf } from "../run/point.js";
import type { Job } from "../run/replicate.js";
import type { Replicator } from "../run/replicator.js";
import { ScenarioError } from "../scenario/error.js";
import { COPY } from "./programs.js";

const inThisThread = copies(COPY);
/** Whoever computes the replications of the point that was taken apart last. */
let last: { key: string; replicator: Replicator } | undefined;

export async function answer(task: PointTask): Promise<PointAnswer> {
  const done: Done = new Map();
  const timed = timing();
  const computed = (job: Job) => timed.replicator(inThisThread.replicator(job));
  const progress = (share: number) => {
    task.shares[task.place] = share;
  };
  try {
    if (task.replication) {
      const { index, manner, besidesNs } = task.replication;
      const { point } = task;
      const key = JSON.stringify([point.id, besidesNs]);
      if (last?.key !== key) {
        const { settings } = scenarioOf(point, components);
        const job = { settings, components, seed: settings.run.seed, table: tableOf(point), besidesNs };
        last = { key, replicator: inThisThread.replicator(job) };
      }
      const replication = await timed.replicator(last.replicator).replicate(index, manner, progress);
      return { replication, ...timed.took };
    }
    const isLong = () => timed.took.longestMs >= task.longMs;
    const result = await computePoint(task.point, {
      ...{ components, system: queueingSystem, progress },
      replicator: (job) => remembering(computed(job), done, isLong),
    });
    return { result, ...timed.took };
  } catch (error) {
    if (error instanceof LongReplication) return { long: done, ...timed.took };
    if (error instanceof ScenarioError) return { problems: error.problems };
    if (error instanceof LimitError) return { limit: error.message };
    if (error instanceof SettingError) return { setting: { path: error.path, text: error.text } };
    throw error;
  }
}
