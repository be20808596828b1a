// What a check decides: where nothing is random by arithmetic, else against the exact share of M/M/c/K.

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { beforeAll, describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { checkScenario } from "../../src/check/check.js";
import type { CheckedThreshold, ScenarioCheck } from "../../src/check/check-result.js";
import { parseExpression } from "../../src/check/expression.js";
import { streams } from "../../src/engine/random.js";
import { type CheckOptions, check, checkJsonSchema, load } from "../../src/index.js";
import { columns } from "../../src/run/columns.js";
import { metricOf } from "../../src/run/metrics.js";
import type { Replication } from "../../src/run/replicate.js";
import { inline } from "../../src/run/replicator.js";
import { numbersOf } from "../../src/run/summary.js";
import { CHANGED } from "../report/check/fixtures.js";
import { type FiniteQueue, finiteQueue, truth } from "../run/finite-queue.js";

const committed = JSON.parse(readFileSync("check.schema.json", "utf8"));
const validate = new Ajv({ strict: false }).compile(committed);

async function checked(
  text: string,
  expectations: string[],
  { seed = 1, ...options }: CheckOptions & { seed?: number } = {},
): Promise<ScenarioCheck> {
  const scenario = load(`${text}expect: ${JSON.stringify(expectations)}\n`, { seed });
  const all = await check(scenario, options);
  validate(JSON.parse(JSON.stringify(all)));
  expect(validate.errors).toBeNull();
  const [one] = all.scenarios as [ScenarioCheck];
  expect(all.status).toBe(one.status);
  return one;
}
const statuses = ({ thresholds }: ScenarioCheck) => thresholds.map(({ status }) => status);

test("check.schema.json is what the library has; `npm run schema` writes it", () => {
  expect(committed).toEqual(checkJsonSchema());
});

test("a check that differs from its baseline keeps to the schema as well", () => {
  validate(CHANGED);
  expect(validate.errors).toBeNull();
});

// The worker has one of twelve, the queue backlog + 1 = 5: six are answered, after 1 to 6 s, and six refused.
const BURST = `
clients: { arrivals: { process: burst, requests: 12 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 4, overhead: 0s, timeout: 0s }
app: { sleep: 1s }
`;

describe("where nothing is random one replication decides:", () => {
  test.each<[string, CheckedThreshold["status"], number | null]>([
    ["EAGAIN.share <= 50%", "passed", 0.5],
    ["EAGAIN.share >= 50%", "passed", 0.5],
    ["EAGAIN.share < 50%", "failed", 0.5],
    ["EAGAIN.share > 50%", "failed", 0.5],
    ["failure.share < 50.001%", "passed", 0.5],
    ["cause.unix-accept-queue-full.share > 49%", "passed", 0.5],
    ["502.share <= 0%", "passed", 0],
    ["success.share >= 100%", "failed", 0.5],
    ["accept_queue.max < 6", "passed", 5],
    ["200.latency.p99 < 1h", "passed", 6],
    ["200.latency.max < 6s", "failed", 6],
    // Nobody met a 504, so that there is no latency to be below anything.
    ["504.latency.p99 < 1h", "failed", null],
    ["504.latency.p99 > 0s", "failed", null],
  ])("%s has %s", async (text, status, value) => {
    const found = await checked(BURST, [text]);
    expect(found).toMatchObject({ status, exact: true, replications: 1, baseline: null, warnings: [] });
    const [threshold] = found.thresholds as [CheckedThreshold];
    expect(threshold).toMatchObject({ status, p: null, replications_needed: null });
    if (value === null) expect(threshold.estimate).toBeNull();
    else {
      // Histograms have a resolution of a thousandth, and being connected takes some microseconds.
      const { estimate } = threshold;
      expect((estimate?.value ?? 0) / (value || 1)).toBeCloseTo(value && 1, 2);
      expect([estimate?.low, estimate?.high]).toEqual([estimate?.value, estimate?.value]);
    }
  });

  test("one that fails is enough, and says what the requests failed for", async () => {
    const found = await checked(BURST, ["502.share < 1%", "EAGAIN.share < 1%"]);
    expect([found.status, ...statuses(found)]).toEqual(["failed", "passed", "failed"]);
    expect(found.causes).toEqual([expect.objectContaining({ id: "unix-accept-queue-full", share: 0.5 })]);
    expect(found.causes[0]?.settings[0]).toBe("gunicorn.backlog = 4");
  });
});

const percent = (share: number) => `${share * 100}%`;

describe("the share that M/M/c/K refuses is decided on both sides of the truth:", () => {
  test.each<[string, FiniteQueue]>([
    ["M/M/1/4", { places: 4 }],
    ["M/M/4/8", { places: 8, rho: 3.2, servers: 4 }],
  ])("%s", async (_, queue) => {
    const { share } = truth(queue);
    const text = finiteQueue(queue, 10);
    const [above, below] = [percent(share * 1.2), percent(share / 1.2)];
    const good = await checked(text, [`EAGAIN.share < ${above}`, `EAGAIN.share > ${below}`]);
    expect([good.status, ...statuses(good)]).toEqual(["passed", "passed", "passed"]);
    const bad = await checked(text, [`EAGAIN.share < ${below}`, `EAGAIN.share >= ${above}`]);
    expect([bad.status, ...statuses(bad)]).toEqual(["failed", "failed", "failed"]);
    for (const { estimate, p, replications_needed } of [...good.thresholds, ...bad.thresholds]) {
      // 99.9 % of a normal law lie within 3.3 standard errors; the interval is 2 of them.
      const half = ((estimate?.high ?? 0) - (estimate?.low ?? 0)) / 2;
      expect(Math.abs((estimate?.value ?? 0) - share)).toBeLessThan(1.7 * half);
      // What was decided at some look is no likely chance.
      expect(p).toBeLessThan(0.0125);
      expect(replications_needed).toBeNull();
    }
  });

  test("a limit on it stays undecided, and says so with the number of its replications", async () => {
    const queue = { places: 4 };
    const { share } = truth(queue);
    const found = await checked(
      finiteQueue(queue, 10),
      [`EAGAIN.share < ${percent(share)}`, "502.share < 5%"],
      {
        mostReplications: 150,
      },
    );
    expect([found.status, ...statuses(found)]).toEqual(["undecided", "undecided", "passed"]);
    expect(found.replications).toBe(150);
    expect(found.thresholds[0]?.p).toBeGreaterThan(0.0125);
    expect(found.thresholds[0]?.replications_needed ?? Infinity).toBeGreaterThanOrEqual(300);
  });
});

const SMALL = finiteQueue({ places: 3, requests: 20 }, 5);

describe("an undecided check ends", () => {
  const open = [`EAGAIN.share < ${percent(truth({ places: 3, requests: 20 }).share)}`];

  test("at the most replications, never before those that the scenario wants", async () => {
    expect(await checked(SMALL, open, { mostReplications: 12 })).toMatchObject({
      ...{ status: "undecided", replications: 12, warnings: [] },
    });
    expect((await checked(SMALL, open, { mostReplications: 2 })).replications).toBe(5);
  });

  test("when time is over, but not before there are two", async () => {
    expect(await checked(SMALL, open, { isOver: () => true })).toMatchObject({
      ...{ status: "undecided", replications: 2 },
      warnings: ["run.time_limit ended it before everything was decided"],
    });
  });

  test("never, where all is decided at once", async () => {
    const clear = await checked(SMALL, ["EAGAIN.share < 99%", "502.share < 99%"]);
    expect(clear).toMatchObject({ status: "passed", replications: 5, warnings: [] });
  });
});

test("it has the same numbers each time, others with another seed", async () => {
  const [one, same, other] = await Promise.all(
    [1, 1, 2].map((seed) => checked(SMALL, ["EAGAIN.share < 50%"], { seed })),
  );
  expect(same).toEqual(one);
  expect(other?.thresholds[0]?.estimate).not.toEqual(one?.thresholds[0]?.estimate);
});

test("run.until has no say, and run.replications: 1 is two", async () => {
  const one = SMALL.replace("replications: 5", "replications: 1");
  expect((await checked(one, ["EAGAIN.share < 99.99%"])).replications).toBeGreaterThanOrEqual(2);
  const until = SMALL.replace("replications: 5", "until: { metric: EAGAIN.share, relative_error: 0.1 }");
  expect((await checked(until, ["EAGAIN.share < 90%"])).warnings).toEqual([
    "run.until has no say: replications are made until each threshold is decided",
  ]);
});

test("more confidence takes more replications", async () => {
  const limit = [`EAGAIN.share < ${percent(truth({ places: 3, requests: 20 }).share * 1.4)}`];
  const counts = [];
  for (const confidence of [0.5, 0.9999]) {
    counts.push((await checked(SMALL, limit, { confidence })).replications);
  }
  expect(counts[1]).toBeGreaterThan(counts[0] as number);
});

describe("a metric without a value", () => {
  test("fails, since nothing is there to meet it", async () => {
    const found = await checked(SMALL, ["504.latency.p99 < 1h"]);
    expect(found.thresholds).toEqual([
      expect.objectContaining({ status: "failed", estimate: null, p: null, replications_needed: null }),
    ]);
  });

  // One request in a thousand takes an hour, the others no time: a timeout in one replication of a few.
  test("in all replications but one has no spread to judge by, and is undecided", async () => {
    const rare = `
clients: { arrivals: { process: poisson, rate: 100/s, requests: 20 }, timeout: 1s }
gunicorn: { workers: 100 }
app: { sleep: { mixture: [{ weight: 0.99, of: 1ms }, { weight: 0.01, of: 5s }] } }
run: { replications: 4 }
`;
    for (let seed = 1; ; seed++) {
      expect(seed).toBeLessThan(20);
      const found = await checked(rare, ["client-timeout.latency.max < 10s"], { seed, mostReplications: 4 });
      const [{ estimate, status, replications_needed }] = found.thresholds as [CheckedThreshold];
      if (estimate?.low !== -Infinity) continue;
      expect([status, replications_needed]).toEqual(["undecided", null]);
      break;
    }
  });
});

describe("what no number of runs can show is wrong at its line:", () => {
  const message = async (text: string, expectation: string) => {
    const scenario = load(`${text}expect:\n  - 502.share < 1%\n  - ${expectation}\n`);
    return check(scenario).catch((error) => error.message);
  };
  const line = SMALL.split("\n").length + 2;

  test.each([
    [
      "cause.nonsense.share < 1%",
      /expected a cause of this scenario \(.*unix-accept-queue-full.*\), got "nonsense"$/,
    ],
    ["502.share <= 0", /expected a limit above 0, such as 0.001%: that something never happens/],
    ["502.share < 0%", /expected a limit above 0/],
    ["success.share >= 100%", /expected a limit below 100%, such as 99.999%/],
    ["success.share > 1", /expected a limit below 100%/],
  ])("%s", async (text, problem) => {
    const found = await message(SMALL, text);
    expect(found).toMatch(problem);
    expect(found).toContain(`scenario.yaml:${line}:5 expect.1: `);
  });

  test("but an exact run may show never and always", async () => {
    expect(
      statuses(await checked(BURST, ["502.share <= 0", "502.share < 0", "failure.share >= 50%"])),
    ).toEqual([...["passed", "failed", "passed"]]);
    expect(await message(BURST, "cause.nonsense.share < 1%")).toContain(`got "nonsense"`);
  });
});

// All looks together may claim too much in 2.5 % on each side: of 300 checks with a limit at the truth in 7.5, and
// more than 17 have a probability of 0.1 %. They draw from 300 replications of M/M/1/3, whose mean is then the
// truth: a share in few large steps, and a latency, which is skewed.
describe("at most 2.5 % of checks pass, and fail, with a limit on the truth itself:", () => {
  const scenario = load(finiteQueue({ places: 3, rho: 1, requests: 15 }, 10));
  const { settings } = scenario;
  const table = () => expect.fail("it names no file");
  const pool: Replication[] = [];

  beforeAll(async () => {
    const drawn = inline({ settings, components, seed: "drawn from", table });
    for (let index = 0; index < 300; index++) pool.push(await drawn.replicate(index, {}));
  });

  test.each(["EAGAIN.share < 1%", "latency.mean < 1s"])("%s", { timeout: 60_000 }, async (text) => {
    const numbers = columns();
    for (const one of pool) numbers.add(numbersOf(one));
    const parsed = parseExpression(text);
    if ("wrong" in parsed) return expect.fail(parsed.wrong);
    const values = metricOf(parsed.objective.metric, pool[0] as Replication)?.values(numbers) ?? [];
    const limit = values.reduce((sum, one) => sum + one, 0) / pool.length;
    const thresholds = [{ objective: { ...parsed.objective, limit }, index: 0, place: { file: "" } }];
    const counted = { passed: 0, failed: 0, undecided: 0 };
    for (let seed = 1; seed <= 300; seed++) {
      const random = streams(String(seed), 0).stream("drawn");
      const replicate = async () => pool[Math.floor(random() * pool.length)] as Replication;
      const replicator = () => ({ width: 1, replicate });
      const options = { components, table: () => table, replicator, mostReplications: 80 };
      const { check: found } = await checkScenario({ scenario, thresholds }, options);
      counted[found.status]++;
      if (found.status === "undecided") expect(found.replications).toBe(80);
    }
    // A test that is never wrong would need more replications than it has to.
    expect(counted.passed).toBeGreaterThan(0);
    expect(counted.passed).toBeLessThanOrEqual(17);
    expect(counted.failed).toBeGreaterThan(0);
    expect(counted.failed).toBeLessThanOrEqual(17);
  });
});
