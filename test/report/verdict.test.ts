import { describe, expect, test } from "vitest";
import { runText } from "../../src/report/text.js";
import type { Result } from "../../src/run/result.js";
import { burst, calm, deaf, exact, share } from "./fixtures.js";
import { lucky, overload, rare } from "./random-fixtures.js";

describe("quiet", () => {
  test("prints the verdict alone, on one line however narrow the terminal is", () => {
    expect(runText(burst(), { columns: 40, colour: true, quiet: true })).toBe(
      "33.5 % of 200 requests will fail: 502 (unix accept queue full).\n",
    );
  });

  test("does not swallow that there are warnings", () => {
    expect(runText(deaf(), { columns: 80, colour: false, quiet: true })).toBe(
      "All 50 requests will fail: ECONNREFUSED (nobody listens on 127.0.0.1:8000). (1 warning)\n",
    );
  });
});

describe("a run that a limit ended", () => {
  const incomplete = "the time limit ended the run after 1 of 20 replications";
  const cut = { ...lucky(), replications: 1, incomplete };

  test("says so in its verdict alone", () => {
    const quiet = (result: Result) => runText(result, { columns: 80, colour: false, quiet: true });
    expect(quiet(cut)).toMatch(/\. \(incomplete\)\n$/);
    expect(quiet({ ...cut, warnings: ["a", "b"] })).toMatch(/\. \(incomplete, 2 warnings\)\n$/);
  });

  test("is not told to ask for more replications", () => {
    const why = "only one of 20 replications was made";
    const text = runText({ ...cut, intervals: { method: "none", why } }, { columns: 80, colour: false });
    expect(text).toContain(`known: ${why}.`);
    expect(text).toContain(`Incomplete: ${incomplete}.`);
    expect(text).not.toContain("run.replications");
  });
});

describe("the verdict", () => {
  const first = (result: Result) => runText(result, { columns: 80, colour: false, quiet: true }).trimEnd();

  test.each([
    ["of a calm run names the slowest", calm(), "All 10 requests will succeed; the slowest takes 18.4 s."],
    [
      "of a lucky random run says how little is known",
      lucky(),
      "All 20,000,000 requests will succeed (failures < 0.00000092 %); the slowest takes 1.41 s ± 0.12 s.",
    ],
    [
      "of tiny shares has the digits it takes",
      rare(),
      "0.000102 % ± 0.000021 % of 20,000,000 requests will fail: EAGAIN (unix accept queue full).",
    ],
    [
      "of several outcomes names each with its ±, then the chief cause",
      { ...overload(), warnings: [] },
      "19.94 % ± 0.86 % of about 8123 requests will fail: 504 14.90 % ± 0.54 %, 502 4.78 % ± 0.39 %, " +
        "client-timeout 0.266 % ± 0.063 %; chief cause: no answer within proxy_read_timeout.",
    ],
    [
      "of a random run without intervals counts what was tried",
      { ...lucky(), outcomes: { "200": share(20_000_000, 20_000_000) } },
      "All 20,000,000 requests will succeed (no failure in 400,000,000 simulated); " +
        "the slowest takes 1.41 s ± 0.12 s.",
    ],
    [
      "of one request speaks of one",
      { ...calm(), requests: { ...calm().requests, total: exact(1) }, outcomes: { "200": share(1, 1) } },
      "The one request will succeed; it takes 18.4 s.",
    ],
    [
      "of one request that may fail speaks of one",
      {
        ...rare(),
        requests: { ...rare().requests, total: exact(1) },
        outcomes: { "200": share(0.6, 1, 0.1), "502": share(0.4, 1, 0.1) },
        causes: [],
      },
      "40 % ± 10 % of 1 request will fail: 502.",
    ],
    [
      "of no request says so",
      { ...calm(), requests: { ...calm().requests, total: exact(0) }, outcomes: {}, latencies: {} },
      "No request is sent.",
    ],
  ])("%s", (_claim, result, expected) => {
    expect(first(result)).toBe(expected);
  });

  test("of one outcome with many causes names two and counts the rest", () => {
    const [only] = burst().causes;
    const causes = ["a (1)", "b", "c", "d"].map((text, index) => ({
      ...only!,
      text,
      share: 0.4 - index / 10,
    }));
    expect(first({ ...burst(), causes })).toBe(
      "33.5 % of 200 requests will fail: 502 (a; b; 2 more causes).",
    );
  });
});
