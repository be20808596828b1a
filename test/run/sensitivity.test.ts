import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compare, load, predict, type Sensitivity, sensitivity, sensitivitySteps } from "../../src/index.js";
import { sensitivityJsonSchema, sensitivitySchema } from "../../src/run/sensitivity-schema.js";
import { finiteQueue, truth } from "./finite-queue.js";

/** The step of this knob to this value; throws if there is none. */
function stepOf({ knobs }: Sensitivity, path: string, value: unknown) {
  const steps = knobs.filter(({ paths }) => paths.join() === path).flatMap((knob) => knob.steps);
  const found = steps.find(({ settings }) => settings.at(-1)?.b === value);
  if (!found) throw new Error(`${path} is not turned to ${JSON.stringify(value)}`);
  return found;
}

// A burst of 40: some with the workers, one more than the lower of both backlogs in the queue, the others refused.
const BURST = `
kernel: { sysctl: { net.core.somaxconn: 9 } }
clients: { arrivals: { process: burst, requests: 40 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 1s }
`;
const SOMAXCONN = "kernel.sysctl.net.core.somaxconn";

const PART = "{ weight: 1, of: { exponential: 1s } }";

describe("effects of single knobs", () => {
  // M/M/1/K of 300 requests from an empty system; K is the backlog and 2, and truth() solves its chain.
  // Three intervals of 95 % that are half as wide again all hold with 99 %; how often one of 95 % does is
  // tested in compare-coverage.test.ts, whose differences these are.
  test("have intervals that hold the exact differences, to either side of the base", async () => {
    const found = await sensitivity(finiteQueue({ places: 4 }, 40), { knobs: ["gunicorn.backlog=1,3,8"] });
    expect(found).toMatchObject({ metric: "failure.share", replications: 40 });
    for (const backlog of [1, 3, 8]) {
      const { difference, finding } = stepOf(found, "gunicorn.backlog", backlog).effect;
      const exact = truth({ places: backlog + 2 }).share - truth({ places: 4 }).share;
      const { value = 0, high = 0 } = difference ?? {};
      expect(Math.abs(value - exact)).toBeLessThan(1.5 * (high - value));
      expect(high - value).toBeLessThan(Math.abs(exact) / 2);
      expect(finding).toBe(exact < 0 ? "better" : "worse");
    }
  });

  // A mixture of two equal laws is that law by other draws. At most 5 % of all
  // seeds raise an alarm on average; more than 4 of 25 do so with a probability of 0.7 %.
  test("are called more than chance in at most 5 % of seeds where there are none", {
    timeout: 120_000,
  }, async () => {
    let alarms = 0;
    for (let seed = 0; seed < 25; seed++) {
      const scenario = load(finiteQueue({ places: 3 }, 4), { seed });
      const same = [`app.sleep={mixture: [${PART}, ${PART}]}`, "clients.uris=5"];
      const { knobs } = await sensitivity(scenario, { knobs: same, screening: false });
      const steps = knobs.flatMap((knob) => knob.steps);
      expect(steps.map((step) => step.same).sort()).toEqual([false, true]);
      if (steps.some(({ effect }) => effect.finding !== "same" && effect.finding !== "undecided")) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(4);
  });

  test("are exactly none where no request ends otherwise", async () => {
    const found = await sensitivity(finiteQueue({ places: 3 }, 4), { knobs: ["gunicorn.keepalive"] });
    const { steps } = found.knobs[0] ?? { steps: [] };
    expect(steps).toHaveLength(2);
    for (const { same, effect, differences } of steps) {
      expect([same, effect.finding, effect.difference]).toEqual([
        true,
        "same",
        { value: 0, low: 0, high: 0 },
      ]);
      expect(differences.every(({ finding }) => finding === "same")).toBe(true);
    }
  });

  test("are of the p99 of successes where nothing fails, and of any metric that is asked for", async () => {
    const calm = finiteQueue({ places: 3 }, 4).replace("backlog: 1", "backlog: 500");
    expect((await sensitivity(calm, { knobs: ["gunicorn.workers"] })).metric).toBe("success.latency.p99");
    const metric = "accept_queue.mean";
    const found = await sensitivity(calm, { knobs: ["gunicorn.workers=2"], metric });
    expect(stepOf(found, "gunicorn.workers", 2).effect).toMatchObject({ metric, finding: "better" });
  });
});

describe("settings that bound one queue", () => {
  // 2 with the workers and 10 queued: 28 of 40 refused. With both at 128 nobody is.
  test("change nothing alone, which is told with the other's name, and are turned together", async () => {
    const knobs = ["gunicorn.backlog", SOMAXCONN, "gunicorn.workers"];
    const found = await sensitivity(BURST, { knobs, screening: false });
    expect(found.replications).toBe(1);
    expect(found.value?.value).toBeCloseTo(28 / 40, 12);
    const bound = [stepOf(found, "gunicorn.backlog", 128), stepOf(found, SOMAXCONN, 128)];
    expect(bound.map(({ same }) => same)).toEqual([true, true]);
    expect(bound.map(({ bound_by }) => bound_by)).toEqual(["net.core.somaxconn = 9", "gunicorn.backlog = 9"]);
    const both = stepOf(found, `gunicorn.backlog,${SOMAXCONN}`, 128);
    expect(both.settings.map(({ path }) => path)).toEqual([SOMAXCONN, "gunicorn.backlog"].sort().reverse());
    expect(both.effect).toMatchObject({ finding: "better", method: "exact" });
    expect(both.effect.difference?.value).toBeCloseTo(-28 / 40, 12);
    expect(stepOf(found, "gunicorn.workers", 3).bound_by).toBeNull();
    // The largest effects come first, and what is bound is named by a limit.
    expect(found.knobs.find(({ paths }) => paths.join() === "gunicorn.backlog")?.binds).toBe(true);
    expect(found.knobs[0]?.steps.some(({ effect }) => effect.difference?.value === -28 / 40)).toBe(true);
  });
});

describe("all knobs together", () => {
  // The queue holds min(backlog, somaxconn) + 1. From 9 to 19 the backlog saves 10 of 40 where somaxconn is 19, which
  // it is at half of the points, and nobody where it is 9; two more workers save two wherever there is a queue.
  test("show by elementary effects whose effect depends on the others", async () => {
    const knobs = [
      "gunicorn.backlog=19",
      `${SOMAXCONN}=19`,
      "gunicorn.workers=4",
      "gunicorn.timeout=20s,40s",
    ];
    const found = await sensitivity(BURST, { knobs });
    expect(found.screening).toMatchObject({ factors: 4, points: 4, replications: 1 });
    const effectOf = (path: string) => found.knobs.find(({ paths }) => paths.join() === path)?.main_effect;
    for (const path of ["gunicorn.backlog", SOMAXCONN]) {
      expect(effectOf(path)).toMatchObject({
        difference: { value: expect.closeTo(-5 / 40, 12) },
        alone: { value: 0 },
        least: expect.closeTo(-10 / 40, 12),
        most: expect.closeTo(0, 12),
        interaction: { flagged: true },
      });
    }
    expect(effectOf("gunicorn.workers")).toMatchObject({
      difference: { value: expect.closeTo(-2 / 40, 12) },
      alone: { value: expect.closeTo(-2 / 40, 12) },
      significant: true,
      interaction: { flagged: false },
    });
    expect(effectOf("gunicorn.timeout")).toMatchObject({ same: true, significant: false });
  });

  test("are not turned where there is one, or a combination is refused", async () => {
    const one = await sensitivity(BURST, { knobs: ["gunicorn.workers"] });
    expect([one.screening, one.no_screening]).toEqual([null, "it takes two knobs or more"]);
  });
});

describe("what comes out", () => {
  test("has a schema that is published; `npm run schema` writes it", () => {
    expect(JSON.parse(readFileSync("sensitivity.schema.json", "utf8"))).toEqual(sensitivityJsonSchema());
  });

  test("comes step by step as well, those first that a limit names, and is what the schema says", async () => {
    const steps = sensitivitySteps(BURST, { knobs: ["gunicorn.timeout", "gunicorn.workers"] });
    const seen: string[] = [];
    let next = await steps.next();
    while (!next.done) {
      seen.push(next.value.paths.join());
      next = await steps.next();
    }
    expect(seen).toEqual([...Array(3).fill("gunicorn.workers"), ...Array(2).fill("gunicorn.timeout")]);
    expect(sensitivitySchema.parse(next.value)).toEqual(next.value);
  });

  test("leaves out what a scenario is refused with, and says why", async () => {
    const old = BURST.replace("kernel: {", "kernel: { profile: linux-4.15,");
    const { left_out } = await sensitivity(old, { knobs: ["net.ipv4.tcp_tw_reuse", "gunicorn.reuse_port"] });
    expect(left_out.map(({ settings }) => settings.join())).toEqual([
      "kernel.sysctl.net.ipv4.tcp_tw_reuse=2",
      "gunicorn.reuse_port=true",
    ]);
    expect(left_out[0]?.why).toMatch(/expected at most 1 in linux-4.15/);
  });

  test.each([
    ["a setting without steps", { knobs: ["app.body"] }, /--knob app.body: expected KEY=VALUE,VALUE/],
    ["a value that is none", { knobs: ["gunicorn.workers=0"] }, /--knob gunicorn.workers=0: .*at?.* 1/],
    ["a setting that is none", { knobs: ["gunicorn.wokers=2"] }, /did you mean "workers"/],
    ["a metric that is none", { metric: "speed" }, /--metric speed: expected a metric such as 502.share/],
  ])("is an error for %s", async (_, options, message) => {
    await expect(sensitivity(BURST, options)).rejects.toThrow(message);
  });

  test("is an error for a single replication", async () => {
    await expect(sensitivity(finiteQueue({ places: 3 }, 1))).rejects.toThrow(
      /run.replications: expected 2 or more/,
    );
  });
});

describe("progress", () => {
  const scenario = finiteQueue({ places: 3 }, 10);

  test("advances while the base is run, never goes back, and ends near 1", async () => {
    const shares: number[] = [];
    const steps = sensitivitySteps(scenario, { progress: (share) => void shares.push(share) });
    await steps.next();
    // Ten replications of the base, and ten of the first step.
    expect(new Set(shares).size).toBeGreaterThanOrEqual(20);
    expect(shares.at(-1)).toBeLessThan(0.1);
    while (!(await steps.next()).done);
    expect(shares).toEqual([...shares].sort((one, other) => one - other));
    // The screening's combinations that come again are run once.
    expect(shares.at(-1)).toBeGreaterThan(0.5);
  });

  test("has not begun when a knob is refused that is named", async () => {
    let reports = 0;
    const options = { knobs: ["gunicorn.wokers"], progress: () => void reports++ };
    await expect(sensitivity(scenario, options)).rejects.toThrow(/did you mean|knob/);
    expect(reports).toBe(0);
  });
});

describe("an aborted signal", () => {
  const busy = finiteQueue({ places: 3 }, 1000);
  const seldom = finiteQueue({ places: 60 }, 2).replace("requests: 300", "requests: 30000");
  const reason = new Error("no longer wanted");
  test.each([
    ["predict", (signal: AbortSignal) => predict(busy, { signal })],
    ["predict with rare", (signal: AbortSignal) => predict(seldom, { signal, rare: true })],
    ["compare", (signal: AbortSignal) => compare(busy, busy, { signal })],
    ["sensitivity", (signal: AbortSignal) => sensitivity(busy, { signal })],
  ])("ends %s with its reason, at once and from a handler in between", async (_, call) => {
    await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const promise = call(controller.signal);
    setTimeout(() => controller.abort(reason));
    await expect(promise).rejects.toBe(reason);
  });
});
