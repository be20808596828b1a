import { describe, expect, test } from "vitest";
import { parseExpression } from "../../src/check/expression.js";

const objective = (text: string) => {
  const parsed = parseExpression(text);
  if ("wrong" in parsed) throw new Error(parsed.wrong);
  const { text: written, ...rest } = parsed.objective;
  expect(written).toBe(text.trim());
  return rest;
};
const wrong = (text: string) => {
  const parsed = parseExpression(text);
  return "wrong" in parsed ? parsed.wrong : parsed;
};

describe("METRIC OP VALUE has its value in the metric's unit", () => {
  test.each([
    ["502.share < 0.1%", { metric: "502.share", op: "<", limit: 0.001, unit: "share" }],
    ["502.share<.001e0", undefined],
    ["EAGAIN.share <= 0.001", { metric: "EAGAIN.share", op: "<=", limit: 0.001, unit: "share" }],
    ["success.share > 99.9 %", { metric: "success.share", op: ">", limit: 0.999, unit: "share" }],
    [
      "cause.worker-timeout.share<1%",
      { metric: "cause.worker-timeout.share", op: "<", limit: 0.01, unit: "share" },
    ],
    [" 200.latency.p99 <= 1s ", { metric: "200.latency.p99", op: "<=", limit: 1, unit: "s" }],
    ["latency.mean < 1m30s", { metric: "latency.mean", op: "<", limit: 90, unit: "s" }],
    ["502.rate < 20/s", { metric: "502.rate", op: "<", limit: 20, unit: "1/s" }],
    ["throughput >= 60/min", { metric: "throughput", op: ">=", limit: 1, unit: "1/s" }],
    ["accept_queue.max < 100", { metric: "accept_queue.max", op: "<", limit: 100, unit: "1" }],
    ["workers.utilisation < 80%", { metric: "workers.utilisation", op: "<", limit: 0.8, unit: "share" }],
  ])("%s", (text, expected) => {
    if (expected) expect(objective(text)).toEqual(expected);
    else expect(wrong(text)).toBe('expected a share such as "0.1%", or a number from 0 to 1, got ".001e0"');
  });
});

describe("k6's forms are understood where they say what they are of", () => {
  test.each([
    ["p(95)<200", { metric: "latency.p95", op: "<", limit: 0.2, unit: "s" }],
    ["http_req_duration: p(99) < 1500", { metric: "latency.p99", op: "<", limit: 1.5, unit: "s" }],
    ["avg < 100", { metric: "latency.mean", op: "<", limit: 0.1, unit: "s" }],
    ["med<=50", { metric: "latency.p50", op: "<=", limit: 0.05, unit: "s" }],
    ["p99(200.latency) < 250ms", { metric: "200.latency.p99", op: "<", limit: 0.25, unit: "s" }],
    ["p95(latency) < 1s", { metric: "latency.p95", op: "<", limit: 1, unit: "s" }],
    ["http_req_failed: rate<0.01", { metric: "success.share", op: ">", limit: 0.99, unit: "share" }],
  ])("%s", (text, expected) => {
    expect(objective(text)).toEqual(expected);
  });
});

describe("what is wrong is told with what was expected and what was meant", () => {
  test.each([
    ["", /^expected METRIC OP VALUE such as "502.share < 0.1%" or .*, got ""$/],
    ["502.share", /^expected METRIC OP VALUE .*, got "502.share"$/],
    ["502.share < ", /^expected a value after "<", got nothing$/],
    ["502.share == 1%", /^expected <, <=, > or >=, got "=="; no estimate is ever exactly a number$/],
    ["502.share =< 1%", /^expected <, <=, > or >=, got "=<"; did you mean "<="\?$/],
    ["502.shar < 1%", /, got "502.shar"; did you mean "502.share"\?$/],
    ["acept_queue.max < 9", /did you mean "accept_queue.max"\?$/],
    ["EAGIAN.share < 1%", /did you mean "EAGAIN.share"\?$/],
    ["p99.latency < 1s", /did you mean "latency.p99"\?$/],
    ["latency.p999 < 1s", /did you mean "latency.p99"\?$/],
    ["nonsense < 1s", /^expected a metric such as 502.share, .*, got "nonsense"$/],
    ["502.share < 5", /^expected a share such as "0.1%", .*, got "5"; did you mean "5%"\?$/],
    ["latency.p99 < 200", /^expected a duration with a unit .*, got "200"; did you mean "200s"\?$/],
    ["latency.p99 < 200days", /^expected a duration with a unit such as "250ms" or "1s", got "200days"$/],
    ["502.rate < 5", /^expected a rate such as "20\/s", got "5"; did you mean "5\/s"\?$/],
    ["accept_queue.max < many", /^expected a number such as "100", got "many"$/],
    ["p(99.9) < 5", /^expected p\(50\), p\(90\), p\(95\) or p\(99\), got "p\(99.9\)"$/],
    ["p(95) < 200ms", /^expected milliseconds without a unit, as in k6, got "200ms"$/],
    ["rate < 0.01", /^expected what the rate is of, .*, got "rate"$/],
    ["http_reqs: rate > 100", /^of k6's metrics http_req_duration and http_req_failed are known/],
  ])("%s", (text, message) => {
    expect(wrong(text)).toMatch(message);
  });
});
