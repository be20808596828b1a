// The effects of nginx's settings for the connections to the application, against one that keeps its end.

import { count, counter, type Effect, falls, rises, type Scenario } from "./effect.js";

const opened = counter("Opened");
const SERVERS = ["unix:/run/keeper.sock"];

/** Ten requests, one a second, to an application that leaves connections open for 100 s. */
const kept = (nginx: Scenario, keeper: Scenario = { keeps: "100s" }): Scenario => ({
  clients: { arrivals: [{ process: "constant", rate: "1/s", requests: 10 }] },
  nginx: { listen: "unix:/run/front.sock", version: "1.30.0", ...nginx },
  keeper,
  app: { sleep: "10ms" },
  run: { seed: 1 },
});
const grouped = (upstream: Scenario = {}, nginx: Scenario = {}) =>
  kept({ ...nginx, upstream: { servers: SERVERS, ...upstream } });
const passed = (url: unknown) => kept({ proxy_pass: url });
const WHERE = "http://unix:/run/keeper.sock";
const NOWHERE = "http://unix:/run/nobody.sock";

export const upstreamEffects: Record<string, Effect> = {
  "nginx/upstream/keepalive": falls(opened, [0, 8], grouped()),
  "nginx/upstream/keepalive_requests": falls(opened, [2, 20], grouped()),
  "nginx/upstream/keepalive_time": falls(opened, ["3s", "20s"], grouped()),
  "nginx/upstream/keepalive_timeout": falls(opened, ["500ms", "2s"], grouped()),
  "nginx/proxy_http_version": falls(opened, ["1.0", "1.1"], grouped()),
  "nginx/proxy_set_header/Connection": falls(opened, ["close", ""], grouped()),
  "nginx/proxy_pass": rises(count("502"), [WHERE, NOWHERE], passed(WHERE)),
  "nginx/proxy_pass/url": rises(count("502"), [WHERE, NOWHERE], passed({ url: WHERE })),
  // Of two addresses nobody listens at one: the other gets its requests as well.
  "nginx/proxy_pass/resolves": falls(
    count("502"),
    [["unix:/run/nobody.sock"], ["unix:/run/nobody.sock", "unix:/run/keeper.sock"]],
    passed({ url: "http://localhost:8000" }),
  ),
};
