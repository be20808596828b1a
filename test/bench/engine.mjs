// The engine alone: events a second of one core of a model in the house style, and what recording a latency costs.

import { secondsOf } from "./measure.mjs";

const SIMULATED_SECONDS = 2_000;
const ROUNDS = 5;
const PENDING = [10, 1_000, 100_000, 1_000_000];
const HELD = 1_000_000;
const RECORDS = 5_000_000;

/** Prints what was measured and answers the figures. `bundled` gives a bundled TypeScript file's exports. */
export async function benchEngine(bundled) {
  const { runEngineModel, CLIENTS } = await bundled("test/bench/engine-model.ts");
  let run = runEngineModel(SIMULATED_SECONDS / 10);
  const seconds = secondsOf(ROUNDS, () => {
    run = runEngineModel(SIMULATED_SECONDS);
  });
  const share = (run.heapEvents / run.events) * 100;
  console.log(
    `engine: ${CLIENTS} pending, ${share.toFixed(0)} % of ${run.events} events through the heap, ` +
      `${(run.variates / run.events).toFixed(2)} variates an event`,
  );
  return {
    "engine, million events/s of CPU": run.events / seconds / 1e6,
    ...(await benchPending(bundled)),
    ...(await benchHistogram(bundled)),
  };
}

/** What an event costs, with a varying delay, when so many are pending: it grows with their logarithm. */
async function benchPending(bundled) {
  const { Simulation } = await bundled("src/engine/simulation.ts");
  const figures = {};
  for (const pending of PENDING) {
    const sim = new Simulation();
    let word = 1;
    const delayNs = () => {
      word = (Math.imul(word, 1_103_515_245) + 12_345) >>> 0;
      return word >>> 12;
    };
    const happened = sim.event("happened", (subject) => happened.after(delayNs(), subject));
    for (let subject = 0; subject < pending; subject++) happened.after(delayNs(), subject);
    const seconds = secondsOf(ROUNDS, () => sim.run(undefined, HELD));
    figures[`ns an event, ${pending} pending`] = (seconds / HELD) * 1e9;
  }
  return figures;
}

async function benchHistogram(bundled) {
  const { Histogram } = await bundled("src/metrics/histogram.ts");
  const { build } = await import("hdr-histogram-js");
  const latencies = Float64Array.from({ length: 2 ** 16 }, (_, index) =>
    Math.floor(-5e7 * Math.log(((index * 40_503) % 65_537) / 65_537 + 1e-9)),
  );
  const own = new Histogram();
  const hdr = build({ numberOfSignificantValueDigits: 3, highestTrackableValue: 2 ** 53 - 1 });
  const nanoseconds = (record) =>
    (secondsOf(ROUNDS, () => {
      for (let index = 0; index < RECORDS; index++) record(latencies[index & 0xffff]);
    }) /
      RECORDS) *
    1e9;
  return {
    "histogram, ns a record": nanoseconds((value) => own.record(value)),
    "hdr-histogram-js, ns a record": nanoseconds((value) => hdr.recordValue(value)),
  };
}
