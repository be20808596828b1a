// Sequential stopping: as many replications as a metric needs, decided in their order.

import { describe, expect, test } from "vitest";
import { load, predict } from "../../src/index.js";
import { resultSchema } from "../../src/run/result-schema.js";

const scenario = (run: string, workers = 4) =>
  load(`
clients: { arrivals: { process: poisson, rate: 100/s, for: 5s } }
gunicorn: { bind: "unix:/a.sock", workers: ${workers}, backlog: 8 }
app: { sleep: { exponential: 40ms } }
run: ${run}`);

describe("run.until", () => {
  test("goes on until the interval is as narrow as asked for, and no further", async () => {
    const { replications, stopping, outcomes } = await predict(
      scenario("{ replications: 2, until: { metric: EAGAIN.share, relative_error: 0.2 } }"),
    );
    expect(stopping).toMatchObject({ metric: "EAGAIN.share", confidence: 0.95, reached: true });
    expect(stopping?.reached_error).toBeLessThanOrEqual(0.2);
    expect(stopping?.estimate.value).toBeCloseTo(outcomes.EAGAIN?.share ?? 0, 12);
    expect(replications).toBeGreaterThan(10);
    // One replication less was not enough.
    const fewer = `{ replications: ${replications - 1} }`;
    const { share = 0, low = 0, high = 0 } = (await predict(scenario(fewer))).outcomes.EAGAIN ?? {};
    expect(Math.max(high - share, share - low)).toBeGreaterThan(0.2 * share);
  });

  test("makes at least as many replications as are asked for, and ten", async () => {
    const wide = "until: { metric: latency.mean, relative_error: 1 }";
    expect((await predict(scenario(`{ replications: 25, ${wide} }`))).replications).toBe(25);
    expect((await predict(scenario(`{ replications: 1, ${wide} }`))).replications).toBe(10);
  });

  test("gives up at max_replications and tells how many it would take", async () => {
    const { replications, stopping } = await predict(
      scenario(
        "{ replications: 5, max_replications: 12, until: { metric: EAGAIN.share, relative_error: 0.01 } }",
      ),
    );
    expect(replications).toBe(12);
    expect(stopping?.reached).toBe(false);
    // The half-width falls with the square root: of 12 replications to a hundredth.
    const error = stopping?.reached_error ?? 0;
    expect(stopping?.replications_needed).toBe(Math.ceil(12 * (error / 0.01) ** 2));
  });

  test("of what never happens has no relative error", async () => {
    const result = await predict(
      scenario(
        "{ replications: 5, max_replications: 12, until: { metric: 503.share, relative_error: 0.5 } }",
      ),
    );
    const none = { reached: false, reached_error: Infinity, replications_needed: Infinity };
    expect(result.stopping).toMatchObject(none);
    // JSON knows no Infinity, and the schema says so.
    const printed = JSON.parse(JSON.stringify(result));
    expect(printed.stopping).toMatchObject({ reached_error: null, replications_needed: null });
    expect(resultSchema.safeParse(printed).error).toBeUndefined();
  });

  test("needs a higher confidence more replications", async () => {
    const at = async (confidence: number) => {
      const until = `{ metric: EAGAIN.share, relative_error: 0.25, confidence: ${confidence} }`;
      return (await predict(scenario(`{ until: ${until}, replications: 2 }`))).replications;
    };
    expect(await at(0.99)).toBeGreaterThan(await at(0.8));
  });

  test("with a name that is no metric is wrong input, at its place", async () => {
    const wrong = scenario("{ until: { metric: 502, relative_error: 0.1 } }".replace("502", "p99"));
    await expect(predict(wrong)).rejects.toThrow(
      /scenario\.yaml:5:\d+ run\.until\.metric: expected a metric such as/,
    );
  });

  test("has nothing to do where nothing is random", async () => {
    const exact = load(`
clients: { arrivals: { process: constant, rate: 1/s, requests: 3 } }
gunicorn: {}
run: { until: { metric: 200.share, relative_error: 0.1 } }`);
    expect(await predict(exact)).toMatchObject({ replications: 1, deterministic: true });
  });
});
