// A setting changed leaves all other draws as they were: each request is sent at the same nanosecond and has the same
// service time, whatever becomes of it.

import { describe, expect, test } from "vitest";
import type { EndedRequest } from "../../src/component/recorder.js";
import { load, predict } from "../../src/index.js";

const BASE = `
kernel: { profile: linux-6.18 }
clients:
  - { arrivals: { process: poisson, rate: 60/s, for: 3s }, timeout: 4s, addresses: 5, uris: 3 }
nginx: { upstream: { servers: ["unix:/run/g.sock"] } }
gunicorn: { bind: "unix:/run/g.sock", workers: 8, backlog: 20 }
app: { sleep: { exponential: 100ms }, cpu: { exponential: 3ms } }
`;

/** What of each request of the first population is drawn at random. */
async function drawn(text: string, set: string[], isOfFirst = (_: EndedRequest) => true): Promise<string[]> {
  const requests: EndedRequest[] = [];
  await predict(load(text, { set, replications: 1 }), {
    ended: (_, request) => requests.push({ ...request }),
  });
  return requests
    .filter(isOfFirst)
    .sort((one, other) => one.sentNs - other.sentNs)
    .map(({ sentNs, serviceNs, cpuNs }) => `${sentNs} ${serviceNs} ${cpuNs}`);
}

describe("arrivals and service times stay as they were with", () => {
  test.each([
    ["gunicorn.workers=9"],
    ["gunicorn.workers=1"],
    ["gunicorn.backlog=1"],
    ["gunicorn.timeout=1s"],
    ["gunicorn.max_requests=10", "gunicorn.max_requests_jitter=5"],
    ["gunicorn.worker_class=gthread", "gunicorn.threads=4"],
    ["gunicorn.worker_class=gevent"],
    ["gunicorn.bind=127.0.0.1:8000", "nginx.upstream.servers=[127.0.0.1:8000]"],
    ["clients.0.timeout=1s"],
    ["clients.0.retries={attempts: 2}"],
    ["nginx.worker_processes=4"],
    ["nginx.proxy_read_timeout=1s"],
    ["kernel.cores=2"],
    ["kernel.profile=linux-4.15"],
    ["events=[{ at: 1s, do: gunicorn.restart }]"],
  ])("%s", async (...set) => {
    const before = await drawn(BASE, []);
    expect(before.length).toBeGreaterThan(100);
    expect(await drawn(BASE, set)).toEqual(before);
  });

  test("a population more", async () => {
    const more = BASE.replace(
      "\nnginx:",
      "\n  - { arrivals: { process: constant, rate: 20/s, for: 3s } }\nnginx:",
    );
    const before = await drawn(BASE, []);
    // A constant arrival is a multiple of 50 ms, at which no other one is.
    const isOfFirst = ({ sentNs }: EndedRequest) => sentNs % 50e6 !== 0;
    const all = await drawn(more, []);
    expect(all).toHaveLength(before.length + 60);
    expect(await drawn(more, [], isOfFirst)).toEqual(before);
  });

  test("longer service: times as they were, arrivals too", async () => {
    const [before, after] = [await drawn(BASE, []), await drawn(BASE, ["app.sleep.exponential=200ms"])];
    const times = (all: string[], index: number) => all.map((one) => Number(one.split(" ")[index]));
    expect(times(after, 0)).toEqual(times(before, 0));
    times(after, 1).forEach((time, index) => {
      expect(Math.abs(time - 2 * (times(before, 1)[index] as number))).toBeLessThanOrEqual(1);
    });
  });
});
