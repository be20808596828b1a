// What the engine's benchmark runs: a model in the house style with 1,000 clients, each with one thing
// pending.
//
// A client thinks, its request takes a fixed millisecond, is served, and the answer takes a millisecond back: four
// events, of which two go through the heap, and four exponential variates.

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
  meanBytes: number;
}

/** Runs the model for so many seconds of simulated time: 3,802 events each. */
export function runEngineModel(simulatedSeconds: number): EngineRun {
  const sim = new Simulation();
  const { busy, latencies, bytes, expiries, start } = thinkingClients(sim, streams("bench", 0).stream);
  start();
  sim.run(simulatedSeconds * SECOND);
  busy.finish();
  // Each answer is one cycle, give or take what is under way at the end.
  const answers = latencies.count;
  return {
    events: sim.executed,
    heapEvents: sim.executed - expiries(),
    variates: 4 * answers,
    averageBusy: busy.area / sim.now,
    meanLatencyNs: latencies.mean,
    meanBytes: bytes() / answers,
  };
}

function thinkingClients(sim: Simulation, random: (stream: string) => Source) {
  const exponential = (meanNs: number, stream: string) =>
    sampler({ kind: "exponential", meanNs }, random(stream));
  const thinkNs = exponential(SECOND, "think");
  const serviceNs = exponential(50 * MILLISECOND, "service");
  const requestBytes = exponential(500, "request bytes");
  const answerBytes = exponential(2_000, "answer bytes");
  const askedNs = new Float64Array(CLIENTS);
  const totals = { bytes: 0, expiries: 0 };
  const busy = new Gauge(sim, timeAxis(), "busy", CLIENTS);
  const latencies = new Histogram();
  const thought = sim.event("thought", ask);
  const served = sim.event("served", answer);
  const arrived = sim.timer("arrived", MILLISECOND, serve);
  const received = sim.timer("received", MILLISECOND, think);

  function think(client: number): void {
    totals.expiries++;
    thought.after(thinkNs(), client);
  }

  function ask(client: number): void {
    askedNs[client] = sim.now;
    busy.set(busy.value + 1);
    totals.bytes += requestBytes();
    arrived.start(client);
  }

  function serve(client: number): void {
    totals.expiries++;
    served.after(serviceNs(), client);
  }

  function answer(client: number): void {
    latencies.record(sim.now - (askedNs[client] as number));
    busy.set(busy.value - 1);
    totals.bytes += answerBytes();
    received.start(client);
  }

  function start(): void {
    for (let client = 0; client < CLIENTS; client++) thought.after(thinkNs(), client);
  }

  return { busy, latencies, bytes: () => totals.bytes, expiries: () => totals.expiries, start };
}
