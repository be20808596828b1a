// Two gunicorns of sync workers: what each does is its own, whether they have one set of handlers or two.

import { expect, test } from "vitest";
import { simulate } from "../../support/simulate.js";

/** Three requests of 2 s to each gunicorn, one after the other; what became of those to blue and to green. */
async function outcomes(blue: string, green: string): Promise<{ blue: string[]; green: string[] }> {
  const load = "arrivals: { process: constant, rate: 1/s, requests: 3 }";
  const { requests } = await simulate(`
clients:
  - { name: blue, target: "unix:/blue", ${load} }
  - { name: green, target: "unix:/green", ${load} }
gunicorn:
  - { overhead: 0s, name: blue, bind: "unix:/blue", workers: 1, ${blue} }
  - { overhead: 0s, name: green, bind: "unix:/green", workers: 1, ${green} }
app: { sleep: 2s }
run: { replications: 1 }`);
  // In the order of sending: blue, green, blue ...
  const told = requests.map(({ outcome, latencyNs }) => `${outcome} ${(latencyNs / 1e9).toFixed(1)}`);
  return {
    blue: told.filter((_, index) => index % 2 === 0),
    green: told.filter((_, index) => index % 2 === 1),
  };
}

// One worker: 2 s each, a second later.
const QUEUED = ["200 2.0", "200 3.0", "200 4.0"];

test("gunicorns that are alike have workers and queues of their own", async () => {
  expect(await outcomes("backlog: 10", "backlog: 10")).toEqual({ blue: QUEUED, green: QUEUED });
});

test("each with its own number of requests of a worker", async () => {
  const { blue, green } = await outcomes("max_requests: 1, boot: 5s", "max_requests: 100, boot: 5s");
  expect(green).toEqual(QUEUED);
  // A worker that has served one is followed by another, which boots for 5 s.
  expect(blue[0]).toBe(QUEUED[0]);
  expect(blue[1]).not.toBe(QUEUED[1]);
});

test.each([
  ["timeout: 1s", "timeout: 30s"],
  ["timeout: 30s", "timeout: 1s"],
])("gunicorns that differ are not alike: %s beside %s", async (blue, green) => {
  const both = await outcomes(blue, green);
  const [short, long] = blue === "timeout: 1s" ? [both.blue, both.green] : [both.green, both.blue];
  expect(long).toEqual(QUEUED);
  expect(short.some((outcome) => outcome.startsWith("200"))).toBe(false);
});
