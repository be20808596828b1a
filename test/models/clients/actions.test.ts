// What events can do by the clock: change the rates, slow the application down.

import { describe, expect, test } from "vitest";
import { app } from "../../../models/app.js";
import { clients } from "../../../models/clients/clients.js";
import { components } from "../../../models/index.js";
import { SECOND } from "../../../src/engine/time.js";
import { assemble } from "../../../src/scenario/assemble.js";
import { loadScenario } from "../../../src/scenario/load.js";

type Change = { factor: number } | { perSecond: number };

/** Times of sending in seconds, when at some seconds the rate changes. */
function sentTimes(arrivals: string, changes: [atS: number, change: Change][], connect = "0s"): number[] {
  const text = `
clients: { target: 127.0.0.1:80, arrivals: ${arrivals} }
nginx: { listen: 127.0.0.1:80, connect_overhead: ${connect}, upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { bind: unix:/run/g.sock, workers: 1000 }`;
  const { settings } = loadScenario("test.yaml", { read: () => text, components });
  const { world } = assemble(settings, components, { seed: "1", replication: 0, table: () => ({}) });
  const times: [id: number, sentNs: number][] = [];
  world.recorder.observer = ({ id, sentNs }) => times.push([id, sentNs]);
  const change = world.sim.event("change", (index) => {
    world.get(clients).actions.rate?.((changes[index] as [number, Change])[1]);
  });
  world.start();
  for (const [index, [atS]] of changes.entries()) change.at(atS * SECOND, index);
  world.sim.run();
  return times.sort(([one], [other]) => one - other).map(([, sentNs]) => sentNs / SECOND);
}

describe("a rate that changes", () => {
  test("moves what is due: half a gap is left, which passes twice as quickly", () => {
    // 1/s until 1.5 s, when half a gap is left; then 2/s: a quarter of a second to go, and gaps of a half.
    const times = sentTimes("{ process: constant, rate: 1/s, for: 3s }", [[1.5, { factor: 2 }]]);
    expect(times).toEqual([0, 1, 1.75, 2.25, 2.75]);
  });

  test("is told as a factor of the scenario's rate, not of the last one", () => {
    const changes: [number, Change][] = [
      [1.5, { factor: 2 }],
      [2.25, { factor: 1 }],
    ];
    expect(sentTimes("{ process: constant, rate: 1/s, for: 5s }", changes)).toEqual([
      0, 1, 1.75, 2.25, 3.25, 4.25,
    ]);
  });

  test("or as the rate itself", () => {
    const times = sentTimes("{ process: constant, rate: 1/s, for: 2s }", [[1, { perSecond: 4 }]]);
    expect(times).toEqual([0, 1, 1.25, 1.5, 1.75]);
  });

  test("leaves the number of requests as it is where that is given, and the phase ends earlier", () => {
    const phases = "[{ process: constant, rate: 1/s, requests: 4 }, { process: burst, requests: 1 }]";
    expect(sentTimes(phases, [[1, { factor: 2 }]])).toEqual([0, 1, 1.5, 2, 2.5]);
  });

  test("begins the next phase anew that had been looked into", () => {
    // At 0.5 s nothing more is due in the first phase; with 4/s there is, at 0.625 s and 0.875 s.
    const phases = "[{ process: constant, rate: 1/s, for: 1s }, { process: constant, rate: 1/s, for: 1s }]";
    expect(sentTimes(phases, [[0.5, { factor: 4 }]])).toEqual([0, 0.625, 0.875, 1, 1.25, 1.5, 1.75]);
  });

  test("does not call back what is on its way", () => {
    // Request 1 is sent at 1 s and reaches nginx 200 ms later.
    const times = sentTimes("{ process: constant, rate: 1/s, for: 3s }", [[1.1, { factor: 2 }]], "200ms");
    expect(times).toEqual([0, 1, 1.5, 2, 2.5]);
  });

  test("of a ramp keeps its slope's place in time", () => {
    // 2t requests in the first t seconds; from 2 s on 4/s.
    const times = sentTimes("{ process: ramp, from: 2/s, to: 2/s, for: 4s }", [[2, { factor: 2 }]]);
    expect(times).toEqual([0, 0.5, 1, 1.5, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75]);
  });

  const poisson = "{ process: poisson, rate: 20/s, for: 1000s }";
  const states = "[{ rate: 38/s, for: 1s }, { rate: 2/s, for: 1s }]";
  const mmpp = `{ process: mmpp, states: ${states}, for: 1000s }`;
  const profile = '{ process: profile, rates: { "00:00": 0/s, "12:00": 40/s }, day: 10s, for: 1000s }';
  test.each([
    ["poisson", poisson],
    ["poisson in batches", "{ process: poisson, rate: 20/s, batch: 5, for: 1000s }"],
    ["mmpp", mmpp],
    ["profile", profile],
  ])("of %s has the changed mean from then on", (_, arrivals) => {
    const times = sentTimes(arrivals, [[500, { factor: 3 }]]);
    const early = times.filter((time) => time < 500).length;
    // 10,000 and 30,000 requests; the states' and the batches' spread is the largest: a few hundred.
    expect(Math.abs(early - 10_000)).toBeLessThan(1_500);
    expect(Math.abs(times.length - early - 30_000)).toBeLessThan(4_500);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  test("leaves the draws as they were: Poisson gaps are only shorter", () => {
    const arrivals = "{ process: poisson, rate: 1/s, requests: 100 }";
    const plain = sentTimes(arrivals, []);
    const quick = sentTimes(arrivals, [[0, { factor: 4 }]]);
    for (const [index, time] of quick.entries()) expect(4 * time).toBeCloseTo(plain[index] as number, 5);
  });
});

test("a slower application makes the requests take longer that are born from then on", () => {
  const text = `
clients: { arrivals: { process: constant, rate: 1/s, requests: 4 } }
gunicorn: { bind: unix:/run/g.sock, overhead: 0s, workers: 10 }
app: { sleep: 1500ms, cpu: 100ms }`;
  const { settings } = loadScenario("test.yaml", { read: () => text, components });
  const { world } = assemble(settings, components, { seed: "1", replication: 0, table: () => ({}) });
  const seen: number[][] = [];
  world.recorder.observer = ({ id, serviceNs, cpuNs }) => {
    seen[id] = [serviceNs / SECOND, cpuNs / SECOND];
  };
  const { slow } = world.get(app).actions;
  const change = world.sim.event("change", slow);
  world.start();
  change.at(0.9 * SECOND, 3);
  change.at(2.1 * SECOND, 1);
  world.sim.run();
  expect(seen).toEqual([
    [1.5, 0.1],
    [4.5, 0.3],
    [4.5, 0.3],
    [1.5, 0.1],
  ]);
});
