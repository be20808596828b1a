// A run that is cut into batches is the same run, and the batches are all of it.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { type Batch, batching, grouped } from "../../src/run/batching.js";
import { type Manner, replicate } from "../../src/run/replicate.js";
import { assemble } from "../../src/scenario/assemble.js";
import { loadScenario } from "../../src/scenario/load.js";

const text = (forS: number) => `
clients:
  arrivals: { process: poisson, rate: 100/s, for: ${forS}s }
  retries: { attempts: 2, delay: 100ms }
nginx: { upstream: { servers: [unix:/a.sock] } }
gunicorn: { bind: "unix:/a.sock", workers: 2, backlog: 3 }
app: { sleep: { exponential: 18ms } }`;

const settingsOf = (forS: number) =>
  loadScenario("batches.yaml", { read: () => text(forS), components }).settings;
const given = { components, seed: "1", table: () => ({}) };
const one = (manner: Manner, forS = 120) =>
  replicate({ ...given, settings: settingsOf(forS) }, 0, {}, manner);

/** All batches of a run. */
function batchesOf(forS: number): Batch[] {
  const { world } = assemble(settingsOf(forS), components, { ...given, replication: 0 });
  world.start();
  const cut = batching(world);
  cut.begin();
  world.sim.run();
  return cut.finish();
}

const total = (batches: readonly Batch[], name: string) =>
  batches.reduce((sum, { sums }) => sum + sums.of(name), 0);

describe("a run that is cut into batches", () => {
  test.each<[string, Manner]>([
    ["whole", {}],
    ["after a warm-up", { warmUpNs: 10e9 }],
  ])("leaves the same record as one that is not, %s", async (_, manner) => {
    // The timer that ends batches is an event itself, and a float's sum may be rounded elsewhere.
    const { batches, events, ...cut } = await one({ ...manner, batches: true });
    const { batches: none, events: fewer, ...plain } = await one(manner);
    expect(cut).toEqual(plain);
    expect(none).toBeUndefined();
    expect(batches?.rows.length).toBe(20);
    expect(events - fewer).toBeLessThan(1_000);
  });

  test("has batches that sum to the whole", async () => {
    const { batches, sent, outcomes, causes, tallies } = await one({ batches: true, warmUpNs: 10e9 });
    const rows = (batches?.rows ?? []).map((row) => new Map(row));
    const sum = (name: string) => rows.reduce((all, row) => all + (row.get(name) ?? 0), 0);
    expect(sum("sent")).toBe(sent);
    expect(sum("attempts")).toBe(sent + (tallies["clients.retries"] ?? 0));
    expect(sum("tally clients.retries")).toBeGreaterThan(100);
    for (const { outcome, latency } of outcomes) {
      expect(sum(`count outcome.${outcome}`)).toBe(latency.count);
    }
    for (const [index, { count }] of causes.entries()) expect(sum(`count cause.${index}`)).toBe(count);
  });
});

describe("batches", () => {
  test("are at most 193, however long the run is, and of one length but for the last", () => {
    for (const forS of [40, 200, 700]) {
      const batches = batchesOf(forS);
      const lengths = new Set(batches.slice(0, -1).map(({ sums }) => sums.of("timeNs")));
      expect(batches.length).toBeLessThanOrEqual(193);
      expect(batches.length).toBeGreaterThanOrEqual(80);
      expect(lengths.size).toBe(1);
      expect(total(batches, "sent")).toBeGreaterThan(90 * forS);
    }
  });

  test("that were merged hold what shorter ones would", () => {
    // The same arrivals for 40 and for 80 s: what a batch of the longer run holds is in two of the shorter.
    const [short, long] = [batchesOf(40), batchesOf(80)];
    const lengthOf = (batches: readonly Batch[]) => batches[0]?.sums.of("timeNs") as number;
    expect(lengthOf(long)).toBe(2 * lengthOf(short));
    for (let index = 0; index < 30; index++) {
      const pair = short.slice(2 * index, 2 * index + 2);
      for (const name of ["sent", "busyNs", "tally nginx.200", "area 0"]) {
        expect(total([long[index] as Batch], name)).toBe(total(pair, name));
      }
      const records = (batch: Batch | undefined) => batch?.records.get("outcome.200")?.count ?? 0;
      expect(records(long[index])).toBe(records(pair[0]) + records(pair[1]));
      const sum = (batch: Batch | undefined) => batch?.records.get("outcome.200")?.sum ?? 0;
      expect(sum(long[index])).toBe(sum(pair[0]) + sum(pair[1]));
    }
  });

  test("are grouped without losing any, into groups that differ by one at most", () => {
    const all = batchesOf(40);
    const groups = grouped(all, 20) ?? [];
    expect(groups.length).toBe(20);
    expect(total(groups, "sent")).toBe(total(all, "sent"));
    const lengthNs = all[0]?.sums.of("timeNs") as number;
    const sizes = groups.slice(0, -1).map(({ sums }) => sums.of("timeNs") / lengthNs);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(grouped(all.slice(0, 39), 20)).toBeUndefined();
  });
});
