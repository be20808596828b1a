// The largest or smallest value of a setting that meets all objectives.

import type { Component } from "../component/component.js";
import type { Table } from "../component/world.js";
import { ScenarioError } from "../scenario/error.js";
import type { Scenario } from "../scenario/load.js";
import type { Looking } from "./bracket.js";
import { capacityOf, probedValue } from "./capacity-of.js";
import type { Capacity, ProbedValue } from "./capacity-result.js";
import { crews } from "./crews.js";
import { between, type Knob, knobOf } from "./knob.js";
import { type Objective, unprovable } from "./objective.js";
import { type Probe, probe } from "./probe.js";
import { type Found, GRID, gridOf, regionsOf, survey } from "./regions.js";
import type { Job, Replication } from "./replicate.js";
import type { Replicator } from "./replicator.js";
import { wider } from "./wider.js";

export interface Crew {
  replicator: Replicator;
  /** Sends home whoever computes. */
  close(): Promise<void>;
}

export interface CapacityOptions {
  components: readonly Component[];
  /** What reads the CSV files that a scenario's settings name. */
  table: (scenario: Scenario) => (file: string) => Table;
  /** Look for the largest, or for the smallest value, ... */
  seek: "max" | "min";
  /** ... of this: `rate` (of all arrivals), or a setting's key as `--set` takes it. */
  knob: string;
  objectives: readonly Objective[];
  /**
   * `a..b` in the setting's unit; without it from a quarter to four times what the scenario has, and further
   * on.
   */
  within?: string | undefined;
  /**
   * Half-width of the answer's interval over the answer: 0.01 of a rate and 0.05 of anything else unless
   * told.
   */
  precision?: number | undefined;
  /** 0.95 unless told. */
  confidence?: number | undefined;
  /** Replications of each value at the first look, 5 unless told; run.max_replications is the most. */
  replications?: number | undefined;
  /** Bytes of a worker, and of all: gunicorn.workers is then as many as fit. */
  memory?: { worker: number; total?: number | undefined } | undefined;
  /** Who computes the replications of a scenario: by default this thread. */
  crew?: ((scenario: Scenario, job: Job) => Crew) | undefined;
  /** Asked after each replication whether no further one is to be begun. */
  isOver?: (() => boolean) | undefined;
  /** Called now and then with about the share of the way that is behind; the search waits for it. */
  progress?: ((share: number) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

const FIRST = 5;
/** Losses hang on nothing as on the load, so that it is found with few replications. */
const PRECISION = { rate: 0.01, other: 0.05 };
const CONFIDENCE = 0.95;
/** Of the way, the first look. */
const SURVEY = 0.3;

/**
 * Searches, and yields each value whenever more is known of it.
 *
 * First a coarse look at the whole range, then each boundary between values that meet all objectives and
 * values that do not, with common random numbers at all values and replications where they decide: see
 * `regionsOf` and `boundary`, which name method, assumptions and sources. The interval of a boundary holds
 * the place where the mean of the metric that binds, over replications of the scenario's own length, crosses
 * its limit, with the confidence asked for. Which whole number is the last one is claimed only if it and its
 * neighbour are decided each for itself, in sequential tests that err with half of 1 - confidence each: if
 * the metrics change in one direction around there, both together with 1 - confidence at most.
 *
 * Results depend on scenario, options, seed and version only. Throws a ScenarioError for what the settings do
 * not take, for objectives that nothing could show, and as `run` does; and the signal's reason.
 */
export async function* searchCapacity(
  given: Scenario,
  options: CapacityOptions,
): AsyncGenerator<ProbedValue, Capacity> {
  const { seek, objectives, confidence = CONFIDENCE, memory } = options;
  if (!(confidence >= LEAST_CONFIDENCE && confidence < 1)) throw wrongConfidence(confidence);
  if (objectives.length === 0) throw new ScenarioError([{ file: "--slo", path: "", text: NONE }]);
  const scenario = fitted(given, options);
  const start = limitedBy(knobOf(options.knob, scenario, options), options);
  const precision = options.precision ?? PRECISION[start.kind === "rate" ? "rate" : "other"];
  const probes: Probe[] = [];
  const pool = crews(options);
  const way = progressOf(options);
  const looking: Looking = {
    ...{ knob: start, probes, precision, error: 1 - confidence },
    first: Math.max(2, options.replications ?? FIRST),
    most: Math.max(2, scenario.settings.run.max_replications),
    isOver: options.isOver ?? (() => false),
    near: (share) => way.reached(SURVEY + (1 - SURVEY) * share),
    probeAt(value) {
      const known = probes.find((one) => one.value === value);
      if (known) return known;
      const varied = looking.knob.scenario(value);
      const made = probe({
        ...{ value, scenario: varied, objectives, error: 1 - confidence },
        replicator: () => pool.of(varied),
        ended: way.tell,
        isOver: looking.isOver,
        begun: (first) => checkObjectives(objectives, first),
      });
      probes.push(made);
      probes.sort((one, other) => one.value - other.value);
      return made;
    },
  };
  const told = async function* <Of>(inner: AsyncGenerator<Probe, Of>): AsyncGenerator<ProbedValue, Of> {
    for (;;) {
      const next = await inner.next();
      if (next.done) return next.value;
      yield probedValue(next.value, looking.knob);
    }
  };
  try {
    yield* told(survey(gridOf(looking, start.from, start.to), looking));
    for (let step = 0; ; step++) {
      const widened = wider(looking, { seek, step });
      if (!widened) break;
      yield* told(survey(widened, looking));
    }
    const found: Found = yield* told(regionsOf(looking));
    return capacityOf({ found, looking, scenario, seek, objectives, confidence, memory });
  } finally {
    await pool.close();
  }
}

/** The same without the values on the way. */
export async function capacity(scenario: Scenario, options: CapacityOptions): Promise<Capacity> {
  const search = searchCapacity(scenario, options);
  for (;;) {
    const next = await search.next();
    if (next.done) return next.value;
  }
}

const LEAST_CONFIDENCE = 0.5;

function wrongConfidence(confidence: number): ScenarioError {
  const text = `expected a share from 50% up to, and without, 100%, got ${confidence}`;
  return new ScenarioError([{ file: "--confidence", path: "", text }]);
}

const NONE = "expected at least one objective such as '502.share < 0.1%', got none";

function checkObjectives(objectives: readonly Objective[], first: Replication): void {
  for (const objective of objectives) {
    const text = unprovable(objective, first);
    if (text !== undefined) throw new ScenarioError([{ file: `--slo "${objective.text}"`, path: "", text }]);
  }
}

const WORKERS = "gunicorn.workers";

/** With as many workers as there is memory for, if that is not what is looked for. */
function fitted(scenario: Scenario, { memory, knob }: CapacityOptions): Scenario {
  if (memory?.total === undefined || knob === WORKERS) return scenario;
  return scenario.changed({ set: [`${WORKERS}=${fitting(memory.worker, memory.total)}`] });
}

function fitting(worker: number, total: number): number {
  const workers = Math.floor(total / worker);
  if (workers >= 1) return workers;
  const text = "expected memory for at least one worker";
  throw new ScenarioError([{ file: "--memory", path: "", text }]);
}

function limitedBy(knob: Knob, { memory, within }: CapacityOptions): Knob {
  if (memory?.total === undefined || knob.key !== WORKERS) return knob;
  const most = fitting(memory.worker, memory.total);
  if (most >= knob.to) return knob;
  if (most > knob.from) return { ...between(knob, { from: knob.from, to: most }), limited: true };
  const text = `expected bounds below ${most}, for more workers there is no memory`;
  throw new ScenarioError([
    { file: within === undefined ? "--memory" : `--within ${within}`, path: "", text },
  ]);
}

function progressOf({ progress, signal }: CapacityOptions) {
  let share = 0;
  let ended = 0;
  return {
    reached(now: number) {
      share = Math.max(share, now);
    },
    tell: () => {
      signal?.throwIfAborted();
      ended++;
      // Nobody knows how many there will be: it creeps on towards what the next stage begins with.
      const crept = SURVEY * (1 - 1 / (1 + ended / (GRID * FIRST)));
      return progress?.(Math.min(1, Math.max(share, crept)));
    },
  };
}
