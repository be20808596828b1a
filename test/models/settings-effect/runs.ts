// How often a scenario is run, and what of it counts.

import {
  A,
  burst,
  differs,
  type Effect,
  falls,
  type Measure,
  proxied,
  rises,
  sent,
  steady,
} from "./effect.js";

const fingerprint: Measure = (result) => result.fingerprint;
const replications: Measure = (result) => result.replications;
const random = proxied(A, { app: { sleep: { exponential: "1s" } }, clients: burst(5) });

/** Latencies that vary by half from replication to replication. */
const until = (rule: Record<string, unknown>) => ({
  ...random,
  run: {
    replications: 2,
    max_replications: 60,
    until: { metric: "latency.mean", relative_error: 0.2, confidence: 0.9, ...rule },
  },
});

export const runEffects: Record<string, Effect> = {
  "run/seed": differs(fingerprint, [1, 2], random),
  "run/replications": rises(replications, [1, 3], random),
  // The rate of answers varies less than the least latency.
  "run/until/metric": rises(replications, ["200.rate", "latency.min"], until({})),
  "run/until/relative_error": falls(replications, [0.1, 0.9], until({})),
  "run/until/confidence": rises(replications, [0.5, 0.99], until({})),
  "run/max_replications": rises(replications, [11, 14], until({ relative_error: 0.001 })),
  "run/warmup": falls(sent, ["0s", "5s"], proxied(A, { clients: steady(10, 100) })),
};
