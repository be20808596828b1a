// A scenario at many values of its settings.

import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { metricOfPoint, type PointResult } from "../run/point-result.js";
import type { Estimate } from "../run/result.js";
import { inlineComputer, type SweptPoint, sweepOf } from "../run/sweep.js";
import { sweepPoints } from "../run/sweep-points.js";
import { overlayKnob, parseKnob } from "../scenario/knob-values.js";
import { type Scenario, scenarioLoader } from "../scenario/load.js";
import { given, type LoadOptions, tablesOf } from "./scenarios.js";

export interface SweepOptions extends Omit<LoadOptions, "files"> {
  /** Knobs with their values, as `gunicorn.workers=1..16` or `rate=10/s..1000/s:log9`. */
  vary?: string[];
  /** Files laid over the scenario, one at a time: a knob of their own. */
  overlays?: string[];
  /** So many points of a Latin hypercube instead of all combinations. */
  lhs?: number;
  /** Texts of all files that scenario, overlays and settings name. */
  files?: Record<string, string>;
  /** Called now and then with the share of the whole that is done; the sweep waits for it. */
  progress?: (share: number) => void | Promise<void>;
  /** Ends the sweep with its reason. */
  signal?: AbortSignal;
}

/**
 * Predicts a scenario at many values of its settings: an iterator of the points in their order, each as soon
 * as it is computed, in this thread. All are validated before the first one: throws a ScenarioError with what
 * is wrong with any. A point that cannot be computed says why in `failed`. `pointMetric` reads their results.
 */
export async function* sweep(
  scenario: Scenario | string,
  options: SweepOptions = {},
): AsyncGenerator<SweptPoint> {
  const { vary = [], overlays, lhs, files = {}, progress, signal, name, ...overrides } = options;
  const isText = typeof scenario === "string";
  const file = isText ? (name ?? "scenario.yaml") : scenario.source;
  const text = isText ? scenario : JSON.stringify(scenario.resolved);
  const load = scenarioLoader(file, {
    read: (path) => (path === file ? text : given(files, path)),
    components,
  });
  const base = load(overrides);
  const knobs = [
    ...(overlays ? [overlayKnob(overlays.join(","))] : []),
    ...vary.map((one) => parseKnob(one, { option: "vary", sampled: lhs !== undefined })),
  ];
  const points = await sweepPoints({ knobs, lhs }, base.settings.run.seed, {
    load: (change) => load({ ...overrides, ...change }),
    components,
    table: () => tablesOf(files),
  });
  const computer = inlineComputer({ components, system: queueingSystem });
  yield* sweepOf(points, { computer, progress, signal });
}

/**
 * A metric of a point's result, as `502.share` or `200.latency.p99`, with its 95 % interval: not a number
 * where nothing is known, undefined for a name that is no metric.
 */
export function pointMetric(result: PointResult, metric: string): Estimate | undefined {
  return metricOfPoint(result, metric);
}
