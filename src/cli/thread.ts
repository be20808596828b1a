// The program of a thread: replications, one at a time, as they are asked for: of one scenario, or of many.

import { workerData } from "node:worker_threads";
import { components } from "../../models/index.js";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import type { SharedScenario, ThreadAnswer, ThreadData, ThreadTask } from "../node/threads.js";
import { type Job, replicate } from "../run/replicate.js";
import { Worlds } from "../run/worlds.js";
import { loadScenario } from "../scenario/load.js";

// Tinypool puts its own data first.
const { shares, ...own } = workerData[1] as ThreadData;
/** The scenario that was asked for last. */
let last: { key: number; job: Job; worlds: Worlds } | undefined;

function jobOf({ key, scenario, besidesNs, tables }: SharedScenario): { job: Job; worlds: Worlds } {
  if (last?.key === key) return last;
  const { settings } = loadScenario("scenario", { components, read: () => JSON.stringify(scenario) });
  const table = (file: string) => {
    const known = tables.get(file);
    if (known === undefined) throw new MissingTable(file);
    return known;
  };
  const job = { settings, components, seed: settings.run.seed, table, besidesNs };
  last = { key, job, worlds: new Worlds(job) };
  return last;
}

class MissingTable extends Error {}

export async function answer({ index, manner, place, of }: ThreadTask): Promise<ThreadAnswer> {
  const progress = (share: number) => {
    shares[place] = share;
  };
  try {
    const { job, worlds } = jobOf(of ?? { ...own, key: 0 });
    return { replication: await replicate(job, index, { progress }, manner, worlds) };
  } catch (error) {
    if (error instanceof LimitError) return { limit: error.message };
    if (error instanceof MissingTable) {
      last = undefined;
      return { missing: error.message };
    }
    if (error instanceof SettingError) return { setting: { path: error.path, text: error.text } };
    throw error;
  }
}
