// Which setting, file or version of the model changed a prediction.
//
// The baseline's own settings are run again. If they give what they gave, the model is what it was; if not,
// the model did its part. Each setting that differs is then changed by itself.

import { changesBetween, type SettingChange } from "../run/changed-settings.js";
import { comparedNumbers, type Ran } from "../run/compared.js";
import { rowOf } from "../run/differences.js";
import { ScenarioError } from "../scenario/error.js";
import type { BaselineEntry } from "./baseline.js";
import type { Culprit } from "./check-result.js";

/** More settings than these are told, but not run one by one. */
const MOST_ALONE = 10;

export interface Rerun {
  ran: Ran;
  fingerprint: string;
}

export interface Attributing {
  was: BaselineEntry;
  ranThen: Ran;
  /** The settings of now, as the baseline keeps them. */
  settings: Record<string, unknown>;
  /** Names of files whose contents are not what they were. */
  files: readonly string[];
  /** The number that says most clearly that something has changed. */
  metric: string;
  /** Pairs of replications that effects are measured by; as many as the baseline has, or more. */
  replications: number;
  /** Runs the scenario so often with these settings, and with the seed of the baseline. */
  rerun(settings: Record<string, unknown>, replications: number): Promise<Rerun>;
}

/** In the order: model, files, settings. What a scenario of now refuses is said so by `note`. */
export async function attributed(attributing: Attributing): Promise<Culprit[]> {
  const { was, settings, files, ranThen } = attributing;
  const changes = changesBetween(was.scenario, settings);
  const ofFiles = files.map((name): Culprit => ({ kind: "file", name, a: null, b: null, effect: null }));
  const before = await refusedOr(() => attributing.rerun(was.scenario, was.replications));
  if (typeof before === "string") {
    return [{ ...MODEL, note: `its settings are refused now: ${before}` }, ...ofFiles, ...named(changes)];
  }
  const isModelSame = before.fingerprint === was.fingerprint;
  // Files are read as they are now: what they did cannot be told from what the model did.
  const isModel = !isModelSame && files.length === 0;
  const model: Culprit[] = isModel ? [{ ...MODEL, effect: effectOf(attributing, ranThen, before.ran) }] : [];
  const effects = ofFiles.map((one) => ({ ...one, effect: effectOf(attributing, ranThen, before.ran) }));
  return [...model, ...effects, ...(await alone(changes, before.ran, attributing))];
}

const MODEL: Culprit = { kind: "model", name: "recvq", a: null, b: null, effect: null };

/** Each change by itself. */
async function alone(
  changes: readonly SettingChange[],
  before: Ran,
  attributing: Attributing,
): Promise<Culprit[]> {
  const { was, replications, rerun } = attributing;
  if (changes.length === 0 || changes.length > MOST_ALONE) return named(changes);
  // As often as the changes are run.
  const base = replications > was.replications ? (await rerun(was.scenario, replications)).ran : before;
  const culprits: Culprit[] = [];
  for (const change of changes) {
    const [culprit] = named([change]) as [Culprit];
    const run = await refusedOr(() => rerun(withChange(was.scenario, change), replications));
    culprits.push(
      typeof run === "string"
        ? { ...culprit, note: "refused by itself" }
        : { ...culprit, effect: effectOf(attributing, base, run.ran) },
    );
  }
  return culprits;
}

function named(changes: readonly SettingChange[]): Culprit[] {
  return changes.map(({ path, a, b }) => {
    return { kind: "setting", name: path.join("."), a: a ?? null, b: b ?? null, effect: null };
  });
}

/** A run, or why a scenario of now refuses the settings. */
export async function refusedOr(run: () => Promise<Rerun>): Promise<Rerun | string> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems[0]?.text ?? error.message;
  }
}

/** By how much the metric differs, with the same random numbers; undefined numbers have no effect. */
function effectOf({ metric }: Attributing, a: Ran, b: Ran): Culprit["effect"] {
  const compared = comparedNumbers(a, b).find((one) => one.metric === metric);
  if (!compared) return null;
  const isExact = a.deterministic && b.deterministic;
  const pairs = Math.max(...[a, b].map(({ numbers }) => numbers.of("sent").length));
  const paired = rowOf(compared, a, b, isExact ? 1 : pairs, isExact).paired;
  if (!paired) return null;
  const { value, low, high } = paired;
  return { metric, unit: compared.unit, difference: { value, low, high } };
}

/** A copy in which this one setting is as it is now. */
function withChange(settings: unknown, { path, b }: SettingChange): Record<string, unknown> {
  const copy = structuredClone(settings) as Record<string, unknown>;
  let inner: Record<string, unknown> = copy;
  for (const step of path.slice(0, -1)) inner = inner[step] as Record<string, unknown>;
  const last = path.at(-1) as string;
  if (b === undefined) delete inner[last];
  else inner[last] = b;
  return copy;
}
