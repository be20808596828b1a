// The effects of what happens by the clock.

import {
  A,
  count,
  differs,
  type Effect,
  falls,
  latency,
  longest,
  proxied,
  rises,
  type Scenario,
  sent,
  served,
} from "./effect.js";

const steady = { arrivals: { process: "constant", rate: "2/s", for: "10s" } };
const during = (event: Scenario, gunicorn: Scenario = {}, app: Scenario = {}): Scenario => ({
  ...proxied(A, {
    gunicorn: { workers: 2, timeout: "0s", backlog: 2048, ...gunicorn },
    app: { sleep: "900ms", ...app },
    clients: steady,
  }),
  events: [event],
});
const hung = during({ at: "2s", do: "gunicorn.hang", worker: 1, for: "1s" });
const lifted: Scenario = {
  ...proxied(A, {
    kernel: { sysctl: { "net.core.somaxconn": 0 } },
    clients: {
      arrivals: [
        { process: "burst", requests: 1, for: "5s" },
        { process: "burst", requests: 9 },
      ],
    },
  }),
  events: [
    { at: "2s", do: "kernel.sysctl", "net.core.somaxconn": 1 },
    { at: "3s", do: "gunicorn.restart" },
  ],
};

export const eventEffects: Record<string, Effect> = {
  "events/at": rises(served, ["2s", "20s"], during({ do: "gunicorn.stop" })),
  "events/do": falls(count("502"), ["gunicorn.crash", "gunicorn.reload"], during({ at: "2200ms" })),
  "events/for": rises(longest, ["1s", "5s"], hung),
  // The worker that hangs is the one that has a request, or the other.
  "events/worker": differs(
    latency,
    [2, 1],
    during(
      { at: "100ms", do: "gunicorn.hang", for: "5s" },
      { workers: 2, max_requests: 0 },
      { sleep: "300ms" },
    ),
  ),
  "events/pause": falls(served, ["0s", "3s"], during({ at: "2s", do: "gunicorn.restart" })),
  "events/factor": rises(latency, [1, 3], during({ at: "2s", do: "app.slow" })),
  "events/rate": rises(sent, ["1/s", "9/s"], during({ at: "2s", do: "clients.rate" })),
  "events/net.core.somaxconn": rises(served, [1, 20], lifted),
};
