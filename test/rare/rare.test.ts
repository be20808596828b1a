// The whole estimate, from a scenario's text.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { run } from "../../src/run/run.js";
import { mg1k } from "../../src/stats/chains.js";
import { arrivalsDuring } from "../../src/theory/service.js";
import { blocked } from "./birth-death.js";
import { queueText, rareOf, scenarioOf } from "./support.js";

const SMALL = queueText({ rate: 10, workers: 1, places: 9 });
/** pi_9 of M/M/1/9 at 0.5: 9.8e-4. */
const EXACT = blocked(0.5, 9);

describe("the share of refused requests", () => {
  test("is the same for the same seed, and another one for another", async () => {
    const options = { halfWidth: 0.3 };
    const one = await rareOf(SMALL, options);
    expect(await rareOf(SMALL, options)).toEqual(one);
    expect((await rareOf(SMALL, { ...options, seed: "2" })).share).not.toBe(one.share);
  });

  test("overlaps with what brute force finds", { timeout: 60_000 }, async () => {
    // 20 replications of 50,000 requests: 980 refusals, an interval of about 12 %.
    const scenario = scenarioOf(SMALL.replace("requests: 10 ", "requests: 50000 "));
    const { outcomes } = await run(scenario, { components, table: () => ({}) });
    const plain = outcomes.EAGAIN as { low: number; high: number };
    const found = await rareOf(SMALL);
    expect(found.low).toBeLessThan(plain.high);
    expect(found.high).toBeGreaterThan(plain.low);
    expect(plain.low).toBeLessThan(EXACT);
    expect(plain.high).toBeGreaterThan(EXACT);
    expect((found.high - found.share) / found.share).toBeLessThanOrEqual(0.1);
  });

  // A worker takes 30 ms beside 50 ms of work: M/G/1/9. Whoever has only those 30 ms left is not done: without him
  // the share would be 2.4 times as large.
  test("is right where a request takes more than its work", { timeout: 60_000 }, async () => {
    const text = SMALL.replace("overhead: 0s", "overhead: 30ms").replace("rate: 10/s", "rate: 6.25/s");
    const during = arrivalsDuring({ kind: "exponential", meanNs: 5e7 }, 3e7, 6.25, 60) as Float64Array;
    const { blocked: exact } = mg1k(6.25, 0.08, 9, during);
    const found = await rareOf(text, { halfWidth: 0.05 });
    expect(found.restored).toBe("filled");
    expect(Math.abs(found.share - exact)).toBeLessThan(2 * (found.high - found.share));
  });

  // Brute force: 134 million requests in 400 replications, 6.65e-4 with a 95 % interval from 6.50e-4 to 6.80e-4.
  test("is that of brute force with nginx and lognormal work", { timeout: 120_000 }, async () => {
    const found = await rareOf(`
clients: { arrivals: { process: poisson, rate: 56/s, for: 600s } }
nginx: { upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { bind: unix:/run/g.sock, workers: 4, backlog: 30 }
app: { sleep: { lognormal: { mean: 60ms, cv: 1 } } }
`);
    expect(found.restored).toBe("filled");
    expect(Math.abs(found.share - 6.65e-4)).toBeLessThan(2 * (found.high - found.share));
  });

  test("goes on in another world when the clock of one ends", { timeout: 60_000 }, async () => {
    // M/M/2/13 with 20 s of work at 0.05/s: half a clock of 52 days is some thousand paths.
    const text = queueText({ rate: 0.05, workers: 2, places: 13 }).replace("50ms", "20s");
    const found = await rareOf(text, { halfWidth: 0.3 });
    let [weight, sum] = [1, 1];
    for (let state = 1; state <= 13; state++) {
      weight /= Math.min(state, 2);
      sum += weight;
    }
    expect(Math.abs(found.share - weight / sum)).toBeLessThan(2 * (found.high - found.share));
  });

  test("is what there is when the time is over, and says so", async () => {
    const at = { asked: 0 };
    const found = await rareOf(SMALL, { halfWidth: 0.01, isOver: () => ++at.asked > 2_000 });
    expect(found.reached).toBe(false);
    expect(found.share).toBeGreaterThan(0);
    await expect(rareOf(SMALL, { isOver: () => true })).rejects.toThrow("before a first estimate");
  });

  // 30 estimates with half-widths of about 30 %: the mean has a standard error of about 3 %.
  test("is unbiased and its interval honest, over 30 seeds", { timeout: 120_000 }, async () => {
    const estimates = [];
    for (let seed = 0; seed < 30; seed++) {
      estimates.push(await rareOf(SMALL, { halfWidth: 0.35, seed: `small ${seed}` }));
    }
    const mean = estimates.reduce((sum, { share }) => sum + share, 0) / estimates.length;
    const squares = estimates.reduce((sum, { share }) => sum + (share - mean) ** 2, 0);
    const error = Math.sqrt(squares / (estimates.length - 1) / estimates.length);
    expect(Math.abs(mean - EXACT)).toBeLessThan(3.5 * error);
    const held = estimates.filter(({ low, high }) => low <= EXACT && EXACT <= high).length;
    // Of 30 intervals 25 and more hold the truth with 99.7 %.
    expect(held).toBeGreaterThanOrEqual(25);
  });

  test("is the same by repeating as by filling", { timeout: 120_000 }, async () => {
    const found = await rareOf(SMALL, { halfWidth: 0.5, replay: true });
    expect(found.restored).toBe("repeated");
    expect(Math.abs(found.share - EXACT)).toBeLessThan(2 * (found.high - found.share));
  });

  test("is found where the system is hardly ever empty", { timeout: 60_000 }, async () => {
    // M/M/20/60 at 0.8: p_0 is 1e-7. Erlang C, and pi_60 = pi_20 0.8^40.
    let weight = 1;
    let sum = 1;
    for (let state = 1; state <= 60; state++) {
      weight *= 16 / Math.min(state, 20);
      sum += weight;
    }
    const exact = weight / sum;
    const found = await rareOf(queueText({ rate: 320, workers: 20, places: 60 }), { halfWidth: 0.2 });
    expect(found.busy_period).toBeUndefined();
    expect(Math.abs(found.share - exact)).toBeLessThan(2 * (found.high - found.share));
  });

  test("names the queue, what decided, and how it was found", async () => {
    const found = await rareOf(SMALL, { halfWidth: 0.3 });
    expect(found).toMatchObject({
      cause: "unix-accept-queue-full",
      text: "unix accept queue full (8 of 8) at unix:/run/gunicorn.sock",
      settings: ["gunicorn.backlog = 7", "net.core.somaxconn = 100000"],
      batches: 40,
      restored: "filled",
      reached: true,
    });
    expect(found.levels.length).toBe(found.splits.length);
  });
});

