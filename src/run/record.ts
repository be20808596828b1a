// What a replication leaves when its world has ended: plain numbers.

import { isStatus, isSuccess } from "../component/outcome.js";
import type { World } from "../component/world.js";
import type { Gauge } from "../metrics/gauge.js";
import { Histogram } from "../metrics/histogram.js";
import type { LatencyNs, Measured, Replication } from "./replicate.js";

/** The plain record of a run that has ended. */
export function record(
  world: World,
  { fromNs, sent }: Measured,
): Omit<
  Replication,
  | "warnings"
  | "deterministic"
  | "expected"
  | "isWhole"
  | "changes"
  | "measuredFromNs"
  | "hasSettled"
  | "batches"
> {
  const { sim, recorder, requests, work } = world;
  for (const gauge of world.gauges) gauge.finish();
  const { stepNs } = world.axis;
  const elapsedNs = sim.now || 1;
  const measuredNs = Math.max(1, elapsedNs - fromNs);
  // An attempt may have ended as no request has.
  const outcomes = recorder.outcomes.filter(({ latencies }) => latencies.count > 0);
  return {
    sent: Math.max(0, requests.sent - sent),
    firstSentNs: Math.max(requests.firstSentNs, fromNs),
    lastSentNs: requests.lastSentNs,
    lastEndNs: recorder.lastEndNs,
    elapsedNs,
    measuredNs,
    bytesIn: recorder.bytesIn,
    outcomes: outcomes.map(({ outcome, latencies, ended }) => ({
      outcome,
      latency: latencyOf(latencies),
      ended: ended.steps.slice(),
    })),
    all: together(outcomes.map(({ latencies }) => latencies)),
    answered: together(outcomes.filter(({ outcome }) => isStatus(outcome)).map(({ latencies }) => latencies)),
    successes: together(
      outcomes.filter(({ outcome }) => isSuccess(outcome)).map(({ latencies }) => latencies),
    ),
    routes: recorder.routes.map(({ path, latencies }) => ({
      path,
      outcomes: recorder.outcomes.flatMap(({ outcome }, index) => {
        const own = latencies[index];
        return own ? [{ outcome, latency: latencyOf(own) }] : [];
      }),
      all: together(latencies.filter((own) => own !== undefined)),
    })),
    causes: recorder.causes.slice(1).map(({ id, text, settings, count, firstNs }) => ({
      id,
      text: text(),
      settings: [...settings],
      count,
      firstNs,
    })),
    tallies: Object.fromEntries([...recorder.tallies].map(([name, { count }]) => [name, count])),
    stepNs,
    levels: world.gauges.map((gauge) => ({
      ...levelOf(gauge),
      limit: gauge.limit,
      maxima: gauge.maxima.slice(),
      peak: gauge.peak,
      average: gauge.area / measuredNs,
    })),
    busyNs: work.busy.reduce((sum, gauge) => sum + gauge.area, 0),
    wastedNs: work.wastedNs,
    workers: work.busy.reduce((sum, gauge) => sum + (gauge.limit ?? 0), 0),
    limits: world.limits.map(({ text, settings }) => ({ text, settings: [...settings] })),
    waits: recorder.waits && {
      answered: recorder.waits.answered,
      delayed: recorder.waits.delayed,
      waitNs: recorder.waits.waitNs,
    },
    hash: recorder.hash,
    events: sim.executed,
  };
}

/** A level's name, and its mean in each step. */
export function levelOf({ name, areas, axis }: Gauge): { name: string; means: Float64Array } {
  return { name, means: areas.map((area) => area / axis.stepNs) };
}

// 220 kB, which a short replication would make several times.
const all = new Histogram();

function together(histograms: readonly Histogram[]): LatencyNs | undefined {
  all.clear();
  for (const one of histograms) all.merge(one);
  return all.count > 0 ? latencyOf(all) : undefined;
}

/** Quantiles and the rest of some latencies. */
export function latencyOf(histogram: Histogram): LatencyNs {
  const { count, min, mean, max } = histogram;
  const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((q) => histogram.quantile(q)) as [
    number,
    number,
    number,
    number,
  ];
  return { count, min, mean, p50, p90, p95, p99, max };
}
