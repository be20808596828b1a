// The program of a thread: replications of one scenario, one at a time, as they are asked for.

import { workerData } from "node:worker_threads";
import { components } from "../../models/index.js";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import type { ThreadAnswer, ThreadData, ThreadTask } from "../node/threads.js";
import { replicate } from "../run/replicate.js";
import { loadScenario } from "../scenario/load.js";

// Tinypool puts its own data first.
const { scenario, besidesNs, tables, shares } = workerData[1] as ThreadData;
const { settings } = loadScenario("scenario", { components, read: () => JSON.stringify(scenario) });
const table = (file: string) => {
  const known = tables.get(file);
  if (known === undefined) throw new Error(`${file}: only a later replication asks for it`);
  return known;
};
const job = { settings, components, seed: settings.run.seed, table, besidesNs };

export async function answer({ index, manner, place }: ThreadTask): Promise<ThreadAnswer> {
  const progress = (share: number) => {
    shares[place] = share;
  };
  try {
    return { replication: await replicate(job, index, { progress }, manner) };
  } catch (error) {
    if (error instanceof LimitError) return { limit: error.message };
    if (error instanceof SettingError) return { setting: { path: error.path, text: error.text } };
    throw error;
  }
}
