// EADDRNOTAVAIL against Erlang's loss formula: the ports are the servers, 60 s of TIME_WAIT the service, and the
// formula asks nothing of its law.

import jstat from "jstat";
import { describe, expect, test } from "vitest";
import { sampler } from "../../../src/engine/distribution.js";
import { type Source, streams } from "../../../src/engine/random.js";
import { MILLISECOND, MINUTE, SECOND } from "../../../src/engine/time.js";
import { theoryValue } from "../../theory/cases.js";
import { kernel, towards } from "./ports-support.js";

const PORTS = 28_232;
const DEFAULT_RANGE = { rangeLow: 32_768, rangeHigh: 60_999 };
const REPLICATIONS = 20;
const MEASURED_NS = 6 * MINUTE;

/** Connections that the caller closes first as soon as they are there: the port is held for 60 s exactly. */
function closing(seed: string) {
  const one = kernel(DEFAULT_RANGE, seed);
  const destination = towards(one);
  const connect = () => {
    const port = one.ports.allocate(destination);
    if (port >= 0) one.ports.timeWait(port);
    return port >= 0;
  };
  return { sim: one.world.sim, connect };
}

/**
 * How many ports are held at a random time: n with a probability in proportion to a^n / n!, at most all of
 * them. From the top down each is n / a times as likely as the one above.
 */
function heldAtFirst(erlangs: number, random: Source): number {
  const weights: number[] = [1];
  for (let n = PORTS; (weights.at(-1) as number) > 1e-12; n--)
    weights.push(((weights.at(-1) as number) * n) / erlangs);
  let uniform = random() * weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  while (below < weights.length - 1 && uniform >= (weights[below] as number))
    uniform -= weights[below++] as number;
  return PORTS - below;
}

/**
 * The share of Poisson arrivals that find no port. The first minute puts the ports into the steady state at
 * once: as many as are held then, begun at independent times of the last 60 s (the residual lives of a constant
 * are uniform). What is accepted is compared with what is expected to arrive, not with what arrives: when nearly
 * all ports are held, that is 20 times as precise, and without bias.
 */
function lossShare(seed: string, perSecond: number): number {
  const random = streams(seed, 0);
  const gapNs = sampler({ kind: "exponential", meanNs: SECOND / perSecond }, random.stream("gaps"));
  const { sim, connect } = closing(seed);
  const begin = random.stream("begin");
  const begun = sim.event("begun", connect);
  for (let left = heldAtFirst(perSecond * 60, random.stream("held")); left > 0; left--)
    begun.at(Math.floor(begin() * MINUTE), 0);
  let accepted = 0;
  const arrived = sim.event("arrived", () => {
    if (connect()) accepted++;
    arrived.after(gapNs(), 0);
  });
  arrived.at(MINUTE + gapNs(), 0);
  sim.run(MINUTE + MEASURED_NS);
  return 1 - accepted / ((perSecond * MEASURED_NS) / SECOND);
}

describe("28,232 ports, 60 s of TIME_WAIT, no reuse", () => {
  test.each([
    ["M@500", 500],
    ["M@600", 600],
  ])("lose as many Poisson connections as Erlang says: %s", (id, perSecond) => {
    const shares = Array.from({ length: REPLICATIONS }, (_, seed) => lossShare(`${id} ${seed}`, perSecond));
    const mean = shares.reduce((sum, share) => sum + share, 0) / REPLICATIONS;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (REPLICATIONS - 1);
    const t = jstat.studentt.inv(0.9995, REPLICATIONS - 1);
    const halfWidth = t * Math.sqrt(variance / REPLICATIONS);
    const { value } = theoryValue(id);
    expect(Math.abs(mean - value)).toBeLessThan(halfWidth);
    expect(halfWidth).toBeLessThan(0.005 * value);
  });

  // Of each minute's 30,000 connections the first 28,232 get a port, the ports of a minute ago.
  test("lose what exceeds them of constant arrivals: M5", () => {
    const { sim, connect } = closing("1");
    let [arrivals, failures] = [0, 0];
    const arrived = sim.event("arrived", () => {
      if (!connect()) failures++;
      if (++arrivals < 3 * 30_000) arrived.after(2 * MILLISECOND, 0);
    });
    arrived.at(0, 0);
    sim.run();
    expect(failures).toBe(3 * (30_000 - PORTS));
    expect(failures / arrivals).toBeCloseTo(theoryValue("M5").value, 12);
  });
});
