// The method itself, on made-up values whose truth is known: 7 + 3 c + noise, c and noise standard normal.

import { randomNormal } from "d3-random";
import { expect, test } from "vitest";
import { streams } from "../../src/engine/random.js";
import { critical, estimate } from "./estimate.js";
import type { Sampling } from "./sample.js";

const TRUTH = 7;

function madeUp(name: string, noise: number): Sampling {
  return async (seed, replication, sections = 1) => {
    const normal = randomNormal.source(streams(`${name} ${seed}`, replication).stream("values"))();
    return Array.from({ length: sections }, () => {
      const control = normal();
      return { value: TRUTH + 3 * control + noise * normal(), controls: [control, 0] };
    });
  };
}

test("the half-width is as asked, or narrower if 30 replications are enough", async () => {
  const found = await estimate(madeUp("wide", 1), TRUTH, 0.01);
  expect(found.replications).toBeGreaterThan(30);
  expect(found.halfWidth).toBeLessThanOrEqual(0.07);
  expect(found.halfWidth).toBeGreaterThan(0.069);
  const easy = await estimate(madeUp("narrow", 0.01), TRUTH, 0.01);
  expect(easy.replications).toBe(30);
  expect(easy.halfWidth).toBeLessThan(0.07);
});

test("a control explains what hangs on it: of the variance 3^2 + 1^2 only the 1^2 is left", async () => {
  // Without the control there would be (3.66 sqrt(10) / 0.07)^2 = 27,000 replications, with it 2,700, give or take the
  // pilot's error of s^2, which has a standard deviation of 26 %.
  const { replications } = await estimate(madeUp("explained", 1), TRUTH, 0.01);
  expect(replications).toBeGreaterThan(1_000);
  expect(replications).toBeLessThan(6_000);
});

test("z has the spread of Student's distribution with 29 degrees of freedom, sqrt(29 / 27)", async () => {
  // 400 values of z: the standard deviation of their mean is 0.05, that of their deviation 0.04.
  const zs: number[] = [];
  for (let trial = 0; trial < 400; trial++) {
    zs.push((await estimate(madeUp(`trial ${trial}`, 1), TRUTH, 0.08)).z);
  }
  const mean = zs.reduce((sum, z) => sum + z, 0) / zs.length;
  const squares = zs.reduce((sum, z) => sum + z ** 2, 0) / zs.length;
  expect(Math.abs(mean)).toBeLessThan(0.2);
  expect(Math.abs(Math.sqrt(squares) - Math.sqrt(29 / 27))).toBeLessThan(0.16);
});

test("the draws are judged too: a control whose mean is not zero is seen", async () => {
  const shifted: Sampling = async (...which) =>
    (await madeUp("shifted", 1)(...which)).map(({ value, controls }) => ({
      value,
      controls: [(controls[0] as number) + 0.5, 0],
    }));
  const { controlZs } = await estimate(shifted, TRUTH, 0.01);
  expect(controlZs[0]).toBeGreaterThan(critical(100));
  expect(controlZs[1]).toBe(0);
});

test("where nothing is drawn the value must be the exact one", async () => {
  const certain: Sampling = async () => [{ value: TRUTH, controls: [0, 0] }];
  expect(await estimate(certain, TRUTH, 0.01)).toMatchObject({
    value: TRUTH,
    halfWidth: 0,
    z: 0,
    replications: 1,
  });
  expect((await estimate(certain, TRUTH * 1.000001, 0.01)).z).toBe(Number.POSITIVE_INFINITY);
});

test("critical values are Student's with 29 degrees of freedom at 0.001 / 2 n", () => {
  // SciPy: stats.t.isf(0.0005, 29) and stats.t.isf(0.0005 / 32, 29).
  expect(critical(1)).toBeCloseTo(3.659405, 5);
  expect(critical(32)).toBeCloseTo(4.92495, 4);
});
