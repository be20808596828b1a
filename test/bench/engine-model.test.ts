import { expect, test } from "vitest";
import { CLIENTS, runEngineModel } from "./engine-model.js";

test("half of the engine benchmark's events go through the heap, with a variate an event", () => {
  const { events, heapEvents, variates, averageBusy, meanLatencyNs, meanBytes } = runEngineModel(100);
  // A cycle takes 1 s of thinking, 50 ms of service and twice 1 ms: 4,000 / 1.052 = 3,802 events a second.
  expect(events / 100).toBeGreaterThan(3_730);
  expect(events / 100).toBeLessThan(3_870);
  expect(heapEvents / events).toBeCloseTo(1 / 2, 2);
  expect(variates / events).toBeCloseTo(1, 2);
  expect(meanLatencyNs).toBeCloseTo(51e6, -6.5);
  expect(meanBytes).toBeCloseTo(2_500, -1.5);
  // Little's law: clients who wait = 1,000 x 51 ms / 1.052 s.
  expect(averageBusy / CLIENTS).toBeCloseTo(0.051 / 1.052, 2);
});
