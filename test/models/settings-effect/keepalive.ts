// The effects of the settings of connections that clients keep to nginx and gunicorn.

import {
  A,
  count,
  type Effect,
  falls,
  type Measure,
  proxied,
  rises,
  type Scenario,
  steady,
} from "./effect.js";

const opened: Measure = ({ clients = {} }) => clients.connections?.value ?? 0;
const seconds = { arrivals: { process: "constant", rate: "1/s", requests: 12 } };

/** A request a second over kept connections. */
const kept = (nginx: Scenario = {}, keepalive: Scenario = {}) =>
  proxied(A, { nginx, app: { sleep: "10ms" }, clients: { ...seconds, keepalive } });

/** Five clients who come at the same time. */
const crowd = (keepalive: Scenario = {}) =>
  proxied(A, {
    app: { sleep: "10ms" },
    gunicorn: { workers: 5 },
    clients: { closed: { concurrency: 5, think: "1s", requests: 30 }, keepalive },
  });

/** A request every three seconds to a worker that keeps connections. */
const threaded = proxied(A, {
  gunicorn: { worker_class: "gthread" },
  app: { sleep: "10ms" },
  clients: {
    target: A,
    arrivals: { process: "constant", rate: "20/min", requests: 5 },
    keepalive: {},
  },
});

/** The worker is killed while the second request over a connection runs. */
const killed = {
  ...proxied(A, {
    gunicorn: { worker_class: "gthread", keepalive: "9s" },
    clients: { target: A, ...steady(0.5, 2), keepalive: {} },
  }),
  events: { at: "2500ms", do: "gunicorn.crash" },
};

/** Its end is asked for while a request of 3 s runs. */
const stopped = {
  ...proxied(A, { gunicorn: {}, app: { sleep: "3s" }, clients: steady(1, 1) }),
  events: { at: "500ms", do: "gunicorn.restart" },
};

export const keepaliveEffects: Record<string, Effect> = {
  "clients/keepalive/connections": falls(opened, [1, 9], crowd()),
  "clients/keepalive/requests": falls(opened, [2, 20], kept()),
  "clients/keepalive/idle": falls(opened, ["500ms", "5s"], kept()),
  "clients/keepalive/resend": rises(count("200"), [false, true], killed),
  "nginx/keepalive_timeout": falls(opened, ["500ms", "5s"], kept()),
  "nginx/keepalive_requests": falls(opened, [2, 20], kept()),
  "nginx/keepalive_time": falls(opened, ["3s", "20s"], kept()),
  "gunicorn/keepalive": falls(opened, ["1s", "9s"], threaded),
  "gunicorn/graceful_timeout": rises(count("200"), ["1s", "9s"], stopped),
};
