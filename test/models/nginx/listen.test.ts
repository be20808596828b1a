// Which worker gets a client: one socket for all, in the order of the version, or one for each.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

interface Case {
  nginx: string;
  kernel?: string;
  clients?: string;
  seed?: number;
  /** Requests that a worker may have in flight; the others get a 502. */
  most?: number;
}

/** Requests that never end: what a worker holds tells what it has accepted. */
const ask = ({
  nginx,
  kernel = "linux-6.18",
  clients = "process: burst, requests: 20",
  seed = 1,
  most = 0,
}: Case) =>
  simulate(`
kernel: { profile: ${kernel}, sysctl: { net.ipv4.tcp_syn_retries: 2 } }
clients: { timeout: 900ms, arrivals: { ${clients} } }
nginx: { ${nginx.includes("request_cpu") ? "" : `${PLAIN.nginx},`} ${nginx},
  upstream: { servers: [{ address: "unix:/a", max_conns: ${most} }] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a", workers: 400 }
app: { sleep: 10s }
run: { replications: 1, seed: ${seed} }`);

type Simulated = Awaited<ReturnType<typeof ask>>;
const queues = ({ result }: Simulated) =>
  result.series.levels.filter(({ name }) => name.startsWith("accept queue of *"));
/** How many requests came to a worker that had `most` already. */
const refused = ({ result }: Simulated) => result.outcomes["502"]?.count ?? 0;
/** One by one. */
const spaced = (requests: number) => `process: constant, rate: 1000/s, requests: ${requests}`;

describe("with reuseport", () => {
  test("each worker has a queue of min(backlog, somaxconn) + 1 that no other one drains", async () => {
    // Both are busy with their first client for the whole second.
    const nginx = "worker_processes: 2, request_cpu: 4s, listen: { reuseport: true, backlog: 4 }";
    const asked = await ask({ nginx });
    expect(queues(asked).map(({ name, limit }) => [name, limit])).toEqual([
      ["accept queue of *:80 of nginx worker 1", 5],
      ["accept queue of *:80 of nginx worker 2", 5],
    ]);
    expect(queues(asked).map(({ peak }) => peak.value)).toEqual([5, 5]);
    // 2 accepted, 2 times 5 queued, 8 SYNs dropped and not repeated before the second is over.
    expect(asked.result.netstat.ListenOverflows?.value).toBe(8);
  });

  test("a worker gets its clients by chance, whatever the others do", async () => {
    // Each may have two of the four.
    const held = async (seed: number) =>
      refused(
        await ask({
          nginx: "worker_processes: 2, listen: { reuseport: true }",
          most: 2,
          clients: spaced(4),
          seed,
        }),
      );
    const lost = await Promise.all(Array.from({ length: 40 }, (_, seed) => held(seed)));
    const mean = lost.reduce((sum, each) => sum + each, 0) / lost.length;
    // Lost: 2 with 2/16, 1 with 8/16, 0 with 6/16: 0.75 on average, its standard deviation 0.66 / sqrt(40).
    expect(Math.abs(mean - 0.75)).toBeLessThan(4 * 0.105);
    expect(new Set(lost).size).toBe(3);
  });

  test("one worker needs one socket", async () => {
    const asked = await ask({ nginx: "listen: { reuseport: true }" });
    expect(queues(asked).map(({ name }) => name)).toEqual(["accept queue of *:80"]);
  });

  test("a unix socket is refused", async () => {
    const nginx = "worker_processes: 2, listen: { address: 'unix:/front', reuseport: true }";
    await expect(ask({ nginx })).rejects.toThrow("nginx.listen.reuseport: expected false with a unix socket");
  });
});

describe("with one socket for two workers", () => {
  /** How many of so many requests, one by one, come to a worker that has `most` already. */
  const lost = async (requests: number, most: number, nginx = "", given: Partial<Case> = {}) =>
    refused(await ask({ nginx: `worker_processes: 2, ${nginx}`, most, clients: spaced(requests), ...given }));
  const WIDE = "worker_connections: 1000";

  test("up to 1.21.5 the worker that registered first takes all that come one by one", async () => {
    expect(await lost(8, 4, "version: 1.21.5")).toBe(4);
    expect(await lost(40, 20, "version: 1.21.5")).toBe(20);
  });

  test("from 1.21.6 on a worker goes to the tail at its first accept and at every 16th after it", async () => {
    // Worker 0 takes its 1st and goes to the tail, worker 1 likewise; then 0 takes its 2nd to 17th, then 1.
    expect(await lost(2, 1, WIDE)).toBe(0);
    expect(await lost(18, 16, WIDE)).toBe(1);
    expect(await lost(34, 17, WIDE)).toBe(0);
    expect(await lost(35, 17, WIDE)).toBe(1);
    expect(await lost(50, 32, WIDE)).toBe(1);
  });

  test("and at each one while fewer than an eighth of its connections are free", async () => {
    // Both have 33 requests after 66, and worker 0 goes on to 46 of 79. With 98 connections, of which an
    // eighth are 12, it has 96 - 2 x 43 = 10 free before its 44th, and leaves the next ones to worker 1.
    expect(await lost(79, 44, WIDE)).toBe(2);
    expect(await lost(79, 44, "worker_connections: 98")).toBe(0);
  });

  test("without EPOLLEXCLUSIVE any idle worker may be the first", async () => {
    // 8 clients, 4 places each: uniform draws leave 8 - 4 - 4 = 0 lost only if they fall evenly.
    for (const [kernel, version] of [
      ["linux-4.4", "1.22.1"],
      ["linux-6.18", "1.10.3, accept_mutex: off"],
    ] as const) {
      const seeds = Array.from({ length: 40 }, (_, seed) => seed);
      const each = await Promise.all(
        seeds.map((seed) => lost(8, 4, `version: ${version}`, { kernel, seed })),
      );
      // E max(0, |B - 4|) for B binomial(8, 1/2) = 1.094, its standard deviation 0.93.
      const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
      expect(Math.abs(mean - 1.094)).toBeLessThan((4 * 0.93) / Math.sqrt(40));
    }
  });

  test("accept_mutex, on before 1.11.3, leaves all to its holder as long as it is not busy", async () => {
    expect(await lost(8, 4, "accept_mutex: on")).toBe(4);
    expect(await lost(8, 4, "version: 1.10.3")).toBe(4);
  });

  test("a busy holder lets go: the other one looks within half a second", async () => {
    // The holder is busy for 2 s. Without the mutex the second client is accepted at once, with it later, but
    // within 0.5 s.
    const two = (mutex: string) =>
      simulate(`
clients: { arrivals: { process: burst, requests: 2 } }
nginx: { connect_overhead: 0s, response_overhead: 0s, request_cpu: 4s, worker_processes: 2,
  accept_mutex: ${mutex}, upstream: { servers: ["unix:/a"] } }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a", workers: 2 }
app: { sleep: 0s }
run: { replications: 1 }`);
    const ends = ({ requests }: Simulated) => requests.map(({ latencyNs }) => latencyNs / 1e9);
    expect(ends(await two("off"))).toEqual([2, 2]);
    const [first, second] = ends(await two("on"));
    expect(first).toBe(2);
    expect(second).toBeGreaterThan(2);
    expect(second).toBeLessThan(2.5);
  });
});
