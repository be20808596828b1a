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
import type { Interval } from "../stats/interval.js";
import { ratioInterval } from "../stats/ratio.js";
import { endless } from "./endless.js";
import { filledWay } from "./filled-way.js";
import { NotPlain, type Pause, type Way } from "./path.js";
import { balanced, pilot, RAREST, type Stuck } from "./pilot.js";
import { noMemory, refilled } from "./refilled.js";
import { replayedWay } from "./replayed-way.js";
import { checkRestoring } from "./restore-check.js";
import { noTotals, type Plan, type Splitting, splitting, type Totals } from "./splitting.js";
import { type Survey, survey } from "./survey.js";
import type { EndlessJob, Watched } from "./watched-world.js";

export interface RareOptions {
  components: readonly Component[];
  /** Reads a CSV file that a setting names, relative to the scenario. */
  table: (file: string) => Table;
  /** Half the width of the interval that is wanted, in parts of the share. */
  halfWidth?: number;
  /** Paths after which the interval stays as wide as it is then. */
  mostPaths?: number;
  /** Repeat paths from the beginning, even where filling a system would do. */
  replay?: boolean;
  /** The time for it is over: answers what it has, as not reached. */
  isOver?: () => boolean;
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
    if (error instanceof OutOfTime) {
      throw refusal(scenario, "the time was over before a first estimate: expected a longer run.time_limit");
    }
    if (error instanceof LimitError) throw refusal(scenario, `before there was an answer: ${error.message}`);
    throw error;
  }
}

async function estimate(scenario: Scenario, options: RareOptions): Promise<RareResult> {
  const load = endless(scenario, options.components, options.table);
  const memory = noMemory();
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
  const pause: Pause = () => {
    if (options.isOver?.()) throw new OutOfTime();
    return options.progress?.(done.share);
  };
  const given = {
    scenario,
    seed: job.seed,
    watched,
    isCyclic,
    halfWidth: options.halfWidth ?? HALF_WIDTH,
    mostPaths: options.mostPaths ?? MOST_PATHS,
    done,
  };
  let why = "arrivals are not those of one Poisson process";
  if (load.isFillable && !options.replay) {
    try {
      return await estimateOn(filledWay(job, ground, memory, pause), given);
    } catch (error) {
      if (!(error instanceof NotPlain)) throw error;
      why = error.message;
    }
  }
  if (!isCyclic) {
    const text = `${why}, and the system is hardly ever empty for a path to begin anew`;
    throw refusal(scenario, `${text}: run it without --rare`);
  }
  return estimateOn(replayedWay(job, pause), given, why);
}

/** Nobody wants to wait any longer. */
class OutOfTime extends Error {
  override readonly name = "OutOfTime";
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
  mostPaths: number;
  done: { share: number };
}

async function estimateOn(way: Way, given: Given, whyRepeated?: string): Promise<RareResult> {
  const { scenario, seed, watched, isCyclic } = given;
  const isFilled = whyRepeated === undefined;
  const counter = { branches: 0 };
  const branch = () => counter.branches++;
  const piloted = await pilot(way, branch);
  if ("level" in piloted) {
    if (isFilled && !piloted.isTooRare) throw new NotPlain("the queue does not fill step by step");
    throw refusal(scenario, stuckText(piloted, watched));
  }
  if (isFilled) {
    const some = piloted.places.flatMap((list) => list.slice(0, CHECKED));
    await checkRestoring(way, some, branch);
  }
  const supplies = { branch, uniform: streams(seed, -1).stream("copies") };
  const plan = await balanced(piloted, way, supplies);
  const found = await rounds(way, plan, splitting(plan, supplies), given);
  const { share, hit, paths, reached } = found;
  return {
    ...describe(watched),
    ...{ share: share.value, low: share.low, high: share.high },
    ...(isCyclic && { busy_period: hit }),
    levels: [...plan.levels],
    splits: [...plan.factors],
    batches: BATCHES,
    paths,
    restored: isFilled ? "filled" : "repeated",
    ...(!isFilled && { why_repeated: whyRepeated }),
    reached,
  };
}

interface Found {
  share: Interval;
  hit: Interval;
  paths: number;
  reached: boolean;
}

/**
 * Rounds of batches until the interval of the share is narrow enough. That one looks at it after each round
 * makes it a little too narrow, less so the fewer rounds there are.
 */
async function rounds(
  way: Way,
  plan: Plan,
  walker: Splitting,
  { halfWidth, mostPaths, done }: Pick<Given, "halfWidth" | "mostPaths" | "done">,
): Promise<Found> {
  const batches = Array.from({ length: BATCHES }, () => noTotals(plan));
  const at = { roots: 0, more: FIRST_ROOTS };
  let last: Found | undefined;
  for (;;) {
    try {
      for (const [index, batch] of batches.entries()) {
        walker.more(at.more, batch);
        await way.walk(walker);
        if (last) done.share = (at.roots + (at.more * (index + 1)) / BATCHES) / (at.roots + at.more);
      }
    } catch (error) {
      if (error instanceof OutOfTime && last) return last;
      throw error;
    }
    at.roots += at.more;
    last = foundIn(batches, halfWidth);
    const excess = (last.share.high / last.share.value - 1) ** 2 / halfWidth ** 2;
    if (last.reached || last.paths > mostPaths) return last;
    at.more = Math.ceil(at.roots * Math.min(MOST_GROWTH, MARGIN * excess - 1));
  }
}

function foundIn(batches: readonly Totals[], halfWidth: number): Found {
  const ratio = (above: "refused" | "hit", below: "births" | "roots") =>
    ratioInterval(
      batches.map((batch) => batch[above]),
      batches.map((batch) => batch[below]),
    );
  const share = ratio("refused", "births");
  return {
    share,
    hit: ratio("hit", "roots"),
    paths: batches.reduce((total, { paths }) => total + paths, 0),
    reached: share.value > 0 && share.high - share.value <= halfWidth * share.value,
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
