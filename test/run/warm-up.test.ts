// What of a run does not count: found for a load that lasts, given, or nothing.

import { describe, expect, test } from "vitest";
import { load, predict } from "../../src/index.js";
import { runText } from "../../src/report/text.js";

interface Given {
  arrivals?: string;
  service?: string;
  backlog?: number;
  run?: string;
  more?: string;
}

const asked = ({ arrivals, service, backlog = 2000, run = "{}", more = "" }: Given) =>
  predict(
    load(`
clients: { arrivals: ${arrivals ?? "{ process: poisson, rate: 90/s, for: 200s }"} }
gunicorn: { bind: "unix:/a.sock", workers: 1, backlog: ${backlog}, overhead: 0s, timeout: 0s }
kernel: { sysctl: { net.core.somaxconn: 4096 } }
app: { sleep: ${service ?? "{ exponential: 10ms }"} }
${more}
run: ${run}`),
  );
const text = (result: Awaited<ReturnType<typeof asked>>) =>
  runText(result, { columns: 200, colour: false, quiet: false });

describe("a stationary load that lasts", () => {
  test("has its beginning left out, so that an empty start does not bias it", async () => {
    // M/M/1 at 0.98 starts empty and needs minutes: its mean number in the system is 49 in the long run.
    const arrivals = "{ process: poisson, rate: 98/s, for: 400s }";
    const found = await asked({ arrivals, run: "{ replications: 40 }" });
    const all = await asked({ arrivals, run: "{ replications: 40, warmup: 0s }" });
    expect(found.warm_up).toMatchObject({ steady: true, told: true, why: "MSER of pilot replications" });
    expect(found.warm_up.left_out_s).toBeGreaterThan(1);
    expect(all.warm_up).toMatchObject({ left_out_s: 0, why: "run.warmup" });
    const mean = (result: typeof found) => result.latencies.all?.mean.value ?? 0;
    // W = 1 / (mu - lambda).
    expect(mean(found)).toBeGreaterThan(mean(all));
    expect(Math.abs(mean(found) - 0.5)).toBeLessThan(Math.abs(mean(all) - 0.5));
    expect(text(found)).toMatch(/The first [\d.]+ s of each replication do not count, as a warm-up/);
  });

  test("without a steady state is told so, and counts whole", async () => {
    const result = await asked({
      arrivals: "{ process: poisson, rate: 105/s, for: 200s }",
      run: "{ replications: 3 }",
    });
    expect(result.warm_up).toMatchObject({ left_out_s: 0, steady: false });
    const warning = /No steady state was reached \(workers were busy \d+ % of the time\)/;
    expect(result.warnings.join()).toMatch(warning);
    expect(text(result)).toMatch(warning);
  });

  test("that overflows a bounded queue has one: what is refused is steady", async () => {
    const result = await asked({
      arrivals: "{ process: poisson, rate: 130/s, for: 200s }",
      backlog: 20,
      run: "{ replications: 3 }",
    });
    expect(result.warm_up.steady).toBe(true);
  });
});

describe("everything counts", () => {
  test.each<[string, Given, string]>([
    [
      "of a short test",
      { arrivals: "{ process: poisson, rate: 50/s, for: 10s }" },
      "a test of fewer than 10000 requests",
    ],
    [
      "where nothing is random",
      { arrivals: "{ process: constant, rate: 50/s, for: 300s }", service: "10ms" },
      "nothing is random",
    ],
    [
      "of a burst",
      { arrivals: "[{ process: poisson, rate: 90/s, for: 200s }, { process: burst, requests: 10 }]" },
      "not the same at all",
    ],
    [
      "of a ramp",
      { arrivals: "{ process: ramp, from: 10/s, to: 90/s, for: 400s, spacing: poisson }" },
      "not the same at all",
    ],
    [
      "where something happens by the clock",
      { more: "events: [{ at: 100s, do: gunicorn.reload }]" },
      "by the clock",
    ],
  ])("%s", async (_, given, why) => {
    const { warm_up, requests } = await asked({ ...given, run: "{ replications: 2 }" });
    expect(warm_up.left_out_s).toBe(0);
    expect(warm_up.why).toContain(why);
    expect(requests.total.value).toBeGreaterThan(0);
  });
});

describe("a warm-up that is given", () => {
  test("does not count: neither its requests, nor its levels, nor its counters", async () => {
    // 20 requests a second for 10 s, each 100 ms of the one worker: after 4 s the queue is 40 long and grows.
    const given = {
      arrivals: "{ process: constant, rate: 20/s, for: 10s }",
      service: "100ms",
      backlog: 30,
    };
    const all = await asked({ ...given, run: "{ warmup: 0s }" });
    const later = await asked({ ...given, run: "{ warmup: 4s }" });
    expect(all.requests.total.value).toBe(200);
    expect(later.requests.total.value).toBe(120);
    const count = Object.values(later.outcomes).reduce((sum, one) => sum + one.count, 0);
    expect(count).toBe(120);
    // From 4 s on half of them are refused; before, all found a place.
    expect(all.outcomes.EAGAIN?.share).toBeLessThan(0.4);
    expect(later.outcomes.EAGAIN?.share).toBeCloseTo(0.5, 1);
    expect(later.errors.EAGAIN?.count).toBe(later.outcomes.EAGAIN?.count);
    expect(later.work.utilisation.value).toBeCloseTo(1, 3);
  });

  test("that nothing outlasts is wrong input", async () => {
    const short = asked({ arrivals: "{ process: constant, rate: 20/s, for: 10s }", run: "{ warmup: 60s }" });
    await expect(short).rejects.toThrow(/run\.warmup: expected less than a replication lasts, got 60 s/);
  });
});
