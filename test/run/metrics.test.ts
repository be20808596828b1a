// The grammar of metrics, and the columns that each of them reads.

import { describe, expect, test } from "vitest";
import { columns } from "../../src/run/columns.js";
import { isMetric, metricOf } from "../../src/run/metrics.js";

const cause = (id: string) => ({ id, text: id, settings: [], count: 0, firstNs: 0 });
const level = (name: string) => ({
  name,
  limit: undefined,
  means: new Float64Array(),
  maxima: new Float64Array(),
  peak: 0,
  average: 0,
});
const first = {
  outcomes: [],
  causes: [cause("queue-full"), cause("no-free-port"), cause("queue-full")],
  levels: [level("busy workers"), level("accept queue of *:80"), level("accept queue of unix:/a")],
};

/** Two replications, and a third one that sent nothing. */
function numbers() {
  const all = columns();
  const row = (sent: number, values: Record<string, number>) =>
    all.add(Object.entries({ sent, duration: 2, busy: 8, wasted: 2, utilisation: 0.5, ...values }));
  row(100, {
    "count outcome.502": 10,
    "count all": 100,
    "p99 all": 3,
    "count outcome.200": 90,
    "p99 outcome.200": 4,
    "count cause.0": 1,
    "count cause.1": 7,
    "count cause.2": 2,
    "tally error.EAGAIN": 12,
    "count successes": 90,
    "p99 successes": 4.5,
    throughput: 45,
    "peak 0": 99,
    "peak 1": 5,
    "peak 2": 9,
    "average 1": 0.5,
    "average 2": 0.25,
  });
  row(50, {
    "count outcome.502": 0,
    "count all": 50,
    "p99 all": 1,
    "peak 1": 3,
    "count successes": 50,
    "p99 successes": 2,
  });
  row(0, {});
  return all;
}

const values = (name: string) => metricOf(name, first)?.values(numbers());

describe("a metric", () => {
  test.each([
    ["502.share", [0.1, 0, Number.NaN]],
    ["502.rate", [5, 0, 0]],
    ["success.share", [0.9, 1, Number.NaN]],
    ["EAGAIN.share", [0.12, 0, Number.NaN]],
    ["cause.queue-full.share", [0.03, 0, Number.NaN]],
    ["cause.no-free-port.share", [0.07, 0, Number.NaN]],
    ["cause.unheard-of.share", [0, 0, Number.NaN]],
    ["success.latency.p99", [4.5, 2, Number.NaN]],
    ["throughput", [45, 0, 0]],
    ["latency.p99", [3, 1, Number.NaN]],
    ["200.latency.p99", [4, Number.NaN, Number.NaN]],
    ["accept_queue.max", [9, 3, 0]],
    ["accept_queue.mean", [0.5, 0, 0]],
    ["time_wait.max", [0, 0, 0]],
    ["workers.utilisation", [0.5, 0.5, 0.5]],
    ["wasted.share", [0.25, 0.25, 0.25]],
  ])("%s is, in each replication, %j", (name, expected) => {
    expect(values(name)).toEqual(expected);
  });

  test.each([
    "",
    "502",
    "502.shares",
    "latency",
    "latency.p97",
    "accept_queue",
    "cause.share",
    "a.b.share",
    "502.share ",
    // Words that no request ends with: their share would always be 0.
    "EAGIAN.share",
    "timeout.share",
    "700.rate",
    "success-ful.latency.p99",
    "failure.rate",
  ])("is not %j", (name) => {
    expect(isMetric(name)).toBe(false);
    expect(metricOf(name, first)).toBeUndefined();
  });

  test("has an interval over the replications in which it has a value", () => {
    // (3 + 1) / 2, of two values: 12.706 standard errors of 1.
    const { value, low, high } = metricOf("latency.p99", first)?.interval(numbers(), 0.95) ?? {};
    expect([value, low, high]).toEqual([2, expect.closeTo(-10.706, 2), expect.closeTo(14.706, 2)]);
    expect(metricOf("502.share", first)?.interval(numbers(), 0.95).value).toBe(0.05);
    expect(metricOf("503.latency.p99", first)?.interval(numbers(), 0.95).value).toBeNaN();
  });
});
