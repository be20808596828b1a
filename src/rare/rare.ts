// Rare refusals: shares of requests that an accept queue refuses, down to 1e-12 and below, by splitting.

import type { Component } from "../component/component.js";
import type { CauseRecord } from "../component/recorder.js";
import { SettingError } from "../component/setting-error.js";
import type { Table } from "../component/world.js";
import { LimitError } from "../engine/limit-error.js";
import { streams } from "../engine/random.js";
import type { RareResult } from "../run/result.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import { ratioInterval } from "../stats/ratio.js";
import { endless } from "./endless.js";
import { filledWay } from "./filled-way.js";
import { nothingBesides } from "./ledger.js";
import { NotPlain, type Pause, type Way } from "./path.js";
import { balanced, pilot, RAREST, type Stuck } from "./pilot.js";
import { type Memory, refilled } from "./refilled.js";
import { replayedWay } from "./replayed-way.js";
import { checkRestoring } from "./restore-check.js";
import { noTotals, splitting } from "./splitting.js";
import { type Survey, survey } from "./survey.js";
import type { EndlessJob, Watched } from "./watched-world.js";

export interface RareOptions {
  components: readonly Component[];
  /** Reads a CSV file that a setting names, relative to the scenario. */
  table: (file: string) => Table;
  /** Half the width of the interval that is wanted, in parts of the share. */
  halfWidth?: number;
  /** Repeat paths from the beginning, even where filling a system would do. */
  replay?: boolean;
  /** Called now and then with the share of the work that is done, roughly; the estimate waits for it. */
  progress?: (share: number) => void | Promise<void>;
}

const HALF_WIDTH = 0.1;
const BATCHES = 40;
/** Paths from the beginning of a batch, at first. */
const FIRST_ROOTS = 100;
/** No round is larger than that of those before: a variance from few paths is not to be trusted. */
const MOST_GROWTH = 3;
/** Requests of a section, where a system is hardly ever empty: fewer than one in a thousand finds it so. */
const SECTION_BIRTHS = 250;
const FEWEST_CYCLES = 20;
/** A little more than what the variance asks for, so that the next round is the last one. */
const MARGIN = 1.15;
/** Places of each level from which restoring is checked. */
const CHECKED = 3;
const MOST_REFUSED = 0.01;
const MOST_UTILISATION = 0.999;
/** More paths than this take some minutes. */
const MOST_PATHS = 4_000_000;

/**
 * The share of all requests that an accept queue refuses when the scenario's load goes on for ever, and its
 * 95 % interval.
 *
 *   share = E[requests refused in a path] / E[requests in a path]
 *
 * where paths are the cycles from one request that finds the system empty to the next one (the ratio formula
 * of regenerative processes: S. Asmussen, Applied Probability and Queues, 2003, VI.1), or sections of one
 * long run where a system is hardly ever empty. Both means are estimated by splitting (splitting.ts), with
 * the number of requests in the queue and with workers as the importance function, at levels that a pilot has
 * chosen. The interval is that of a ratio, from 40 batches of equally many paths; they are continued until it
 * is as narrow as wanted.
 *
 * Assumes a load that is stationary, and that nothing outlasts an empty system that matters for refusals.
 * Throws a ScenarioError that says why if the load is another one, if workers are always busy, if refusals
 * are no rarer than one in a hundred, or if there are none.
 */
export async function rare(scenario: Scenario, options: RareOptions): Promise<RareResult> {
  try {
    return await estimate(scenario, options);
  } catch (error) {
    if (error instanceof SettingError) throw scenario.errorAt(error.path, error.text);
    if (!(error instanceof LimitError)) throw error;
    throw new ScenarioError([{ file: scenario.source, path: "", text: error.message }]);
  }
}

async function estimate(scenario: Scenario, options: RareOptions): Promise<RareResult> {
  const load = endless(scenario, options.components, options.table);
  const memory: Memory = { besides: nothingBesides(), section: { births: undefined, end: undefined } };
  const ground = refilled({ ...load.job, queue: 0 }, -1, memory);
  const { watched } = ground;
  const found = survey(watched);
  const job: EndlessJob = { ...load.job, queue: found.queue };
  watched.watch(found.queue);
  const objection = objectionTo(found);
  if (objection !== undefined) throw refusal(scenario, objection);
  const isCyclic = found.cycles >= FEWEST_CYCLES;
  if (!isCyclic) memory.section.births = SECTION_BIRTHS;
  const done = { share: 0 };
  const pause: Pause = () => options.progress?.(done.share);
  const given = {
    scenario,
    seed: job.seed,
    watched,
    isCyclic,
    halfWidth: options.halfWidth ?? HALF_WIDTH,
    done,
  };
  if (load.isFillable && !options.replay) {
    try {
      return await estimateOn(filledWay(job, ground, memory, pause), true, given);
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error;
    }
  }
  if (!isCyclic) {
    const text =
      "the system is hardly ever empty, and only then paths can be repeated: expected fewer workers";
    throw refusal(scenario, text);
  }
  return estimateOn(replayedWay(job, pause), false, given);
}

