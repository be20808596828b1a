// The Capacity from what a search has found.

import type { Scenario } from "../scenario/load.js";
import { version } from "../version.js";
import type { Boundary, Looking } from "./bracket.js";
import type { CapacityOptions } from "./capacity.js";
import type { Capacity, CapacityEnd, ProbedValue } from "./capacity-result.js";
import { isGrowing } from "./growth.js";
import type { Knob } from "./knob.js";
import { isBelow, isMet, type Objective } from "./objective.js";
import type { Judged, Probe } from "./probe.js";
import { causesOf } from "./probed-causes.js";
import type { Found, Region } from "./regions.js";
import { stopOf } from "./wider.js";

interface Searched {
  found: Found;
  looking: Looking;
  scenario: Scenario;
  seek: "max" | "min";
  objectives: readonly Objective[];
  confidence: number;
  memory: CapacityOptions["memory"];
}

export function capacityOf(searched: Searched): Capacity {
  const { found, looking, scenario, seek, objectives, confidence, memory } = searched;
  const { knob, probes, precision } = looking;
  const regions = found.regions.map((region) => endsOf(region, looking));
  const which = answeringOf(found.regions, seek);
  const side = seek === "max" ? "to" : "from";
  const sought = found.regions[which]?.[side];
  const answer = regions[which]?.[side] ?? null;
  const replications = probes.reduce((sum, one) => sum + one.replications, 0);
  const needed = memory && memoryOf(memory, knob, scenario, answer);
  return {
    version: 1,
    recvq: version,
    scenario: scenario.resolved,
    source: scenario.source,
    seed: scenario.settings.run.seed,
    knob: {
      ...{ key: knob.key, kind: knob.kind, seek, whole: knob.whole, current: knob.current ?? null },
      ...{ from: knob.from, to: knob.to, from_text: knob.text(knob.from), to_text: knob.text(knob.to) },
      assumed: knob.assumed,
    },
    objectives: [...objectives],
    ...{ confidence, precision },
    status: statusOf(answer, found, probes, looking),
    answer,
    regions,
    causes: sought ? causesOf(sought.bad) : causesOf(probes.find(({ finding }) => finding === "fails")),
    probes: probes.map((one) => probedValue(one, knob)),
    replications,
    bisection_replications: sought ? bisectionOf(sought, knob) : null,
    ...(needed && { memory: needed }),
    warnings: [...warningsOf(found, sought, knob), ...unseenOf(answer, probes)],
  };
}

/**
 * Of several regions the one whose end is the answer: that which goes on to the other end of the range, where
 * the load is low or the means are ample, or else the outermost one.
 */
function answeringOf(regions: readonly Region[], seek: "max" | "min"): number {
  const last = regions.length - 1;
  if (seek === "max") return regions[0]?.from === undefined ? 0 : last;
  return regions[last]?.to === undefined ? last : 0;
}

/** What is known of a value so far. */
export function probedValue(probe: Probe, knob: Knob): ProbedValue {
  const { value, replications, judged, finding } = probe;
  const busy = probe.of("utilisation");
  return {
    ...{ value, text: knob.text(value), replications, finding },
    objectives: judged.map((one) => ({
      estimate: Number.isNaN(one.interval.value) ? null : one.interval,
      finding: one.finding,
      p: probe.chance(one),
    })),
    utilisation: busy.reduce((sum, one) => sum + one, 0) / busy.length,
    unsteady: isUnsteady(probe),
  };
}

function isUnsteady(probe: Probe): boolean {
  return !probe.steady || isGrowing(probe.growth());
}

function endsOf({ from, to }: Region, { knob, probes }: Looking): { from: CapacityEnd; to: CapacityEnd } {
  const open = (side: "from" | "to", probe: Probe): CapacityEnd => ({
    ...{ value: knob[side], low: knob[side], high: knob[side], text: knob.text(knob[side]), bounded: false },
    ...{ stop: stopOf(knob, side), reached: probe.finding === "meets", inside: probe.value, failing: [] },
  });
  return {
    from: from ? endOf(from, knob) : open("from", probes[0] as Probe),
    to: to ? endOf(to, knob) : open("to", probes.at(-1) as Probe),
  };
}

