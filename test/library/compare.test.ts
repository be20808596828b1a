// compare() while it grows: what is told after so many pairs, and how the stream ends.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import {
  type ComparedPairs,
  type Comparison,
  compare,
  compareStream,
  load,
  ScenarioError,
} from "../../src/index.js";
import { comparing } from "../../src/run/compare.js";
import { inline, type Replicator } from "../../src/run/replicator.js";

const RANDOM = `
clients: { arrivals: { process: poisson, rate: 20/s, requests: 40 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 2 }
app: { sleep: { exponential: 50ms } }
run: { replications: 6 }
`;
const BURST = RANDOM.replace("process: poisson, rate: 20/s", "process: burst").replace(
  "{ exponential: 50ms }",
  "50ms",
);
// M/M/8/24 at 94 %, long enough for pilots to find what is left out.
const LASTING = `
clients: { arrivals: { process: poisson, rate: 150/s, for: 150s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 8, backlog: 15, overhead: 0s }
app: { sleep: { exponential: 50ms } }
run: { replications: 3 }
`;
const TIMES = RANDOM.replace("exponential: 50ms", "empirical: times.csv");
const longer = (text: string) => text.replace(/backlog: \d+/, "backlog: 200");

async function grown(
  ...asked: Parameters<typeof compareStream>
): Promise<{ told: ComparedPairs[]; returned: Comparison }> {
  const stream = compareStream(...asked);
  const told: ComparedPairs[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return { told, returned: value };
    told.push(value);
  }
}

describe("the last Comparison of the stream is that of compare(), to the last digit:", () => {
  const files = { "times.csv": "duration,service_s\n1,0.04\n1,0.06\n" };
  test.each([
    ["of random ones", RANDOM, longer(RANDOM), 6],
    ["of a scenario and itself", RANDOM, RANDOM, 6],
    ["where nothing is random", BURST, longer(BURST), 1],
    ["where nothing is random in A", BURST, RANDOM, 6],
    ["where nothing is random in B", RANDOM, BURST, 6],
    ["where the beginning is left out", LASTING, longer(LASTING), 3],
    ["of times from a file", TIMES, longer(TIMES), 6],
  ])("%s", async (_, a, b, wanted) => {
    const whole = await compare(a, b, { files });
    const { told, returned } = await grown(a, b, { files });
    const last = told.at(-1);
    expect(last).toStrictEqual({ pairs: wanted, wanted, comparison: whole });
    expect(JSON.stringify(last?.comparison)).toBe(JSON.stringify(whole));
    expect(returned).toBe(last?.comparison);
    expect(whole.a.warm_up.left_out_s > 0).toBe(a === LASTING);
  });
});

describe("what is told on the way", () => {
  test("is each pair from two on, as if there were no more, and stays as it was told", async () => {
    const [a, b] = [RANDOM, longer(RANDOM)];
    const [then, now]: [ComparedPairs[], ComparedPairs[]] = [[], []];
    for await (const one of compareStream(a, b)) {
      then.push(structuredClone(one));
      now.push(one);
    }
    expect(now).toEqual(then);
    expect(now.map(({ pairs, wanted }) => [pairs, wanted])).toEqual(
      [2, 3, 4, 5, 6].map((pairs) => [pairs, 6]),
    );
    for (const { pairs, comparison } of now) {
      const fewer = await compare(
        ...([a, b].map((text) => text.replace("replications: 6", `replications: ${pairs}`)) as [
          string,
          string,
        ]),
      );
      // Only the scenarios themselves say how many were wanted.
      for (const side of ["a", "b"] as const) fewer[side].scenario = comparison[side].scenario;
      expect(comparison).toStrictEqual(fewer);
    }
  });

  test("is with more than twenty pairs whenever there are 5 % more, and the last", async () => {
    const many = RANDOM.replace("replications: 6", "replications: 40");
    const { told } = await grown(many, longer(many));
    const upTo20 = Array.from({ length: 19 }, (_, index) => index + 2);
    // 1.05 * 20 = 21, 1.05 * 21 = 22.05, 1.05 * 23 = 24.15 ...
    expect(told.map(({ pairs }) => pairs)).toEqual([...upTo20, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39, 40]);
  });
});

/** Says who is asked for what, in this order; each has as many at a time as `width`. */
function watchedPairs(width: number) {
  const asked: string[] = [];
  const stream = comparing(load(RANDOM, { name: "a" }), load(RANDOM, { name: "b" }), {
    components,
    table: () => () => {
      throw new Error("no file is named");
    },
    replicator({ source }, job): Replicator {
      const { replicate } = inline(job);
      return {
        width,
        replicate(index, manner, progress) {
          asked.push(`${source}${index}`);
          return replicate(index, manner, progress);
        },
      };
    },
  });
  return { asked, stream };
}

describe("replications", () => {
  test("come in pairs, and only when the next ones are asked for", async () => {
    const { asked, stream } = watchedPairs(1);
    expect(asked).toEqual([]);
    await stream.next();
    // The first of each is the pilot, which tells that such a short load counts whole.
    expect(asked).toEqual(["a0", "b0", "a1", "b1"]);
    await stream.next();
    expect(asked).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
  });

  test("are asked for no more once the loop is left, whoever computes several of them at a time", async () => {
    const { asked, stream } = watchedPairs(2);
    for await (const { pairs } of stream) if (pairs === 3) break;
    const count = asked.length;
    expect(count).toBeLessThan(12);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toHaveLength(count);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});

test.each([
  ["both", RANDOM, RANDOM],
  ["A, of which there is one", BURST, RANDOM],
  ["B, of which there is one", RANDOM, BURST],
])("progress is the share of the replications of both: %s", async (_, a, b) => {
  const shares: number[] = [];
  await grown(a, b, { progress: (share) => void shares.push(share) });
  expect(shares).toEqual([...shares].sort((one, other) => one - other));
  expect(new Set(shares).size).toBeGreaterThan(5);
  expect(shares.at(-1)).toBe(1);
});

describe("an AbortSignal ends the stream with its reason:", () => {
  const reason = new Error("enough");

  test("before it begins", async () => {
    const stream = compareStream(RANDOM, RANDOM, { signal: AbortSignal.abort(reason) });
    await expect(stream.next()).rejects.toBe(reason);
  });

  test("between two values, before anything else is computed", async () => {
    const ending = new AbortController();
    let reports = 0;
    const progress = () => {
      reports++;
    };
    const stream = compareStream(RANDOM, RANDOM, { signal: ending.signal, progress });
    await stream.next();
    const before = reports;
    ending.abort(reason);
    await expect(stream.next()).rejects.toBe(reason);
    expect(reports).toBe(before);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("within a pair, from a timer", async () => {
    const ending = new AbortController();
    const many = RANDOM.replace("replications: 6", "replications: 1000");
    const all = grown(many, longer(many), { signal: ending.signal });
    setTimeout(() => ending.abort(reason));
    await expect(all).rejects.toBe(reason);
  });
});

describe("what is wrong is a ScenarioError", () => {
  test("in a scenario, at once and with its name", () => {
    expect(() => compareStream(RANDOM, "gunicorn: { workers: 0 }")).toThrow(ScenarioError);
    expect(() => compareStream(RANDOM, "gunicorn: { workers: 0 }")).toThrow(/^b.yaml/);
  });

  test("for a single replication, with the first value that is asked for", async () => {
    const one = RANDOM.replace("replications: 6", "replications: 1");
    await expect(compareStream(one, one).next()).rejects.toThrow(/run.replications: expected 2 or more/);
  });
});
