// The program of a thread: replications, one at a time, as they are asked for: of one scenario, or of many.

import { workerData } from "node:worker_threads";
import { components } from "../../models/index.js";
import { SettingError } from "../component/setting-error.js";
import { LimitError } from "../engine/limit-error.js";
import { copies } from "../node/copies.js";
import type { SharedScenario, ThreadAnswer, ThreadData, ThreadTask } from "../node/threads.js";
import type { Replicator } from "../run/replicator.js";
import { loadScenario } from "../scenario/load.js";
import { COPY } from "./programs.js";

// Tinypool puts its own data first.
const { shares, ...own } = workerData[1] as ThreadData;
/** The scenario that was asked for last. */
let last: { key: number; replicator: Replicator } | undefined;
const inThisThread = copies(COPY);

function replicatorOf({ key, scenario, besidesNs, tables }: SharedScenario): Replicator {
  if (last?.key === key) return last.replicator;
  const { settings } = loadScenario("scenario", { components, read: () => JSON.stringify(scenario) });
  const table = (file: string) => {
    const known = tables.get(file);
    if (known === undefined) throw new MissingTable(file);
    return known;
  };
  const job = { settings, components, seed: settings.run.seed, table, besidesNs };
  last = { key, replicator: inThisThread.replicator(job) };
  return last.replicator;
}

class MissingTable extends Error {}

export async function answer({ index, manner, place, of }: ThreadTask): Promise<ThreadAnswer> {
  const progress = (share: number) => {
    shares[place] = share;
  };
  try {
    const { replicate } = replicatorOf(of ?? { ...own, key: 0 });
    return { replication: await replicate(index, manner, progress) };
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
