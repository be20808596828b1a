import { describe, expect, test } from "vitest";
import { check, checkStream, load, ScenarioError } from "../../src/index.js";

const BURST = `
clients: { arrivals: { process: burst, requests: 12 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 4 }
app: { sleep: 1s }
`;
const GOOD = `${BURST}expect: [EAGAIN.share <= 50%]\n`;
const BAD = `${BURST}expect: [EAGAIN.share < 50%]\n`;
const RANDOM = `
clients: { arrivals: { process: poisson, rate: 1/s, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 1 }
app: { sleep: { exponential: 1s } }
run: { replications: 4 }
expect: [EAGAIN.share < 99%]
`;

test("one scenario, as its text or loaded", async () => {
  const found = await check(GOOD);
  expect(found).toMatchObject({ version: 1, confidence: 0.95, status: "passed" });
  expect(found.scenarios.map(({ source }) => source)).toEqual(["scenario.yaml"]);
  expect(await check(load(GOOD))).toEqual(found);
});

test("several, each as soon as it is known; all of them together at the end", async () => {
  const stream = checkStream([GOOD, BAD, BURST, load(RANDOM, { name: "mine.yaml" })]);
  const seen: string[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done) {
      expect(value.status).toBe("failed");
      expect(value.scenarios.map(({ source, status }) => `${source} ${status}`)).toEqual(seen);
      break;
    }
    seen.push(`${value.source} ${value.status}`);
  }
  expect(seen).toEqual([
    "scenario-1.yaml passed",
    "scenario-2.yaml failed",
    "scenario-3.yaml passed",
    "mine.yaml passed",
  ]);
});

test("a scenario that expects nothing is not run", async () => {
  const { scenarios } = await check([GOOD, BURST]);
  expect(scenarios[1]).toMatchObject({ replications: 0, thresholds: [], warnings: ["expects nothing"] });
});

test("progress is the share of scenarios that are done, and is waited for", async () => {
  const shares: number[] = [];
  let waiting = 0;
  await check([GOOD, BAD, RANDOM, GOOD], {
    async progress(share) {
      expect(waiting++).toBe(0);
      await Promise.resolve();
      waiting--;
      shares.push(share);
    },
  });
  expect(new Set(shares)).toEqual(new Set([0, 0.25, 0.5, 0.75]));
  expect(shares).toEqual([...shares].sort());
});

describe("an AbortSignal ends it with its reason:", () => {
  test("before it begins", async () => {
    await expect(check(GOOD, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });

  test("between two replications", async () => {
    const ending = new AbortController();
    let count = 0;
    const progress = () => {
      if (++count === 3) ending.abort(new Error("enough"));
    };
    await expect(check(RANDOM, { signal: ending.signal, progress })).rejects.toThrow("enough");
    expect(count).toBe(3);
  });
});

test("files are found as the scenario's name sees them, so that folders may have files of one name", async () => {
  const text = `
clients: { arrivals: { process: trace, file: t.csv } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 1 }
app: { sleep: 1s }
expect: [EAGAIN.share < 30%]
`;
  // One is with the worker, two wait: of four at a time one is refused, of eight five are.
  const files = {
    "a/t.csv": `sent_s\n${"0\n".repeat(4)}`,
    "b/t.csv": `sent_s\n${"0\n".repeat(8)}`,
    "t.csv": "sent_s\n0\n",
  };
  const scenarios = ["a/x.yaml", "b/x.yaml", "c/x.yaml"].map((name) => load(text, { name }));
  const found = await check(scenarios, { files });
  const shares = found.scenarios.map(({ thresholds }) => thresholds[0]?.estimate?.value);
  expect(shares).toEqual([0.25, 0.625, 0]);
});

test.each([
  ["expects nothing", BURST, /^check: expected a scenario with a section expect/],
  ["none", [], /^check: expected a scenario with a section expect/],
  ["a misspelt threshold", `${BURST}expect: [EAGAIN.shar < 1%]\n`, /^scenario.yaml:5:10 expect.0: /],
])("what is wrong is a ScenarioError: %s", async (_, scenarios, message) => {
  const error = await check(scenarios).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ScenarioError);
  expect(error.message).toMatch(message);
});
