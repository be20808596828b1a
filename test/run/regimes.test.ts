// Collapse: a run that ends in one of two states is told as both, not as their mean.

import { describe, expect, test } from "vitest";
import { load, predict } from "../../src/index.js";
import { runText } from "../../src/report/text.js";

/** Retries keep a queue alive that chance has made; without them it drains. */
const storm = (rate: number, retries: string) =>
  load(`
clients: { arrivals: { process: poisson, rate: ${rate}/s, for: 60s }, timeout: 1s, ${retries} }
gunicorn: { bind: "unix:/a.sock", workers: 2, backlog: 500 }
app: { sleep: { exponential: 50ms } }
run: { replications: 20 }`);
const RETRIES = "retries: { attempts: 4, on: [client-timeout, EAGAIN] }";
const plain = { columns: 200, colour: false, quiet: false };

describe("two regimes", () => {
  test("are told with their probability, and what fails in each", async () => {
    const result = await predict(storm(36, RETRIES));
    const [good, bad] = result.regimes ?? [];
    expect(good?.replications).toBeGreaterThan(1);
    expect((good?.replications ?? 0) + (bad?.replications ?? 0)).toBe(20);
    expect(bad?.probability.value).toBe((bad?.replications ?? 0) / 20);
    expect(bad?.failing.value).toBeGreaterThan((good?.failing.value ?? 1) + 0.5);
    // The mean is in neither.
    const mean = 1 - result.requests.success.value;
    expect(mean).toBeGreaterThan(good?.failing.high ?? 1);
    expect(mean).toBeLessThan(bad?.failing.low ?? 0);
    const text = runText(result, plain);
    expect(text).toMatch(/^With probability \d+ % ± \d+ % a run ends in collapse, where \d+/);
    expect(text).toContain(`${bad?.replications} of 20 replications end in collapse.`);
  });

  test.each([
    ["a load that holds", 20, RETRIES],
    ["one that always collapses", 60, RETRIES],
    ["one that recovers", 36, ""],
  ])("are not seen in %s", async (_, rate, retries) => {
    const result = await predict(storm(rate, retries));
    expect(result.regimes).toBeUndefined();
    expect(runText(result, plain)).not.toContain("collapse");
  });
});
