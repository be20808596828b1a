// One value of the knob: its scenario, the replications that it has had so far, and what they say of the
// objectives.

import { SECOND } from "../engine/time.js";
import type { Scenario } from "../scenario/load.js";
import type { Interval } from "../stats/interval.js";
import { fingerprintOf } from "./collection.js";
import { type Columns, columns } from "./columns.js";
import { growthOf } from "./growth.js";
import { inOrder } from "./in-order.js";
import { type Metric, metricOf } from "./metrics.js";
import { isBelow, isMet, type Objective } from "./objective.js";
import type { Manner, Replication } from "./replicate.js";
import type { Replicator } from "./replicator.js";
import { inScenario, tooLong, warmUpOf } from "./run.js";
import { numbersOf } from "./summary.js";
import type { FoundWarmUp } from "./warm-up.js";

export type Finding = "meets" | "fails" | "undecided";

/** An objective at this value. */
export interface Judged {
  objective: Objective;
  metric: Metric;
  interval: Interval;
  finding: Finding;
}

export interface Probe {
  readonly value: number;
  readonly scenario: Scenario;
  readonly replications: number;
  /** Nothing in it is random: one replication is exact. */
  readonly exact: boolean;
  /** In the order of the objectives. */
  readonly judged: readonly Judged[];
  /** By the estimates alone: all objectives, and each of them. */
  readonly seemsMet: boolean;
  readonly seeming: readonly boolean[];
  /** Of all objectives together. */
  readonly finding: Finding;
  readonly steady: boolean;
  /** The first replication: its causes and levels. */
  readonly first: Replication;
  /** Numbers of the replications by name. */
  of(name: string): number[];
  readonly numbers: Columns;
  /** Of the first so many replications: as a Result of them has it. */
  fingerprint(replications: number): string;
  values(metric: Metric): number[];
  trials(metric: Metric): number[] | undefined;
  /**
   * Probability of an estimate as far on its side of the limit, or farther, if the truth were the limit
   * itself: of the replications that there are, by one look. 1 if there is no estimate.
   */
  chance(judged: Judged): number;
  /** How much more waits at the end of the load than halfway, a number for each replication. */
  growth(): number[];
  /** Makes further replications until there are so many. */
  upTo(wanted: number): Promise<void>;
}

export interface ProbeOptions {
  value: number;
  scenario: Scenario;
  objectives: readonly Objective[];
  /** Errors of both kinds together in all looks at this value: 0.05 leaves 2.5 % on each side. */
  error: number;
  /** Who computes; asked each time, since it may have been sent home. */
  replicator: () => Replicator;
  /** Is told after each replication, and may throw to end it all. */
  ended: () => void | Promise<void>;
  /** No further replication is to be begun, if there are two. */
  isOver: () => boolean;
  /** Is told of the first replication, before any is counted. */
  begun: (first: Replication) => void;
}

/**
 * Nothing is run before `upTo`. Each call of it is one more look at the objectives, and the r-th look may err
 * with the probability `error` / r (r + 1), so that all of them together may with `error`: the sum of 1 / r
 * (r + 1) is 1 (Bonferroni; K. Lan and D. DeMets, Biometrika 70, 1983, spend it in the same way). That an
 * objective is met is claimed if its interval at that level lies within the limit; that any is not, at that
 * level over their number.
 */
