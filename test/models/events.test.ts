// The number of events is exact, unlike any time, so it can fail: here, and not in the benchmark.

import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { unixPath } from "../bench/unix-path.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const REQUESTS = 20_000;

/** One arrival each, one end of service for each that was accepted, one for each timer that expired. */
async function counts(set: string[] = []) {
  const { events, sent, outcomes } = await unixPath(root, REQUESTS, [
    "nginx.listen=unix:/run/nginx.sock",
    ...set,
  ]);
  const count = (outcome: string) => outcomes.find((one) => one.outcome === outcome)?.latency.count ?? 0;
  return { events, sent, refused: count("502"), expired: count("504") };
}

describe("an answered request of the unix path takes two events, arrival and end of service", () => {
  test("and none for the overheads of nginx and gunicorn, which nobody can observe", async () => {
    const none = await counts(["gunicorn.workers=100"]);
    expect(none).toEqual({ events: 2 * REQUESTS, sent: REQUESTS, refused: 0, expired: 0 });
    const overheads = [
      "nginx.connect_overhead=400us",
      "nginx.response_overhead=700us",
      "gunicorn.overhead=550us",
    ];
    const some = await counts(["gunicorn.workers=100", ...overheads]);
    expect(some).toEqual(none);
  });

  test("a refused one takes its arrival only", async () => {
    const { events, sent, refused, expired } = await counts();
    expect(refused).toBeGreaterThan(0.15 * sent);
    expect(expired).toBe(0);
    expect(events).toBe(2 * sent - refused);
  });

  test("one that times out takes a third: three at most", async () => {
    const { events, sent, refused, expired } = await counts(["nginx.proxy_read_timeout=700ms"]);
    expect(expired).toBeGreaterThan(0.1 * sent);
    expect(events).toBe(2 * sent - refused + expired);
    expect(events).toBeLessThanOrEqual(3 * sent);
  });

  test("over TCP the TIME_WAITs of nginx's side expire together: one more for each granule of 2.048 s", async () => {
    // 20,000 requests at 200/s last for 100 s, of which the entries of the first 40 s expire: 19 or 20 granules.
    const { events, sent, refused } = await counts(["nginx.listen=*:80"]);
    expect(events - (2 * sent - refused)).toBeGreaterThanOrEqual(18);
    expect(events - (2 * sent - refused)).toBeLessThanOrEqual(21);
  });
});
