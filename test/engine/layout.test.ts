import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { Recorder } from "../../src/component/recorder.js";
import { Requests } from "../../src/component/requests.js";
import { world } from "../../src/component/world.js";
import { streams } from "../../src/engine/random.js";
import { Simulation } from "../../src/engine/simulation.js";
import { laidOut, SECOND } from "../../src/engine/time.js";
import { Counts } from "../../src/metrics/counts.js";
import { Gauge } from "../../src/metrics/gauge.js";
import { Histogram } from "../../src/metrics/histogram.js";
import { timeAxis } from "../../src/metrics/time-axis.js";

// V8 lays an object out by the values of its fields, and knows that layout in compiled code: see DOUBLE in
// engine/time.ts. Small integers end at 2^31 ns, which is 2.1 s; what is used here goes on for hours.
setFlagsFromString("--allow-natives-syntax");
const hasLayoutOf = new Function("one", "other", "return %HaveSameMap(one, other)") as (
  one: object,
  other: object,
) => boolean;
const LATE_NS = 10_000 * SECOND;

// Each class before those that use it: only the first one of a class in a process can show another layout.
const objects: Record<string, () => { made: object[]; use: () => void }> = {
  axis() {
    const made = timeAxis();
    return { made: [made], use: () => void made.reach(LATE_NS) };
  },
  counts() {
    const made = new Counts(timeAxis());
    return { made: [made], use: () => made.add(LATE_NS) };
  },
  gauge() {
    const clock = { now: 0 };
    const made = new Gauge(clock, timeAxis(), "level");
    const use = () => {
      for (clock.now = 0; clock.now < LATE_NS; clock.now += SECOND) made.set(1);
      made.restart();
    };
    return { made: [made], use };
  },
  histogram() {
    const made = new Histogram();
    return { made: [made], use: () => made.record(LATE_NS) };
  },
  recorder() {
    const requests = new Requests();
    const made = new Recorder(timeAxis(), requests);
    const request = requests.born(0, 0);
    const outcome = made.outcome("200");
    return { made: [made], use: () => made.ended(request, outcome, LATE_NS, 2 ** 40) };
  },
  "simulation and calendar"() {
    const made = new Simulation();
    const { heap } = made as unknown as { heap: object };
    return { made: [made, heap], use: () => fill(made) };
  },
  "state of a model"() {
    const state = world(streams("layout", 0), () => ({})).state({ sinceNs: 0, count: 0 });
    const use = () => {
      state.sinceNs = LATE_NS;
      state.count = 2 ** 30;
    };
    return { made: [state], use };
  },
};

test.each(Object.entries(objects))("%s: the same layout late in a run", (_, object) => {
  const { made } = object();
  const used = object();
  used.use();
  for (const [index, one] of made.entries()) expect(hasLayoutOf(one, used.made[index] as object)).toBe(true);
});

test("what is not laid out for times gets another layout, and the test sees it", () => {
  const plain = () => ({ sinceNs: 0 });
  const [early, late] = [plain(), plain()];
  late.sinceNs = LATE_NS;
  expect(hasLayoutOf(early, late)).toBe(false);
  const forTimes = () => laidOut({ sinceNs: 0 });
  const [first, second] = [forTimes(), forTimes()];
  second.sinceNs = LATE_NS;
  expect(hasLayoutOf(first, second)).toBe(true);
});

/** So many events that most of them are in buckets, up to late times. */
function fill(sim: Simulation): void {
  const happened = sim.event("happened", () => {});
  for (let number = 1; number <= 2_000; number++) happened.after((number * LATE_NS) / 2_000, number);
  sim.run();
}