export function probe(options: ProbeOptions): Probe {
  const { value, scenario, objectives, error, replicator, ended, isOver, begun } = options;
  const numbers = columns();
  const growths: number[] = [];
  const hashes: string[] = [];
  let found: FoundWarmUp | undefined;
  let manner: Manner = {};
  let looks = 0;
  let first: Replication | undefined;
  let replications = 0;
  let judged: Judged[] = [];

  function add(replication: Replication): void {
    if (first === undefined) begun(replication);
    first ??= replication;
    replications++;
    numbers.add(numbersOf(replication));
    growths.push(growthOf(replication));
    hashes.push(replication.hash);
  }

  const seeming = () => judged.map(({ objective, interval }) => isMet(objective, interval.value));
  const isExact = () => first?.deterministic === true;

  /** The interval of an objective's metric at this level of error on each side. */
  function intervalAt(metric: Metric, tail: number): Interval {
    if (isExact()) {
      const [exact = Number.NaN] = metric.values(numbers);
      return { value: exact, low: exact, high: exact };
    }
    const interval = metric.interval(numbers, 1 - 2 * tail);
    // All that is known of what never, or always, happened is on one side.
    const isExtreme = metric.trials !== undefined && (interval.value === 0 || interval.value === 1);
    return isExtreme ? metric.interval(numbers, 1 - tail) : interval;
  }

  function look(): void {
    looks++;
    const tail = error / 2 / (looks * (looks + 1));
    judged = objectives.map((objective) => {
      const metric = metricOf(objective.metric, first as Replication) as Metric;
      const interval = isExact() ? intervalAt(metric, tail) : metric.interval(numbers, 1 - error);
      const sure = intervalAt(metric, tail);
      const surer = intervalAt(metric, tail / objectives.length);
      return { objective, metric, interval, finding: findingOf(objective, sure, surer) };
    });
  }

  async function settle(wanted: number): Promise<Replication[]> {
    if (found) return [];
    found = await warmUpOf({ ...scenario.settings.run, replications: Math.max(2, wanted) }, replicator(), {
      isProbed: false,
      batches: false,
      progress: ended,
    });
    manner = found.manner ?? { warmUpNs: Math.round(found.warmUp.left_out_s * SECOND) };
    return found.pilots.slice(0, wanted);
  }

  return {
    value,
    scenario,
    get replications() {
      return replications;
    },
    get exact() {
      return isExact();
    },
    get judged() {
      return judged;
    },
    get seemsMet() {
      return seeming().every(Boolean);
    },
    get seeming() {
      return seeming();
    },
    get finding() {
      if (judged.some(({ finding }) => finding === "fails")) return "fails";
      return judged.every(({ finding }) => finding === "meets") ? "meets" : "undecided";
    },
    get steady() {
      return found?.warmUp.steady !== false;
    },
    get first() {
      return first as Replication;
    },
    of: numbers.of,
    numbers,
    fingerprint: (count) => fingerprintOf(hashes.slice(0, count)),
    values: (metric) => metric.values(numbers),
    trials: (metric) => metric.trials?.(numbers),
    chance({ objective, metric, interval: { value: estimate } }) {
      if (Number.isNaN(estimate)) return 1;
      const excludes = ({ low, high }: Interval) => !(low <= objective.limit && objective.limit <= high);
      let [excluded, least] = [0.5, 0];
      for (let halving = 0; halving < HALVINGS; halving++) {
        const tail = (excluded + least) / 2;
        if (excludes(intervalAt(metric, tail))) excluded = tail;
        else least = tail;
      }
      return excluded;
    },
    growth: () => growths,
    async upTo(wanted) {
      if (replications >= wanted || isExact()) return;
      try {
        const done = await settle(wanted);
        const asked = { replicator: replicator(), manner, wanted, done, first: replications };
        for await (const replication of inOrder({ ...asked, progress: undefined })) {
          if (manner.warmUpNs && replication.sent === 0) throw tooLong((found as FoundWarmUp).warmUp);
          add(replication);
          await ended();
          if (replication.deterministic || (replications >= 2 && isOver())) break;
        }
      } catch (failure) {
        throw inScenario(failure, scenario);
      } finally {
        if (first) look();
      }
    },
  };
}

/** Of a probability: 2^-30 is less than is ever printed. */
const HALVINGS = 30;

/** What an estimate without a value says is that there is nothing that could meet the objective. */
function findingOf(objective: Objective, sure: Interval, surer: Interval): Finding {
  if (Number.isNaN(sure.value)) return "fails";
  const [best, worst] = isBelow(objective) ? [surer.low, sure.high] : [surer.high, sure.low];
  if (isMet(objective, worst)) return "meets";
  return isMet(objective, best) ? "undecided" : "fails";
}
