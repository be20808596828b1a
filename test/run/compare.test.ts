import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compare, load } from "../../src/index.js";
import type { Comparison } from "../../src/run/comparison.js";
import { comparisonJsonSchema, comparisonSchema } from "../../src/run/comparison-schema.js";
import type { Scenario } from "../../src/scenario/load.js";
import { compared, differenceOf, scenarioOf } from "../support/compare.js";

// M/M/8/24 at 94 % (scenarios/short-backlog.yaml), a little shorter.
const BUSY = `
clients: { arrivals: { process: poisson, rate: 150/s, for: 60s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 8, backlog: 15, overhead: 0s }
app: { sleep: { exponential: 50ms } }
run: { replications: 10 }
`;
const BURST = `
clients: { arrivals: { process: burst, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 1s }
run: { replications: 10 }
`;

describe("a scenario and itself", () => {
  test("differ in nothing at all", async () => {
    const found = await compared(scenarioOf(BUSY), scenarioOf(BUSY));
    expect(found.settings).toEqual([]);
    expect(found.differences.length).toBeGreaterThan(10);
    for (const { difference, finding, p_holm } of found.differences) {
      expect([difference, finding, p_holm]).toEqual([{ value: 0, low: 0, high: 0 }, "same", 1]);
    }
    expect(found.b).toEqual(found.a);
  });

  test("differ in nothing but by how much can be known where the setting that differs has no effect", async () => {
    const found = await compared(scenarioOf(BUSY), scenarioOf(BUSY, ["gunicorn.timeout=31s"]));
    expect(found.settings).toEqual([{ path: "gunicorn.timeout", a: "30s", b: "31s" }]);
    expect(found.differences.every(({ finding }) => finding === "same")).toBe(true);
    const { difference, method } = differenceOf(found, "EAGAIN.share");
    expect(method).toBe("gained and lost");
    // -ln(0.05) of some 90,000 requests in clusters of 1 + 6.2: while all are busy, i of 16 places in the queue are
    // taken in proportion to 0.9375^i, 6.5 on average, and a little less in a load that begins with nobody there.
    expect(difference?.high).toBeCloseTo((3 * 7.2) / 90_000, 5);
  });
});

describe("one worker more", () => {
  test("is better by as much as exact theory says, and not only by chance", async () => {
    const found = await compared(scenarioOf(BUSY), scenarioOf(BUSY, ["gunicorn.workers=9"]));
    expect(found.settings).toEqual([{ path: "gunicorn.workers", a: 8, b: 9 }]);
    const share = differenceOf(found, "EAGAIN.share");
    expect(share).toMatchObject({ finding: "better", method: "t", pairs: 10 });
    // Erlang's formula for M/M/8/24 and M/M/9/25 at 7.5 busy workers: 2.4592 % and 0.4394 % find no place.
    const exact = blocked(9, 25) - blocked(8, 24);
    expect(share.difference?.low).toBeLessThan(exact);
    expect(share.difference?.high).toBeGreaterThan(exact);
    expect(share.relative).toBeCloseTo((share.difference?.value ?? 0) / (share.a?.value ?? 0), 12);
    expect(differenceOf(found, "success.share")).toMatchObject({ finding: "better" });
    expect(differenceOf(found, "success.latency.p99")).toMatchObject({ finding: "better", unit: "s" });
    expect(differenceOf(found, "workers.utilisation")).toMatchObject({ finding: "less" });
    expect(differenceOf(found, "accept queue of unix:/run/g.sock.mean")).toMatchObject({ finding: "better" });
  });

  // Measured with 40 pairs, seeds 1 to 3: mean latency 0.18 to 0.23, median of all rows 0.19 to 0.25; of independent
  // runs 1.02 to 1.11 and 0.99 to 1.05.
  test("is known with less than half of the variance of independent runs", async () => {
    const of = (independent: boolean) => {
      const [a, b] = [[], ["gunicorn.workers=9"]].map((set) =>
        scenarioOf(BUSY.replace("10 }", "40 }"), set),
      ) as [Scenario, Scenario];
      return compared(a, b, { independent });
    };
    const [shared, apart] = [await of(false), await of(true)];
    const ratio = (found: Comparison) => differenceOf(found, "success.latency.mean").variance_ratio;
    for (const found of [ratio(shared), shared.variance_ratio]) expect(found).toBeLessThan(0.4);
    for (const found of [ratio(apart), apart.variance_ratio]) {
      expect(found).toBeGreaterThan(0.7);
      expect(found).toBeLessThan(1.4);
    }
  });
});

/** Share of the arrivals that find no place: M/M/c/K with 7.5 busy workers asked for. */
function blocked(servers: number, places: number): number {
  let [weight, sum] = [1, 1];
  for (let here = 1; here <= places; here++) {
    weight *= 7.5 / Math.min(here, servers);
    sum += weight;
  }
  return weight / sum;
}

