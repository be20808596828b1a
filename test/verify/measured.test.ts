// The real cases: what nginx 1.22.1 and gunicorn 20.1.0 on Linux 6.18 did, against the prediction.

import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import type { EndedRequest } from "../../src/component/recorder.js";
import { caseFolders } from "../../src/node/folders.js";
import { verifyCase } from "../../src/verify/verify.js";

const folders = caseFolders(readdirSync("test/measured").map((name) => `test/measured/${name}`));

describe.each(folders)("$folder.name", ({ folder, family }) => {
  test("is predicted within the limits of the score", async () => {
    const verified = await verifyCase(folder, { components, family });
    expect(verified.problem).toBeUndefined();
    expect(verified.passed, JSON.stringify(verified.score)).toBe(true);
  });

  test("for the reasons in nginx's error log", async () => {
    const { log = [], queues = [] } = await verifyCase(folder, { components, family });
    for (const { predicted, measured, what } of log) {
      const mean = measured.reduce((sum, count) => sum + count, 0) / measured.length;
      // Two runs of the same inputs differ by up to 3 %; arrivals within one request of each other decide the rest.
      expect(Math.abs(predicted - mean), what).toBeLessThan(0.05 * mean + 2);
    }
    const highest = queues.find(({ what }) => what.endsWith("highest"));
    // ss looks twice a second, so it misses the highest of a queue that is short-lived.
    for (const measured of highest?.measured ?? []) {
      expect(highest?.predicted).toBeGreaterThanOrEqual(measured);
      expect(highest?.predicted).toBeLessThanOrEqual(measured + 1);
    }
  });
});

test("seed-rate200-1 is exactly 133 x 200 and 67 x 502", async () => {
  const { folder, family } = folders.find(
    ({ folder: { name } }) => name === "seed-rate200-1",
  ) as (typeof folders)[0];
  const requests: EndedRequest[] = [];
  const ended = (_: number, request: EndedRequest) => requests.push(request);
  await verifyCase(folder, { components, family, ended });
  const count = (outcome: string) => requests.filter((request) => request.outcome === outcome).length;
  expect([count("200"), count("502"), requests.length]).toEqual([133, 67, 200]);
});

describe("a case that the models cannot replay has failed and says why", () => {
  const [one] = folders as [(typeof folders)[0]];
  const changed = (file: string, change: (text: string) => string | undefined) => ({
    ...one.folder,
    read: (path: string) => {
      const text = one.folder.read(path);
      return path === file && text !== undefined ? change(text) : text;
    },
  });
  const verified = (file: string, change: (text: string) => string | undefined) =>
    verifyCase(changed(file, change), { components, family: one.family });

  test("a class of workers that is not modelled", async () => {
    const { passed, notes } = await verified("gunicorn.sh", (text) => text.replace("sync", "gevent"));
    expect(passed).toBe(false);
    expect(notes.map(({ directive }) => directive)).toContain("-k gevent");
  });

  test("no requests to replay", async () => {
    const { passed, problem } = await verified("requests.csv", () => undefined);
    expect([passed, problem]).toEqual([false, "there is no requests.csv"]);
  });

  test("a mistake in a file", async () => {
    const { passed, problem } = await verified("nginx.conf", (text) => text.replace("http {", "http"));
    expect(passed).toBe(false);
    expect(problem).toMatch(/^nginx\.conf:\d+/);
  });
});
