import { describe, expect, test } from "vitest";
import { simulate } from "../support/simulate.js";

const sent = async (arrivals: string, files: Record<string, string> = {}) => {
  const text = `clients: { target: 127.0.0.1:9, arrivals: ${arrivals} }\nrun: { replications: 1 }`;
  const { requests } = await simulate(text, files);
  return requests.map(({ sentNs }) => sentNs / 1e9);
};

describe("constant", () => {
  test("sends request i at i/rate, from 0 up to but not at the end", async () => {
    expect(await sent("{ process: constant, rate: 4/s, for: 1s }")).toEqual([0, 0.25, 0.5, 0.75]);
  });

  test("does not add up rounding: request 600 of 3/s is at exactly 200 s", async () => {
    const times = await sent("{ process: constant, rate: 3/s, requests: 601 }");
    expect(times[600]).toBe(200);
    expect(times[1]).toBe(0.333333333);
  });
});

test("phases follow each other: by time, or after the requests they send", async () => {
  const times = await sent(`[
    { process: constant, rate: 2/s, requests: 2 },
    { process: burst, requests: 2, for: 3s },
    { process: constant, rate: 1/s, for: 2s }]`);
  expect(times).toEqual([0, 0.5, 1, 1, 4, 5]);
});

describe("poisson", () => {
  const times = sent("{ process: poisson, rate: 100/s, for: 200s }");

  test("sends rate times length requests within four standard deviations", async () => {
    expect(Math.abs((await times).length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
  });

  test("has gaps of cv 1", async () => {
    const gaps = (await times).map((time, index, all) => time - (all[index - 1] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // The standard error of an exponential's cv is about sqrt(1/n) (twice that of a normal's).
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
  });

  test("with requests: N sends exactly N", async () => {
    expect(await sent("{ process: poisson, rate: 100/s, requests: 77 }")).toHaveLength(77);
  });
});

describe("ramp", () => {
  test("from 2/s to 6/s in 4 s sends 16 requests, request n where 2t + t^2/2 = n", async () => {
    const times = await sent("{ process: ramp, from: 2/s, to: 6/s, for: 4s }");
    expect(times).toHaveLength(16);
    for (const [n, t] of times.entries()) expect(2 * t + t ** 2 / 2).toBeCloseTo(n, 6);
  });

  test("down from 6/s to 2/s is the same backwards in number", async () => {
    expect(await sent("{ process: ramp, from: 6/s, to: 2/s, for: 4s }")).toHaveLength(16);
  });

  test("begins at 0/s: request n of a ramp to 4/s in 4 s is at the root of 2n", async () => {
    const times = await sent("{ process: ramp, from: 0/s, to: 4/s, for: 4s }");
    expect(times).toHaveLength(8);
    expect(times[0]).toBe(0);
    for (const [n, t] of times.entries()) expect(t).toBeCloseTo(Math.sqrt(2 * n), 6);
  });

  test("ends at 0/s: 8 - n requests are left when (4 - t)^2 / 2 = 8 - n", async () => {
    const times = await sent("{ process: ramp, from: 4/s, to: 0/s, for: 4s }");
    expect(times).toHaveLength(8);
    for (const [n, t] of times.entries()) expect((4 - t) ** 2 / 2).toBeCloseTo(8 - n, 6);
  });

  test.each(["even", "poisson"])("to 0/s with %s spacing sends only numbers", async (spacing) => {
    const times = await sent(`{ process: ramp, from: 333.3/s, to: 0/s, for: 7s, spacing: ${spacing} }`);
    expect(times.every((time) => time >= 0 && time <= 7)).toBe(true);
  });

  test("from 0/s to 0/s is refused", async () => {
    await expect(sent("{ process: ramp, from: 0/s, to: 0/s, for: 1s }")).rejects.toThrow(
      'clients.arrivals.to: expected a rate above 0/s at one end at least, got "0/s"',
    );
  });

  test("without a slope it is constant", async () => {
    expect(await sent("{ process: ramp, from: 2/s, to: 2/s, for: 2s }")).toEqual([0, 0.5, 1, 1.5]);
  });

  test("with Poisson spacing sends the same number on average, more of them late", async () => {
    const times = await sent("{ process: ramp, from: 100/s, to: 300/s, for: 100s, spacing: poisson }");
    expect(Math.abs(times.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
    // 100 x 50 + 100 x 50^2 / 100 = 7,500 in the first half.
    const early = times.filter((time) => time < 50).length;
    expect(Math.abs(early - 7_500)).toBeLessThan(4 * Math.sqrt(7_500));
  });
});

describe("trace", () => {
  test("sends at the recorded times, in their order", async () => {
    const files = { "t.csv": "id,sent_s\n0,0.5\n1,0.1\n2,2.25\n" };
    expect(await sent("{ process: trace, file: t.csv }", files)).toEqual([0.1, 0.5, 2.25]);
  });

  test("brings its service times along", async () => {
    const text = `
clients: { arrivals: { process: trace, file: t.csv } }
gunicorn: { bind: unix:/run/g.sock, workers: 2, overhead: 0s }
app: { sleep: 9s }`;
    const { trace } = await simulate(text, { "t.csv": "sent_s,service_s\n0,0.25\n0,0.5\n" });
    expect(trace).toBe("0.000 -> 0.250 200\n0.000 -> 0.500 200");
  });

  test.each([
    ["no column sent_s", "time\n1\n", 't.csv: expected a column "sent_s", got none'],
    [
      "a request before the run",
      "sent_s,service_s\n0,1\n-0.5,1\n",
      "t.csv:3 sent_s: expected seconds from 0 to 9007199, got -0.5",
    ],
    [
      "an empty service time, which would be drawn instead",
      "sent_s,service_s\n0,1\n1,\n2,1\n",
      't.csv:3 service_s: expected seconds from 0 to 9007199, got ""',
    ],
    [
      "a negative service time",
      "sent_s,service_s\n0,-1\n",
      "t.csv:2 service_s: expected seconds from 0 to 9007199, got -1",
    ],
    [
      "a word for a time",
      "sent_s\n0\nsoon\n",
      't.csv:3 sent_s: expected seconds from 0 to 9007199, got "soon"',
    ],
    [
      "a time beyond every run",
      "sent_s\n1e9\n",
      "t.csv:2 sent_s: expected seconds from 0 to 9007199, got 1000000000",
    ],
  ])("with %s is an error with its line and column", async (_, csv, text) => {
    const arrivals = "{ process: trace, file: t.csv }";
    await expect(sent(arrivals, { "t.csv": csv })).rejects.toThrow(
      `test.yaml:1:67 clients.arrivals.file: ${text}`,
    );
  });

  test("in a later phase is refused before anything is sent", async () => {
    const phases = "[{ process: burst, requests: 1 }, { process: trace, file: t.csv }]";
    await expect(sent(phases, { "t.csv": "sent_s\n-1\n" })).rejects.toThrow(
      "clients.arrivals.1.file: t.csv:2",
    );
  });

  test("does not mind text in columns that it does not use", async () => {
    const files = { "t.csv": "sent_s,error,latency_s\n0.5,closed,-1\n" };
    expect(await sent("{ process: trace, file: t.csv }", files)).toEqual([0.5]);
  });
});

describe("common random numbers", () => {
  const requestsOf = async (more: string) => {
    const text = `
clients: { arrivals: { process: poisson, rate: 50/s, requests: 500 } }
nginx: { upstream: { servers: [unix:/run/g.sock] } ${more} }
gunicorn: { bind: unix:/run/g.sock, backlog: 4 }
app: { sleep: { exponential: 50ms } }
run: { replications: 1 }`;
    return (await simulate(text)).requests;
  };

  test("changing a setting leaves arrivals and service times as they were", async () => {
    const before = await requestsOf("");
    const after = await requestsOf(", proxy_read_timeout: 200ms");
    expect(after.map(({ sentNs, serviceNs }) => [sentNs, serviceNs])).toEqual(
      before.map(({ sentNs, serviceNs }) => [sentNs, serviceNs]),
    );
    expect(after.map(({ outcome }) => outcome)).not.toEqual(before.map(({ outcome }) => outcome));
  });
});
