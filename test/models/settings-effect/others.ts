// The effects of the settings of clients, gunicorn, the application and the run.

import {
  A,
  burst,
  bytesIn,
  count,
  differs,
  direct,
  type Effect,
  falls,
  latency,
  longest,
  type Measure,
  NOBODY,
  noPort,
  proxied,
  rises,
  type Scenario,
  sent,
  served,
  steady,
  TCP,
} from "./effect.js";

const gunicornEffects: Record<string, Effect> = {
  "gunicorn/bind": falls(served, [A, NOBODY], proxied(A)),
  // From 26.0 on a worker lingers for 0.2 ms after each answer.
  "gunicorn/version": rises(latency, ["25.3.0", "26.0.0"], proxied(A, { app: { sleep: "0s" } })),
  "gunicorn/workers": falls(latency, [1, 4], proxied(A)),
  "gunicorn/backlog": rises(served, [0, 5], proxied(A)),
  "gunicorn/reuse_port": rises(
    longest,
    [false, true],
    direct({
      gunicorn: { version: "24.0.0", workers: 4 },
      clients: burst(20),
    }),
  ),
  // One core: what nine idle workers need to find nothing, the tenth lacks.
  "gunicorn/wake_cpu": rises(
    latency,
    ["0s", "1ms"],
    proxied(A, {
      kernel: { cores: 1 },
      gunicorn: { workers: 10 },
      app: { sleep: "0s", cpu: "5ms" },
      clients: steady(10, 20),
    }),
  ),
  "gunicorn/overhead": rises(latency, ["0s", "10ms"], proxied(A)),
};

const appEffects: Record<string, Effect> = {
  "app/sleep": rises(latency, ["1s", { exponential: "3s" }], proxied(A)),
  "app/cpu": rises(latency, ["1s", { exponential: "3s" }], proxied(A, { app: { sleep: "0s" } })),
  "app/content_length": rises(
    noPort,
    [false, true],
    proxied(TCP, {
      kernel: { sysctl: { "net.ipv4.ip_local_port_range": "40000 40003", "net.ipv4.tcp_tw_reuse": 0 } },
      nginx: { upstream: { closes_first: 1 } },
      app: { sleep: "0s" },
      clients: steady(1, 10),
    }),
  ),
  "app/body": rises(bytesIn, ["2B", "2kB"], proxied(A)),
};

const clientEffects: Record<string, Effect> = {
  "clients/target": falls(served, [A, NOBODY], { ...direct({ gunicorn: { bind: A } }), clients: burst(3) }),
  "clients/timeout": falls(count("client-timeout"), ["500ms", "1h"], proxied(A)),
  "clients/cpu": rises(
    latency,
    ["0s", "5ms"],
    proxied(A, {
      kernel: { cores: 1 },
      app: { sleep: "0s", cpu: "5ms" },
      clients: steady(10, 20),
    }),
  ),
  // A process brings what it needs with it.
  "clients/arrivals/process": falls(
    latency,
    [
      { process: "burst", requests: 10 },
      { process: "constant", rate: "10/s", requests: 10 },
    ],
    proxied(A, { app: { sleep: "10ms" } }),
    "clients/arrivals",
  ),
  "clients/arrivals/rate": rises(
    latency,
    ["1/s", "100/s"],
    proxied(A, { app: { sleep: "100ms" }, clients: steady(1, 10) }),
  ),
  "clients/arrivals/for": rises(
    sent,
    ["2s", "4s"],
    proxied(A, {
      clients: { arrivals: { process: "constant", rate: "5/s" } },
    }),
  ),
  "clients/arrivals/requests": rises(sent, [2, 4], proxied(A)),
  "clients/arrivals/from": rises(sent, ["1/s", "9/s"], ramp()),
  "clients/arrivals/to": rises(sent, ["1/s", "9/s"], ramp()),
  "clients/arrivals/spacing": rises(latency, ["even", "poisson"], ramp()),
  "clients/arrivals/file": rises(
    sent,
    ["two.csv", "three.csv"],
    proxied(A, {
      clients: { arrivals: { process: "trace" } },
    }),
  ),
};

/** Never two at a time unless the gaps differ. */
function ramp(): Scenario {
  return proxied(A, {
    app: { sleep: "50ms" },
    clients: { arrivals: { process: "ramp", from: "5/s", to: "5/s", for: "20s", spacing: "even" } },
  });
}

const fingerprint: Measure = (result) => result.fingerprint;
const random = proxied(A, { app: { sleep: { exponential: "1s" } }, clients: burst(5) });

const runEffects: Record<string, Effect> = {
  "run/seed": differs(fingerprint, [1, 2], random),
  "run/replications": rises(({ replications }) => replications, [1, 3], random),
};

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

const distributionEffects: Record<string, Effect> = {
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

export const otherEffects: Record<string, Effect> = {
  ...gunicornEffects,
  ...appEffects,
  ...clientEffects,
  ...runEffects,
  ...distributionEffects,
};
