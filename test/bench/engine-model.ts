// What the engine's benchmark runs: a model in the house style with 1,000 clients, each with one thing
// pending.
//
// A client thinks, asks, is served or gives up, and has the answer a fixed millisecond later: three events,
// of which two go through the heap, and three exponential variates.

import { sampler } from "../../src/engine/distribution.js";
import { type Source, streams } from "../../src/engine/random.js";
import { Simulation } from "../../src/engine/simulation.js";
import { MILLISECOND, SECOND } from "../../src/engine/time.js";
import { Gauge } from "../../src/metrics/gauge.js";
import { Histogram } from "../../src/metrics/histogram.js";
import { timeAxis } from "../../src/metrics/time-axis.js";

export const CLIENTS = 1_000;

export interface EngineRun {
  events: number;
  /** Events that went through the heap; the others are expiries of the timer. */
  heapEvents: number;
  variates: number;
  /** Clients who wait for their answer, on average. */
  averageBusy: number;
  meanLatencyNs: number;
}

/** Runs the model for so many seconds of simulated time: 2,857 events each. */
export function runEngineModel(simulatedSeconds: number): EngineRun {
  const sim = new Simulation();
  const { busy, latencies, received, start } = thinkingClients(sim, streams("bench", 0).stream);
  start();
  sim.run(simulatedSeconds * SECOND);
  busy.finish();
  // Each answer is one cycle, give or take what is under way at the end.
  const answers = latencies.count;
  return {
    events: sim.executed,
    heapEvents: sim.executed - received(),
    variates: 3 * answers,
    averageBusy: busy.area / sim.now,
    meanLatencyNs: latencies.mean,
  };
}

function thinkingClients(sim: Simulation, random: (stream: string) => Source) {
  const exponential = (meanNs: number, stream: string) =>
    sampler({ kind: "exponential", meanNs }, random(stream));
  const thinkNs = exponential(SECOND, "think");
  const serviceNs = exponential(50 * MILLISECOND, "service");
  const patienceNs = exponential(500 * MILLISECOND, "patience");
  const askedNs = new Float64Array(CLIENTS);
  const busy = new Gauge(sim, timeAxis(), "busy", CLIENTS);
  const latencies = new Histogram();
  const thought = sim.event("thought", ask);
  const served = sim.event("served", answer);
  const left = sim.event("left", answer);
  const received = sim.timer("received", MILLISECOND, think);

  function think(client: number): void {
    thought.after(thinkNs(), client);
  }

  function ask(client: number): void {
    askedNs[client] = sim.now;
    busy.set(busy.value + 1);
    const [takesNs, waitsNs] = [serviceNs(), patienceNs()];
    if (takesNs <= waitsNs) served.after(takesNs, client);
    else left.after(waitsNs, client);
  }

  function answer(client: number): void {
    latencies.record(sim.now - (askedNs[client] as number));
    busy.set(busy.value - 1);
    received.start(client);
  }

  function start(): void {
    for (let client = 0; client < CLIENTS; client++) think(client);
  }

  return { busy, latencies, start, received: () => latencies.count };
}