function endOf({ good, bad, value, low, high, reached, method }: Boundary, knob: Knob): CapacityEnd {
  const written = knob.at(knob.place(value));
  return {
    ...{ value: written, low, high, text: knob.text(written), bounded: true, reached, method },
    ...{ inside: good.value, beyond: bad.value, failing: failingOf(bad.judged) },
  };
}

/** What is over its limit, by how many times: the first one binds. */
function failingOf(judged: readonly Judged[]): number[] {
  const excess = ({ objective, interval }: Judged) => {
    const ratio = interval.value / objective.limit;
    if (Number.isNaN(ratio)) return Infinity;
    return isBelow(objective) ? ratio : 1 / ratio;
  };
  return judged
    .map((one, index) => ({ one, index }))
    .filter(({ one }) => !isMet(one.objective, one.interval.value))
    .sort((a, b) => excess(b.one) - excess(a.one))
    .map(({ index }) => index);
}

function statusOf(
  answer: CapacityEnd | null,
  { open }: Found,
  probes: readonly Probe[],
  { isOver }: Looking,
): Capacity["status"] {
  if (answer === null) {
    return open.length === 0 && probes.every(({ finding }) => finding === "fails") ? "none" : "undecided";
  }
  if (!answer.reached || isOver()) return "undecided";
  return answer.bounded ? "found" : "beyond";
}

/**
 * It halves the range until it is as wide as the answer's interval, each time with as many as both ends had.
 */
function bisectionOf({ good, bad, low, high, method }: Boundary, { from, to, whole }: Knob): number | null {
  const width = Math.max(high - low, whole ? 1 : 0);
  if (width === 0) return null;
  const each = method === "exact" ? 1 : Math.max(good.replications, bad.replications);
  return each * (2 + Math.max(0, Math.ceil(Math.log2((to - from) / width))));
}

function memoryOf(
  memory: NonNullable<CapacityOptions["memory"]>,
  knob: Knob,
  scenario: Scenario,
  answer: CapacityEnd | null,
): NonNullable<Capacity["memory"]> {
  const isSought = knob.key === "gunicorn.workers" && answer !== null;
  const { gunicorn } = scenario.settings as { gunicorn?: { workers?: number }[] };
  const workers = isSought
    ? answer.value
    : (gunicorn ?? []).reduce((sum, one) => sum + (one.workers ?? 0), 0);
  return {
    ...{ worker_bytes: memory.worker, total_bytes: memory.total ?? null, workers },
    needed_bytes: workers * memory.worker,
  };
}

/** Those between the two sides of a boundary are told by its interval. */
function beside(open: readonly Probe[], regions: readonly Region[]): Probe[] {
  const boundaries = regions.flatMap(({ from, to }) => [from, to].filter((end) => end !== undefined));
  return open.filter(({ value }) => {
    return boundaries.every(({ good, bad }) => (value - good.value) * (value - bad.value) > 0);
  });
}

function warningsOf({ open, regions }: Found, sought: Boundary | undefined, knob: Knob): string[] {
  const unsteady = sought && [sought.good, sought.bad].find(isUnsteady);
  return [
    ...(unsteady
      ? [
          `at ${knob.text(unsteady.value)} the load has no steady state: what waits grows as long as ` +
            "it lasts, so that the answer depends on how long that is",
        ]
      : []),
    ...(regions.length > 1
      ? [`what meets the objectives is not one range of ${knob.key}: there are ${regions.length} of them`]
      : []),
    ...beside(open, regions).map(
      ({ value, replications }) =>
        `at ${knob.text(value)} it cannot be told after ${replications} replications whether all ` +
        "objectives are met",
    ),
  ];
}

/** From this share on failures are worth a word that no objective is about. */
const MANY_FAILURES = 0.1;

/** Failures at an end where all objectives are met. */
function unseenOf(answer: CapacityEnd | null, probes: readonly Probe[]): string[] {
  const probe = answer?.bounded === false ? probes.find(({ value }) => value === answer.inside) : undefined;
  if (!probe) return [];
  const sum = (name: string) => probe.of(name).reduce((all, one) => all + one, 0);
  const failing = 1 - sum("count successes") / sum("sent");
  if (!(failing >= MANY_FAILURES)) return [];
  // Not rounded up to all of them.
  const percent = `${Math.floor(1000 * failing) / 10} %`;
  return [`at ${answer?.text} ${percent} of the requests fail, which no objective is against`];
}
