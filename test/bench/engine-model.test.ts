import { expect, test } from "vitest";
import { CLIENTS, runEngineModel } from "./engine-model.js";

test("two thirds of the engine benchmark's events go through the heap, with a variate an event", () => {
  const { events, heapEvents, variates, averageBusy, meanLatencyNs } = runEngineModel(100);
  // A cycle takes 1 s of thinking, 1 / (20 + 2) s until served or tired, and 1 ms: 2,866 events a second.
  expect(events / 100).toBeGreaterThan(2_800);
  expect(events / 100).toBeLessThan(2_930);
  expect(heapEvents / events).toBeCloseTo(2 / 3, 3);
  expect(variates / events).toBeCloseTo(1, 2);
  expect(meanLatencyNs).toBeCloseTo(1e9 / 22, -6);
  // Little's law: clients who wait = 1,000 x 45.5 ms / 1.0465 s.
  expect(averageBusy / CLIENTS).toBeCloseTo(1 / 22 / 1.0465, 2);
});
