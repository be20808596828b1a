// The effects of the settings that make a class of workers.

import { A, count, type Effect, falls, latency, proxied } from "./effect.js";

export const workerClassEffects: Record<string, Effect> = {
  // One request after the other, or all of them waiting at a time.
  "gunicorn/worker_class": falls(latency, ["sync", "gevent"], proxied(A)),
  "gunicorn/threads": falls(latency, [1, 4], proxied(A, { gunicorn: { worker_class: "gthread" } })),
  // Ten at once: 2 inside and 3 in the kernel's queue, or all of them inside.
  "gunicorn/worker_connections": falls(
    count("502"),
    [2, 10],
    proxied(A, { gunicorn: { worker_class: "gthread", backlog: 2 } }),
  ),
};
