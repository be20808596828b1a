import { describe, expect, test } from "vitest";
import { queueingSystem } from "../../models/queueing-system.js";
import { curve, exact, nameOf, type Queue, queuesBeside, simulationOf } from "../../notebooks/lib/queue.js";
import { load, predict } from "../../src/index.js";
import { answerOf } from "../../src/theory/answers.js";

const ENDLESS = Number.POSITIVE_INFINITY;
const queue: Queue = { workers: 4, utilisation: 0.9, backlog: 7 };

describe("the notebook's queue", () => {
  test("is M/M/c/K with K = workers + backlog + 1, and M/M/c without a limit", () => {
    expect(nameOf(queue)).toBe("M/M/4/12");
    expect(nameOf({ ...queue, backlog: ENDLESS })).toBe("M/M/4");
  });

  test("has the exact answer of its birth and death process", () => {
    // Weights a^n / n! up to the number of workers, then times a / c for each place more.
    const a = 3.6;
    const weights = [1];
    for (let n = 1; n <= 12; n++) weights.push(((weights[n - 1] as number) * a) / Math.min(n, 4));
    const all = weights.reduce((sum, one) => sum + one, 0);
    expect(exact(queue).blocked).toBeCloseTo((weights[12] as number) / all, 12);
  });

  test("cannot refuse less than the workers cannot do: 1 - 1 / 1.25 of 1.25 times their work", () => {
    expect(exact({ workers: 4, utilisation: 1.25, backlog: 500 }).blocked).toBeCloseTo(0.2, 8);
    expect(exact({ workers: 4, utilisation: 1.25, backlog: 7 }).blocked).toBeGreaterThan(0.2);
  });

  test("draws a curve through the exact answers", () => {
    const points = curve({ workers: 4, backlog: 7 }, [0.4, 1.35]);
    expect(points).toHaveLength(96);
    expect(points[50]?.utilisation).toBeCloseTo(0.9, 12);
    expect(points[50]?.blocked).toBeCloseTo(exact(queue).blocked, 10);
  });

  const all = [1, 16].flatMap((workers) => [0, 64].flatMap((backlog) => queuesBeside({ workers, backlog })));
  test.each([queue, ...all])("is for recvq exactly the system of the books: %o", (one) => {
    const system = queueingSystem(load(simulationOf(one)).settings);
    const answer = system && answerOf(system);
    expect(answer?.leftOut).toEqual([]);
    expect(answer?.values.wait).toBeCloseTo(exact(one).waitS, 9);
    expect(answer?.values.blocked).toBeCloseTo(exact(one).blocked, 9);
  });

  test("is simulated with intervals near the exact answer", async () => {
    const { theory, warm_up } = await predict(simulationOf(queue));
    expect(theory).toMatchObject({ system: "M/M/4/12", exact: true });
    // Four standard errors: chance exceeds that once in 1300 (t with 19 degrees of freedom).
    for (const { z } of theory?.values ?? []) expect(Math.abs(z as number)).toBeLessThan(4);
    // Eight relaxation times at 36 requests a second.
    expect(warm_up.left_out_s).toBeGreaterThan(3);
  });
});
