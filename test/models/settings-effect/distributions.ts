// The effects of the parameters of distributions.

import {
  A,
  type Effect,
  latency,
  longest,
  type Measure,
  proxied,
  rises,
  type Scenario,
  steady,
} from "./effect.js";

/** A distribution of service times on idle workers: the mean latency is its mean, the longest its tail. */
const shaped = (measure: Measure, one: unknown, other: unknown): Effect =>
  rises(
    measure,
    [one, other],
    proxied(A, { gunicorn: { workers: 400 }, clients: steady(1, 300) }),
    "app/sleep",
  );
const mean = (kind: string, more: Scenario = {}) =>
  shaped(latency, { [kind]: { mean: "1s", ...more } }, { [kind]: { mean: "2s", ...more } });
const cv = (kind: string, low: number, high: number) =>
  shaped(longest, { [kind]: { mean: "1s", cv: low } }, { [kind]: { mean: "1s", cv: high } });
const mixed = (weight: number, of: string) => ({
  mixture: [
    { weight, of },
    { weight: 1, of: "1s" },
  ],
});
const phases = (probability: number) => ({
  hyperexponential: [
    { probability, mean: "9s" },
    { probability: 1 - probability, mean: "1s" },
  ],
});
const cut = (low: string, high: string, of: unknown = { exponential: "1s" }) => ({
  truncated: { of, low, high },
});

export const distributionEffects: Record<string, Effect> = {
  distribution: shaped(latency, "1s", "2s"),
  "distribution/constant": shaped(latency, { constant: "1s" }, { constant: "2s" }),
  "distribution/uniform/low": shaped(
    latency,
    { uniform: { low: "1s", high: "5s" } },
    { uniform: { low: "4s", high: "5s" } },
  ),
  "distribution/uniform/high": shaped(
    latency,
    { uniform: { low: "1s", high: "2s" } },
    { uniform: { low: "1s", high: "5s" } },
  ),
  "distribution/exponential": shaped(latency, { exponential: "1s" }, { exponential: "2s" }),
  "distribution/exponential/mean": mean("exponential"),
  "distribution/lognormal/mean": mean("lognormal", { cv: 1 }),
  "distribution/lognormal/cv": cv("lognormal", 0.1, 2),
  "distribution/gamma/mean": mean("gamma", { cv: 1 }),
  "distribution/gamma/cv": cv("gamma", 0.1, 2),
  "distribution/weibull/shape": shaped(
    longest,
    { weibull: { shape: 3, scale: "1s" } },
    { weibull: { shape: 0.5, scale: "1s" } },
  ),
  "distribution/weibull/scale": shaped(
    latency,
    { weibull: { shape: 2, scale: "1s" } },
    { weibull: { shape: 2, scale: "2s" } },
  ),
  "distribution/pareto/minimum": shaped(
    latency,
    { pareto: { minimum: "1s", alpha: 5 } },
    { pareto: { minimum: "2s", alpha: 5 } },
  ),
  "distribution/pareto/alpha": shaped(
    longest,
    { pareto: { minimum: "1s", alpha: 9 } },
    { pareto: { minimum: "1s", alpha: 2 } },
  ),
  "distribution/hyperexponential/mean": mean("hyperexponential", { cv: 2 }),
  "distribution/hyperexponential/cv": cv("hyperexponential", 1.1, 5),
  "distribution/hyperexponential/probability": shaped(latency, phases(0.1), phases(0.9)),
  "distribution/mixture/weight": shaped(latency, mixed(1, "9s"), mixed(9, "9s")),
  "distribution/mixture/of": shaped(latency, mixed(1, "2s"), mixed(1, "9s")),
  "distribution/empirical": shaped(latency, { empirical: ["1s", "2s"] }, { empirical: ["2s", "3s"] }),
  "distribution/truncated/of": shaped(latency, cut("0s", "9s"), cut("0s", "9s", { exponential: "5s" })),
  "distribution/truncated/low": shaped(latency, cut("0s", "5s"), cut("2s", "5s")),
  "distribution/truncated/high": shaped(longest, cut("0s", "1s"), cut("0s", "9s")),
};
