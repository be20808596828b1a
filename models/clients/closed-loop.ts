// A closed loop: a number of clients, each of which waits for the end of its request, thinks, and sends the
// next one.
//
// Modelled: all clients begin at the start of the run, as those of wrk and of k6's constant-vus do; a think
// time from the end of a request, whatever it was, to the next one; an end after a time or a number of
// requests, after which what is on its way comes to its end, as in k6 within gracefulStop (wrk cuts it off).
// Not modelled: clients that come and go (k6's ramping-vus).

import { recordedDistribution } from "../../src/component/recorded-distribution.js";
import { SettingError } from "../../src/component/setting-error.js";
import type { World } from "../../src/component/world.js";
import { isRandom, meanNs, sampler } from "../../src/engine/distribution.js";
import { grown } from "../../src/engine/grown.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import type { Births } from "./births.js";
import type { Loop } from "./open-loop.js";
import type { Closed } from "./settings.js";

/** So many rounds at one instant are a loop in which nothing takes time. */
const MOST_AT_ONCE = 10_000;
// For the progress of a run only: what a request takes at least, be it of the application or not.
const LEAST_TURN_NS = MILLISECOND;

export function closedLoop(
  world: World,
  declared: Closed,
  given: { path: string; births: Births; send(request: number): void },
): Loop {
  const { sim } = world;
  const { path, births } = given;
  const { concurrency, for: lengthNs = Number.POSITIVE_INFINITY } = declared;
  const most = declared.requests ?? Number.POSITIVE_INFINITY;
  const think = recordedDistribution(world.table, declared.think, [path, "closed", "think"]);
  const drawThinkNs = sampler(think, isRandom(think) ? world.random(`${path}.think`) : () => 0);
  const thinkNs = new Float64Array(concurrency);
  let clientOf = new Int32Array(256);
  const state = world.state({ sent: 0, leadNs: 0, instantNs: -1, atOnce: 0 });
  const ready = sim.event("ready", next);
  world.onReset(() => {
    thinkNs.fill(0);
    clientOf.fill(0);
  });
  const turnNs = (meanNs(think) ?? 0) + births.meanNs;
  world.recorder.expected += Math.min(
    most,
    concurrency * Math.ceil(lengthNs / Math.max(turnNs, LEAST_TURN_NS)),
  );

  /** A client sends its next request, unless enough have been sent. */
  function next(client: number): void {
    if (state.sent === most) return;
    state.sent++;
    watch();
    const request = births.born(sim.now - state.leadNs, -1, -1, client);
    thinkNs[client] = drawThinkNs();
    if (request >= clientOf.length) reserve(request);
    clientOf[request] = client;
    given.send(request);
  }

  function ended(request: number, endNs: number): void {
    const client = clientOf[request] as number;
    const sentNs = endNs + (thinkNs[client] as number);
    if (sentNs < lengthNs && state.sent < most) ready.at(sentNs + state.leadNs, client);
  }

  function moved(from: number, to: number): void {
    if (to >= clientOf.length) reserve(to);
    clientOf[to] = clientOf[from] as number;
  }

  function reserve(request: number): void {
    clientOf = grown(clientOf, new Int32Array(Math.max(2 * clientOf.length, request + 1)));
  }

  function watch(): void {
    if (sim.now !== state.instantNs) {
      state.instantNs = sim.now;
      state.atOnce = 0;
    }
    if (++state.atOnce < MOST_AT_ONCE * concurrency) return;
    const got = `${state.atOnce} requests at ${sim.now / SECOND} s`;
    throw new SettingError(
      [path, "closed", "think"],
      `expected a time above 0s, since nothing else takes any, got ${got}`,
    );
  }

  return {
    start(leadNs) {
      state.leadNs = leadNs;
      for (let client = 0; client < concurrency; client++) ready.at(leadNs, client);
    },
    ended,
    moved,
    actions: {},
  };
}