describe("where nothing is random", () => {
  test("one run of each is exact", async () => {
    const found = await compared(scenarioOf(BURST), scenarioOf(BURST, ["gunicorn.backlog=11"]));
    // Two with the workers, and 10 or 12 in the queue; in 6 or 7 rounds of a second.
    expect(found.replications).toBe(1);
    expect(differenceOf(found, "EAGAIN.share")).toMatchObject({
      a: { value: 0.4, low: 0.4, high: 0.4 },
      b: { value: 0.3 },
      difference: { value: expect.closeTo(-0.1, 12), low: expect.closeTo(-0.1, 12) },
      method: "exact",
      finding: "better",
      variance_ratio: null,
    });
    expect(differenceOf(found, "success.latency.mean").finding).toBe("worse");
    expect(found.variance_ratio).toBeNull();
  });

  test("in one of both, the other's spread is the interval's", async () => {
    const found = await compared(scenarioOf(BURST), scenarioOf(BURST, ["app.sleep={exponential: 1s}"]));
    expect([found.a.deterministic, found.b.deterministic, found.replications]).toEqual([true, false, 10]);
    const { a, b, difference, method } = differenceOf(found, "success.latency.mean");
    expect(a).toMatchObject({ low: a?.value, high: a?.value });
    expect(method).toBe("t");
    expect((difference?.high ?? 0) - (difference?.low ?? 0)).toBeCloseTo((b?.high ?? 0) - (b?.low ?? 0), 9);
  });
});

describe("what both share", () => {
  test("are the seed and the number of replications of A, with a warning", async () => {
    const b = scenarioOf(BUSY, ["run.seed=7", "run.replications=12", "gunicorn.workers=9"]);
    const found = await compared(scenarioOf(BUSY), b);
    const plain = await compared(scenarioOf(BUSY), scenarioOf(BUSY, ["gunicorn.workers=9"]));
    expect([found.a.replications, found.b.replications, found.b.seed]).toEqual([10, 10, "1"]);
    expect(found.settings).toEqual(plain.settings);
    expect(found.differences).toEqual(plain.differences);
    expect(found.warnings).toHaveLength(2);
    expect(plain.warnings).toEqual([]);
  });

  test("is the warm-up of loads that last: the longer one", async () => {
    const long = BUSY.replace("60s", "150s");
    // Nine workers settle sooner.
    const found = await compared(scenarioOf(long), scenarioOf(long, ["gunicorn.backlog=200"]));
    expect(found.a.warm_up.left_out_s).toBeGreaterThan(0);
    expect(found.b.warm_up.left_out_s).toBe(found.a.warm_up.left_out_s);
  });
});

test("scenarios whose files differ are not the same, though their settings are", async () => {
  const text = BUSY.replace("exponential: 50ms", "empirical: times.csv");
  const table = (times: number[]) => () => ({
    duration: Float64Array.from(times),
    service_s: Float64Array.from(times),
  });
  const [a, b] = [scenarioOf(text), scenarioOf(text)];
  const found = await compared(a, b, {
    table: (scenario) => table(scenario === a ? [0.04, 0.06] : [0.04, 0.05]),
  });
  expect(found.settings).toEqual([]);
  expect(differenceOf(found, "success.latency.mean")).toMatchObject({ finding: "better", method: "t" });
});

describe("what only one of both has", () => {
  test("has no difference", async () => {
    const found = await compared(scenarioOf(BURST), scenarioOf(BURST, ["gunicorn.bind=127.0.0.1:8000"]));
    expect(differenceOf(found, "accept queue of unix:/run/g.sock.max")).toMatchObject({
      a: { value: 10 },
      b: null,
      difference: null,
      finding: "undecided",
    });
    expect(differenceOf(found, "TIME_WAIT sockets of the kernel.max").a).toBeNull();
  });

  test("latencies of successes, if nobody succeeds with B", async () => {
    const found = await compared(
      scenarioOf(BURST),
      scenarioOf(BURST, ["clients.target=unix:/run/other.sock"]),
    );
    expect(differenceOf(found, "success.share").b?.value).toBe(0);
    expect(differenceOf(found, "success.latency.p50")).toMatchObject({ b: null, difference: null });
  });
});

describe("a comparison is refused", () => {
  test("for one replication, with its place and the reason", async () => {
    const one = scenarioOf(BUSY, ["run.replications=1"], "one.yaml");
    await expect(compared(one, scenarioOf(BUSY))).rejects.toThrow(
      /run.replications=1: .*expected 2 or more, since/,
    );
  });

  test("for what is wrong in B, at its place in B", async () => {
    const b = scenarioOf(
      BUSY,
      ["kernel.sysctl.net.ipv4.tcp_migrate_req=1", "kernel.profile=linux-4.15"],
      "b.yaml",
    );
    await expect(compared(scenarioOf(BUSY), b)).rejects.toThrow(
      /--set kernel.sysctl.net.ipv4.tcp_migrate_req=1/,
    );
  });
});

describe("the published schema of a Comparison", () => {
  test.each([
    ["random ones", BUSY, ["gunicorn.workers=9"]],
    ["exact ones", BURST, ["gunicorn.bind=127.0.0.1:8000"]],
  ])("accepts %s", async (_, text, set) => {
    const found = await compared(scenarioOf(text), scenarioOf(text, set));
    const printed = JSON.parse(JSON.stringify(found));
    expect(comparisonSchema.safeParse(printed).error).toBeUndefined();
    expect(comparisonSchema.safeParse({ ...printed, more: 1 }).success).toBe(false);
  });

  test("is the committed file; `npm run schema` writes it", () => {
    expect(JSON.parse(readFileSync("comparison.schema.json", "utf8"))).toEqual(comparisonJsonSchema());
  });
});

test("the library compares two texts, and lists sysctls that follow from the profile", async () => {
  const burst = `${BURST}\nkernel: { profile: linux-4.15 }`;
  const found = await compare(burst, load(burst, { set: ["kernel.profile=linux-5.15"] }));
  expect(found.settings).toContainEqual({ path: "kernel.sysctl.net.core.somaxconn", a: 128, b: 4096 });
  expect(found.settings).toContainEqual({ path: "kernel.sysctl.net.ipv4.tcp_migrate_req", a: null, b: 0 });
});