function refusal({ source }: Scenario, text: string): ScenarioError {
  return new ScenarioError([{ file: source, path: "", text: `--rare: ${text}` }]);
}

/** Why this is nothing for splitting, if it is not. */
function objectionTo({ utilisation, refused }: Survey): string | undefined {
  const run = "run it without --rare";
  if (refused > MOST_REFUSED)
    return `${(refused * 100).toFixed(1)} % of the requests are refused if this load goes on: ${run}`;
  if (utilisation < MOST_UTILISATION) return undefined;
  return `workers are always busy (utilisation 1): the queue fills up, which is not rare; ${run}`;
}

interface Given {
  scenario: Scenario;
  seed: string;
  /** The world that was surveyed. */
  watched: Watched;
  isCyclic: boolean;
  halfWidth: number;
  done: { share: number };
}

async function estimateOn(way: Way, isFilled: boolean, given: Given): Promise<RareResult> {
  const { scenario, seed, watched, isCyclic, halfWidth, done } = given;
  const counter = { branches: 0 };
  const branch = () => counter.branches++;
  const piloted = await pilot(way, branch);
  if ("level" in piloted) {
    if (isFilled && !piloted.isTooRare) throw new NotPlain("nothing settles");
    throw refusal(scenario, stuckText(piloted, watched));
  }
  const { places } = piloted;
  if (isFilled)
    await checkRestoring(
      way,
      places.flatMap((list) => list.slice(0, CHECKED)),
      branch,
    );
  const supplies = { branch, uniform: streams(seed, -1).stream("copies") };
  const plan = await balanced(piloted, way, supplies);
  const batches = Array.from({ length: BATCHES }, () => noTotals(plan));
  const walker = splitting(plan, supplies);
  const sum = (of: "paths" | "roots") => batches.reduce((total, batch) => total + batch[of], 0);
  const share = () =>
    ratioInterval(
      batches.map(({ refused }) => refused),
      batches.map(({ births }) => births),
    );
  const missed = () => {
    const { value, high } = share();
    return value > 0 ? (high - value) / value / halfWidth : Number.POSITIVE_INFINITY;
  };
  let roots = FIRST_ROOTS;
  for (;;) {
    for (const [index, batch] of batches.entries()) {
      walker.more(roots, batch);
      await way.walk(walker);
      done.share = Math.min(1, missed() ** -2) * ((index + 1) / BATCHES);
    }
    const excess = missed() ** 2;
    if (excess <= 1 || sum("paths") > MOST_PATHS) break;
    roots = Math.ceil((sum("roots") / BATCHES) * Math.min(MOST_GROWTH, MARGIN * excess - 1));
  }
  const hit = ratioInterval(
    batches.map(({ hit }) => hit),
    batches.map(({ roots }) => roots),
  );
  return {
    ...describe(watched),
    share: share().value,
    low: share().low,
    high: share().high,
    ...(isCyclic && { busy_period: hit }),
    levels: [...plan.levels],
    splits: [...plan.factors],
    batches: BATCHES,
    paths: sum("paths"),
    restored: isFilled ? "filled" : "repeated",
    reached: missed() <= 1,
  };
}

/** The cause that the refused requests have. */
function describe({ world, queue }: Watched): Pick<RareResult, "cause" | "text" | "settings"> {
  const { id, text, settings } = world.recorder.causes[queue.cause] as CauseRecord;
  return { cause: id, text: text(), settings };
}

function stuckText({ level, isTooRare }: Stuck, { queue }: Watched): string {
  const { name, limit } = queue.gauge;
  const bound = `the ${name} holds ${limit}`;
  if (isTooRare)
    return `${bound}, and not one request in ${(1 / RAREST).toExponential()} is refused: nothing to estimate`;
  return (
    `${bound}, but no more than ${level} requests were ever in it and with workers, or nobody was refused ` +
    "then: something else bounds it, or TCP repeats what is dropped; run it without --rare"
  );
}
