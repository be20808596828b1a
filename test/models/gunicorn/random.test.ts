// Nothing is lost: on random scripts every request has one outcome unless its caller leaves, and in the end nobody
// holds anything.

import { describe, expect, test } from "vitest";
import { streams } from "../../../src/engine/random.js";
import { play, type Step } from "./hand-made.js";

const classes = ["sync", "gthread", "gevent", "eventlet", "tornado", "uvicorn", "asgi"];

function script(name: string, seed: number) {
  const draw = streams(String(seed), 0).stream(name);
  const below = (most: number) => Math.floor(draw() * most);
  const one = <Of>(...of: Of[]) => of[below(of.length)] as Of;
  const versions = { eventlet: ["20.1.0", "23.0.0", "25.3.0"], asgi: ["24.1.0", "26.1.0"] }[name];
  const version = one(...(versions ?? ["20.1.0", "21.2.0", "23.0.0", "24.1.0", "25.2.0", "26.1.0"]));
  const bind = one("unix:/run/g.sock", "127.0.0.1:8000");
  const settings = {
    worker_class: name,
    version,
    bind,
    reuse_port: bind.startsWith("127") && one(true, false),
    workers: 1 + below(3),
    threads: name === "gthread" ? 1 + below(3) : 1,
    worker_connections: one(3, 5, 1000),
    backlog: one(1, 5, 2048),
    timeout: one("0s", "1s", "3s", "30s"),
    graceful_timeout: one("2s", "30s"),
    keepalive: one("0s", "1s", "2s"),
    max_requests: one(0, 0, 3, 10),
    max_requests_jitter: one(0, 2),
    overhead: one("0s", "1ms"),
  };
  const steps: Step[] = [];
  for (let index = 0; index < 60; index++) {
    const at = below(20_000) / 1000;
    const open = `c${index}`;
    const upload = one(undefined, undefined, undefined, 0, 0.3, 3);
    const work = {
      sleep: one(0, 0.01, 0.5, 2),
      cpu: one(0, 0, 0.01, 0.3, 2),
      ...(upload !== undefined && { upload }),
    };
    steps.push({ at, open, ...work, ...(draw() < 0.5 && { keep: true }) });
    // What comes for a connection that is in use, or gone, is left out when it is its turn.
    if (draw() < 0.4) steps.push({ at: at + below(5000) / 1000, send: open, ...work });
    if (draw() < 0.2) steps.push({ at: at + below(3000) / 1000, leave: open });
    steps.push({ at: 4000, leave: open });
  }
  const accidents = below(4);
  for (let index = 0; index < accidents; index++) {
    const kind = below(4);
    const forNs = below(4e9);
    steps.push({
      at: below(20_000) / 1000,
      act(actions) {
        if (kind === 0) actions.crash();
        else if (kind === 1) actions.hang(forNs);
        else if (kind === 2) actions.reload();
        else actions.addWorker();
      },
    });
  }
  return { settings, steps };
}

describe.each(classes)("%s", (name) => {
  test.each(Array.from({ length: 25 }, (_, seed) => seed))("script %d", (seed) => {
    const { settings, steps } = script(name, seed);
    const { log, world, sent, left } = play(settings, steps, { untilS: 1e5, seed: String(seed) });
    const text = JSON.stringify(settings);
    const ended = log.filter((line) => !/ (dismissed|closed after its caller)$/.test(line)).length;
    expect(ended + left, text).toBe(sent);
    expect(world.connections.open, text).toBe(0);
    expect(world.requests.live, text).toBe(0);
    for (const gauge of world.gauges) expect(gauge.value, `${gauge.name} ${text}`).toBe(0);
  });
});