const NGINX = `clients: { arrivals: { process: poisson, rate: 3/s, for: 10s } }
nginx: { upstream: { servers: [unix:/run/a.sock] } }
gunicorn: [{ bind: unix:/run/a.sock }, { bind: unix:/run/b.sock }]
`;

describe("what cannot be estimated is an error that says why", () => {
  const clients = (inside: string) => `clients: { ${inside} }\ngunicorn: {}\n`;
  test.each([
    [
      SMALL.replace("rate: 10/s", "rate: 30/s"),
      "rare.yaml: --rare: 32.9 % of the requests are refused if this load goes on: run it without --rare",
    ],
    [
      SMALL.replace("backlog: 7", "backlog: 100000").replace("rate: 10/s", "rate: 20.5/s"),
      "rare.yaml: --rare: workers are always busy (utilisation 1): the queue fills up, which is not rare; run it without --rare",
    ],
    [
      SMALL.replace("backlog: 7", "backlog: 90000"),
      "rare.yaml: --rare: the accept queue of unix:/run/gunicorn.sock holds 90001, and not one request in 1e+22 is refused: nothing to estimate",
    ],
    [
      clients("arrivals: { process: ramp, from: 1/s, to: 9/s, for: 10s }"),
      'rare.yaml:1:33 clients.arrivals.process: expected "poisson" or "constant" for --rare, whose load goes on for ever, got "ramp"',
    ],
    [
      clients("closed: { concurrency: 3, think: 1s, for: 10s }"),
      "rare.yaml:1:20 clients.closed: expected arrivals for --rare, got a closed loop",
    ],
    [
      `${clients("arrivals: { process: poisson, rate: 3/s, for: 10s }")}events: [{ at: 1s, do: gunicorn.reload }]`,
      "rare.yaml:3:9 events: expected no events for --rare: its load and its system never change",
    ],
    [
      clients("arrivals: { process: poisson, rate: 3/s, for: 10s }").replace("{}", "{ max_requests: 10 }"),
      "rare.yaml:2:27 gunicorn.max_requests: expected 0 for --rare: what workers have done outlasts quiet times",
    ],
    [
      NGINX.replace("[unix:/run/a.sock]", "[unix:/run/a.sock, unix:/run/b.sock]"),
      "rare.yaml:2:31 nginx.upstream.servers: expected one server for --rare: whose turn it is, and who has failed, outlasts quiet times",
    ],
    [
      clients("arrivals: { process: poisson, rate: 3/s, for: 10s }, retries: { attempts: 3 }"),
      "clients.retries: expected none for --rare: who was refused is away, and comes again",
    ],
    [
      NGINX.replace(
        "[unix:/run/a.sock] }",
        '[{ address: "localhost:8000", resolves: ["[::1]:8000", "127.0.0.1:8000"] }] }',
      ),
      "nginx.upstream.servers: expected one server for --rare: whose turn it is, and who has failed",
    ],
    [
      NGINX.replace("servers:", "keepalive: 8, servers:"),
      "rare.yaml:2:33 nginx.upstream.keepalive: expected 0 for --rare: kept connections outlast quiet times",
    ],
    [
      NGINX.replace(
        "nginx: {",
        "nginx: { limit_req_zone: [{ name: z, key: server, rate: 20r/s }], limit_req: { zone: z },",
      ),
      "nginx.limit_req: expected none for --rare: a leaky bucket outlasts quiet times",
    ],
  ])("%#", async (text, message) => {
    await expect(rareOf(text)).rejects.toThrow(message);
  });
});
