// The effects of the settings that decide when a worker ends and how its place is filled.

import {
  A,
  burst,
  count,
  differs,
  direct,
  type Effect,
  errno,
  falls,
  heldPeak,
  latency,
  longest,
  proxied,
  rises,
  type Scenario,
  steady,
} from "./effect.js";

/** One worker whose requests of 3 s are killed after 2 s. */
const killed = (gunicorn: Scenario = {}, app: Scenario = {}) =>
  proxied(A, {
    gunicorn: { timeout: "2s", started_ago: "1s", ...gunicorn },
    app: { sleep: "3s", ...app },
    clients: burst(3),
  });
/** One worker that is replaced after each request. */
const replaced = (gunicorn: Scenario = {}) =>
  proxied(A, { gunicorn: { max_requests: 1, ...gunicorn }, app: { sleep: "0s" }, clients: burst(5) });

export const lifeEffects: Record<string, Effect> = {
  "gunicorn/timeout": falls(count("502"), ["2s", "30s"], killed()),
  // A request a second, whose client leaves after a second: 1 + 1 or 1 + 9 of them at a time.
  "gunicorn/asgi_disconnect_grace_period": rises(
    heldPeak,
    ["1s", "9s"],
    direct({
      gunicorn: { worker_class: "asgi", version: "26.1.0" },
      app: { sleep: "20s" },
      clients: { ...steady(1, 15), timeout: "1s" },
    }),
  ),
  "gunicorn/max_requests": rises(latency, [0, 1], replaced({ boot: "1s" })),
  "gunicorn/max_requests_jitter": falls(latency, [0, 20], replaced({ boot: "1s" })),
  "gunicorn/preload_app": falls(latency, [false, true], replaced({ boot: "1s" })),
  "gunicorn/boot": rises(latency, ["0s", "1s"], replaced()),
  "gunicorn/exit_time": rises(latency, ["0s", "1s"], replaced()),
  "gunicorn/abort_time": rises(longest, ["0s", "1500ms"], killed()),
  "gunicorn/started_ago": differs(longest, ["1s", "1500ms"], killed()),
  "app/swallows_exit": rises(longest, [false, true], killed({}, { sleep: "9s" })),
  "kernel/sysctl/net.ipv4.tcp_migrate_req": falls(
    errno("ECONNRESET"),
    [0, 1],
    direct({
      gunicorn: { version: "24.0.0", workers: 4, reuse_port: true, max_requests: 2 },
      clients: burst(40),
    }),
  ),
};
