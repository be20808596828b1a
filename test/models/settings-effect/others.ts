// The effects of the settings of clients, gunicorn, the application and the run.

import { distributionEffects } from "./distributions.js";
import {
  A,
  B,
  burst,
  bytesIn,
  count,
  differs,
  direct,
  type Effect,
  falls,
  grouped,
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

/** nginx and gunicorn in the first of two namespaces, each at an address that only those beside it reach. */
const apart = {
  ...proxied(TCP, { nginx: { listen: "127.0.0.1:80" } }),
  kernel: [{ name: "a" }, { name: "b" }],
};

const gunicornEffects: Record<string, Effect> = {
  "gunicorn/kernel": falls(served, ["a", "b"], apart),
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
  "app/routes/path": differs(
    ({ routes = {} }) => Object.keys(routes).join(),
    ["/a", "/b"],
    proxied(A, { app: { routes: [{ path: "/" }, { path: "/c" }] } }),
  ),
  "app/routes/weight": rises(latency, [1, 99], routed({ weight: 1, sleep: "9s" })),
  "app/routes/sleep": rises(latency, ["1s", "3s"], routed({})),
  "app/routes/cpu": rises(latency, ["1s", "3s"], routed({})),
  "app/routes/body": rises(bytesIn, ["2B", "9kB"], routed({})),
  "app/body": rises(bytesIn, ["2B", "2kB"], proxied(A)),
  // An answer with the request unread may be lost.
  "app/reads_body": falls(
    count("502"),
    [false, true],
    proxied(A, { app: { sleep: "0s" }, clients: { ...steady(10, 20), body: "100kB" } }),
  ),
};

/** The same for an application of the gunicorn's own; two routes, of which it knows the first. */
const own = (first: Scenario) =>
  proxied(A, {
    gunicorn: { app: { routes: [{ path: "/a", ...first }] } },
    app: { sleep: "0s", routes: [{ path: "/a" }, { path: "/b" }] },
    clients: { ...steady(1, 20), routes: { "/a": 1 } },
  });
const ownAppEffects: Record<string, Effect> = {
  "gunicorn/app/sleep": rises(latency, ["1s", "3s"], own({})),
  "gunicorn/app/cpu": rises(latency, ["1s", "3s"], own({})),
  "gunicorn/app/body": rises(bytesIn, ["2B", "2kB"], own({})),
  "gunicorn/app/reads_body": falls(
    count("502"),
    [false, true],
    proxied(A, { app: { sleep: "0s" }, clients: { ...steady(10, 20), body: "100kB" } }),
  ),
  // SIGKILL comes a second after SIGABRT.
  "gunicorn/app/swallows_exit": rises(
    longest,
    [false, true],
    proxied(A, { gunicorn: { timeout: "2s", started_ago: "1s" }, app: { sleep: "9s" }, clients: burst(1) }),
  ),
  "gunicorn/app/routes/path": falls(latency, ["/a", "/b"], own({ sleep: "9s" })),
  "gunicorn/app/routes/sleep": rises(latency, ["1s", "3s"], own({})),
  "gunicorn/app/routes/cpu": rises(latency, ["1s", "3s"], own({})),
  "gunicorn/app/routes/body": rises(bytesIn, ["2B", "9kB"], own({})),
};

/** Two routes, of which the first is given. */
function routed(first: Scenario): Scenario {
  return proxied(A, {
    app: { routes: [{ path: "/first", ...first }, { path: "/second" }] },
    gunicorn: { workers: 100 },
    clients: steady(1, 100),
  });
}

/** Nobody listens, so that every attempt fails at once. */
const refused = (retries: Scenario, more: Scenario = {}): Scenario => ({
  ...proxied(A),
  clients: { target: NOBODY, ...steady(10, 200), retries: { on: ["ENOENT"], ...retries }, ...more },
});
const attempts: Measure = ({ clients = {} }) => clients.attempts_per_request?.value ?? 0;
const budget = (given: Scenario) => refused({ attempts: 2, budget: given });

const retryEffects: Record<string, Effect> = {
  "clients/retries/attempts": rises(attempts, [2, 3], refused({})),
  "clients/retries/on": rises(attempts, [[502], ["ENOENT"]], refused({})),
  "clients/retries/delay": rises(latency, ["1s", { exponential: "9s" }], refused({})),
  "clients/retries/factor": rises(latency, [1, 2], refused({ delay: "1s" })),
  "clients/retries/most": rises(longest, ["1s", "1h"], refused({ delay: "1s", factor: 9 })),
  "clients/retries/jitter": falls(latency, ["none", "full"], refused({ delay: "1s" })),
  "clients/retries/budget/ratio": rises(attempts, [0.1, 0.9], budget({ min_retries_per_second: 0.1 })),
  "clients/retries/budget/min_retries_per_second": rises(attempts, [0.1, 5], budget({ ratio: 0.1 })),
  // The reserve is that of the ttl, and all of it can be used at once.
  "clients/retries/budget/ttl": rises(
    attempts,
    ["1s", "100s"],
    refused({ attempts: 2, budget: { ratio: 0, min_retries_per_second: 1 } }, burst(50)),
  ),
};

const loop = (closed: Scenario): Scenario => proxied(A, { clients: { closed } });

const loopEffects: Record<string, Effect> = {
  "clients/closed/concurrency": rises(latency, [1, 9], loop({ for: "20s" })),
  "clients/closed/think": falls(sent, ["0s", { constant: "1s" }], loop({ concurrency: 1, for: "20s" })),
  "clients/closed/for": rises(sent, ["10s", "20s"], loop({ concurrency: 1 })),
  "clients/closed/requests": rises(sent, [5, 9], loop({ concurrency: 1 })),
};

const mmpp = (states: unknown): Scenario =>
  proxied(A, { clients: { arrivals: { process: "mmpp", states, for: "1h" } }, app: { sleep: "0s" } });
const twoStates = [
  { rate: "1/s", for: "60s" },
  { rate: "9/s", for: "60s" },
];
const day = (more: Scenario): Scenario =>
  proxied(A, {
    app: { sleep: "50ms" },
    clients: {
      arrivals: { process: "profile", rates: { "00:00": "1/s", "12:00": "9/s" }, spacing: "even", ...more },
    },
  });

const phaseEffects: Record<string, Effect> = {
  "clients/arrivals/batch": rises(
    latency,
    [1, 10],
    proxied(A, { clients: { arrivals: { process: "poisson", rate: "0.1/s", requests: 50 } } }),
  ),
  "clients/arrivals/states/rate": rises(sent, ["1/s", "50/s"], mmpp(twoStates)),
  "clients/arrivals/states/for": falls(sent, ["60s", "600s"], mmpp(twoStates)),
  "clients/arrivals/rates": rises(
    sent,
    [{ "00:00": "1/s" }, { "00:00": "1/s", "12:00": "9/s" }],
    day({ day: "60s" }),
  ),
  "clients/arrivals/day": rises(sent, ["60s", "120s"], day({})),
  "clients/arrivals/start": rises(sent, ["00:00", "12:00"], day({ day: "60s", for: "10s" })),
};

/** Two servers for the key of a request to choose between: how much the quieter one does. */
const spread = (balance: unknown): Scenario =>
  grouped([A, B], { nginx: { upstream: { balance } }, app: { sleep: "10ms" }, clients: steady(10, 200) });
const quieter: Measure = ({ series }) =>
  Math.min(
    ...series.levels
      .filter(({ name }) => name.startsWith("busy workers of"))
      .map(({ average }) => average.value),
  );

const clientEffects: Record<string, Effect> = {
  "clients/kernel": falls(served, ["a", "b"], apart),
  ...retryEffects,
  ...loopEffects,
  ...phaseEffects,
  "clients/addresses": rises(quieter, [1, 100], onTcp(spread("ip_hash"))),
  "clients/uris": rises(quieter, [1, 100], spread({ hash: { key: "uri" } })),
  "clients/routes": rises(latency, [{ "/first": 1, "/second": 9 }, { "/first": 1 }], routed({ sleep: "9s" })),
  "clients/target": falls(served, [A, NOBODY], { ...direct({ gunicorn: { bind: A } }), clients: burst(3) }),
  "clients/body": rises(count("413"), ["1kB", "2MB"], proxied(A)),
  "clients/upload": falls(latency, ["10kB", "1MB"], proxied(A, { clients: burst(3, { body: "100kB" }) })),
  // After a read timeout only what is idempotent is sent to the other server.
  "clients/method": falls(
    latency,
    ["GET", "POST"],
    grouped([A, B], { nginx: { proxy_read_timeout: "500ms" }, clients: burst(1) }),
  ),
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

/** Clients of a unix socket have no address. */
function onTcp({ nginx, ...rest }: Scenario): Scenario {
  return { ...rest, nginx: { ...(nginx as Scenario), listen: "127.0.0.1:80" } };
}

/** Never two at a time unless the gaps differ. */
function ramp(): Scenario {
  return proxied(A, {
    app: { sleep: "50ms" },
    clients: { arrivals: { process: "ramp", from: "5/s", to: "5/s", for: "20s", spacing: "even" } },
  });
}

export const otherEffects: Record<string, Effect> = {
  ...gunicornEffects,
  ...appEffects,
  ...ownAppEffects,
  ...clientEffects,
  ...distributionEffects,
};
