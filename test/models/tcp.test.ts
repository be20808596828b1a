// A listening TCP socket that is full, and what its clients' kernels do then: one rule a script, the arithmetic
// in a comment. Kernel timers are late by up to a granule and by a jiffy more (HZ=250: 4 ms), never early.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../support/simulate.js";

const MS = 1e6;
const SECOND = 1e9;
const once = "run: { replications: 1 }";
const sending = "clients: { arrivals: { process: trace, file: sent.csv } }";
const sent = (rows: string) => ({ "sent.csv": `sent_s,service_s\n${rows.replaceAll(" ", "\n")}\n` });
const kernel = (profile: string, sysctl = "", more = "") =>
  `kernel: { profile: ${profile}, port_search_cost: 0s, sysctl: { ${sysctl} } ${more && `, ${more}`} }`;
const gunicorn = (more: string) => `gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000", ${more} }`;
const nginx = (more = "") =>
  `nginx: { ${PLAIN.nginx}, upstream: { servers: ["127.0.0.1:8000"] }, proxy_read_timeout: 1h ${more && `, ${more}`} }`;
const scenario = (...parts: string[]) => [...parts, once].join("\n");

describe("the accept queue", () => {
  test.each([
    [0, 1],
    [1, 2],
    [5, 6],
    [20, 21],
  ])("with a backlog of %d holds %d connections; further SYNs are dropped", async (backlog, holds) => {
    // One runs, `holds` wait; the two that are left would get their place at 1 s if it were free.
    const burst = `clients: { arrivals: { process: burst, requests: ${holds + 3} } }`;
    const { requests, result } = await simulate(
      scenario(
        kernel("linux-6.18"),
        burst,
        gunicorn(`backlog: ${backlog}`),
        nginx("proxy_connect_timeout: 500ms"),
        "app: { sleep: 10s }",
      ),
    );
    expect(result.outcomes["200"]?.count).toBe(holds + 1);
    expect(result.outcomes["504"]?.count).toBe(2);
    expect(requests.at(-1)?.cause).toBe("tcp-accept-queue-full");
    expect(result.netstat.ListenOverflows?.value).toBe(2);
    expect(result.netstat.ListenDrops?.value).toBe(2);
  });

  test("of a client that has gone keeps its entry, which the worker executes", async () => {
    // Request 0 runs until 3 s, 1 waits; nginx gives both up at 1 s. The only place is taken until 3 s, so the
    // SYN of request 2 is dropped at 1.5 s and its connect timeout is over at 2.4 s. Request 3 waits for the
    // work of request 1, from 3 to 4 s.
    const { trace, result } = await simulate(
      scenario(
        kernel("linux-6.18"),
        sending,
        gunicorn("backlog: 0"),
        nginx("proxy_connect_timeout: 900ms").replace("1h", "1s"),
      ),
      sent("0,3 0,1 1.5,0 3.5,0"),
    );
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 504 read-timeout-running
      0.000 -> 1.000 504 read-timeout-queued
      1.500 -> 2.400 504 tcp-accept-queue-full
      3.500 -> 4.000 200"
    `);
    // Wasted: request 0 from 1 to 3 s, request 1 from 3 to 4 s.
    expect(result.work.wasted_s.value).toBeCloseTo(3, 9);
  });
});

// Lateness adds up over the repetitions: a granule of 8 jiffies for 1 and 2 s, of 64 jiffies for 4 to 16 s, of
// 512 jiffies above, and a jiffy more for each.
const GRANULE_MS: Record<number, number> = {
  1: 32,
  2: 32,
  4: 256,
  8: 256,
  16: 256,
  32: 2048,
  64: 2048,
  120: 2048,
};
function latestMs(times: readonly number[], until: number): number {
  let allowed = 0;
  for (let index = 0; index < times.length; index++) {
    const time = times[index] as number;
    if (time > until) break;
    allowed += (GRANULE_MS[time - (times[index - 1] ?? 0)] as number) + 4;
  }
  return until * 1000 + allowed;
}

const LINEAR = [1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 131, 251];
const DOUBLING = [1, 3, 7, 15, 31, 63, 127, 247, 367];

describe("a dropped SYN is repeated", () => {
  const cases = [
    ...[0.3, 1.5, 2.5, 3.5, 4.5, 6, 9, 15, 30, 60].map((freed, index) => ({
      profile: "linux-6.18",
      freed,
      at: LINEAR[index] as number,
      times: LINEAR,
    })),
    ...[0.3, 2, 5, 11, 25, 50].map((freed, index) => ({
      profile: "linux-5.15",
      freed,
      at: DOUBLING[index] as number,
      times: DOUBLING,
    })),
  ];
  test.each(cases)("$profile: a place that is free from $freed s on is found at $at s", async (one) => {
    // One worker, one place: both are taken until `freed`. The SYN comes by at its own times only.
    const { requests, result } = await simulate(
      scenario(kernel(one.profile), sending, gunicorn("backlog: 0")),
      sent(`0,${one.freed} 0,0 0,0`),
    );
    const latencyMs = (requests[2]?.latencyNs as number) / MS;
    expect(requests[2]?.outcome).toBe("200");
    expect(latencyMs).toBeGreaterThanOrEqual(one.at * 1000);
    expect(latencyMs).toBeLessThanOrEqual(latestMs(one.times, one.at));
    expect(result.netstat.TCPSynRetrans?.value).toBe(one.times.indexOf(one.at) + 1);
  });

  test("and a client that comes while the place is free takes it before those that wait", async () => {
    // The place is free from 0.3 s on. Request 3 comes at 0.5 s and is served for 1 s; the worker is busy, the
    // place free again at once, so request 2 gets it at its SYN of 1 s and is served at 1.5 s.
    const { trace } = await simulate(
      scenario(kernel("linux-6.18"), sending, gunicorn("backlog: 0")),
      sent("0,0.3 0,0 0,0 0.5,1"),
    );
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.300 200
      0.000 -> 0.300 200
      0.000 -> 1.500 200
      0.500 -> 1.500 200"
    `);
  });

  const given = [
    { profile: "linux-6.18", sysctl: "", at: 131, repeated: 10, times: LINEAR },
    { profile: "linux-5.15", sysctl: "", at: 127, repeated: 6, times: DOUBLING },
    { profile: "linux-6.18", sysctl: "net.ipv4.tcp_syn_retries: 1", at: 3, repeated: 2, times: LINEAR },
    { profile: "linux-6.18", sysctl: "net.ipv4.tcp_syn_retries: 2", at: 7, repeated: 5, times: LINEAR },
    { profile: "linux-6.18", sysctl: "net.ipv4.tcp_syn_retries: 3", at: 19, repeated: 7, times: LINEAR },
    { profile: "linux-5.15", sysctl: "net.ipv4.tcp_syn_retries: 2", at: 7, repeated: 2, times: DOUBLING },
    {
      profile: "linux-6.18",
      sysctl: "net.ipv4.tcp_syn_linear_timeouts: 0",
      at: 127,
      repeated: 6,
      times: DOUBLING,
    },
    // The interval grows to 120 s and no further.
    { profile: "linux-6.18", sysctl: "net.ipv4.tcp_syn_retries: 7", at: 251, repeated: 11, times: LINEAR },
    { profile: "linux-5.15", sysctl: "net.ipv4.tcp_syn_retries: 8", at: 367, repeated: 8, times: DOUBLING },
  ];
  test.each(given)("up to ETIMEDOUT at $at s: $profile $sysctl", async (one) => {
    const { requests, result } = await simulate(
      scenario(kernel(one.profile, one.sysctl), sending, gunicorn("backlog: 0")),
      sent("0,500 0,0 0,0"),
    );
    const latencyMs = (requests[2]?.latencyNs as number) / MS;
    expect(requests[2]?.outcome).toBe("ETIMEDOUT");
    expect(result.errors.ETIMEDOUT?.count).toBe(1);
    expect(latencyMs).toBeGreaterThanOrEqual(one.at * 1000);
    expect(latencyMs).toBeLessThanOrEqual(latestMs(one.times, one.at));
    expect(result.netstat.TCPSynRetrans?.value).toBe(one.repeated);
  });

  test.each([
    [100, 80 + 10],
    [250, 32 + 4],
    [300, 27 + 4],
    [1000, 64 + 1],
  ])("with HZ=%d a second is late by at most %d ms", async (hz, mostMs) => {
    const late: number[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { requests } = await simulate(
        [
          kernel("linux-6.18", "", `hz: ${hz}`),
          sending,
          gunicorn("backlog: 0"),
          `run: { replications: 1, seed: ${seed} }`,
        ].join("\n"),
        sent("0,0.3 0,0 0,0"),
      );
      late.push(((requests[2]?.latencyNs as number) - SECOND) / MS);
    }
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(mostMs);
    // The phase of the kernel's clock is another in each run.
    expect(new Set(late).size).toBeGreaterThan(2);
  });
});

describe("nginx while its SYN is repeated", () => {
  test("answers 504 when its connect timeout is over, by its own clock", async () => {
    const { trace, result } = await simulate(
      scenario(kernel("linux-6.18"), sending, gunicorn("backlog: 0"), nginx("proxy_connect_timeout: 1500ms")),
      sent("0,10 0,0 0,0 0.25,0"),
    );
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 10.000 200
      0.000 -> 10.000 200
      0.000 -> 1.500 504 tcp-accept-queue-full
      0.250 -> 1.750 504 tcp-accept-queue-full"
    `);
    expect(result.causes[0]?.text).toBe("TCP accept queue full (1 of 1) at 127.0.0.1:8000");
    expect(result.causes[0]?.settings[0]).toBe("gunicorn.backlog = 0");
    // Nothing is left of them in the kernel: the worker has two requests.
    expect(result.work.busy_s.value).toBe(10);
    expect(result.netstat.TCPSynRetrans?.value).toBe(2);
  });

  test("answers 502 when the kernel gives up first: ETIMEDOUT is an error, not nginx's timeout", async () => {
    const { requests, result } = await simulate(
      scenario(
        kernel("linux-6.18", "net.ipv4.tcp_syn_retries: 1"),
        sending,
        gunicorn("backlog: 0"),
        nginx("proxy_connect_timeout: 60s"),
      ),
      sent("0,10 0,0 0,0"),
    );
    expect(requests[2]?.outcome).toBe("502");
    expect(result.errors.ETIMEDOUT?.count).toBe(1);
  });
});

test("each of several binds has a queue of its own", async () => {
  // Backlog 0: a place at each address. One request runs until 0.5 s, one waits at each address, the third of
  // a and the second of b are dropped: 2 overflows. Their SYNs of 1 s find both places free, since the worker
  // has taken what waited at 0.5 and 1 s.
  const { requests, result } = await simulate(
    scenario(
      kernel("linux-6.18"),
      `clients:
  - { name: a, target: "127.0.0.1:8000", arrivals: { process: burst, requests: 3 } }
  - { name: b, target: "127.0.0.1:8001", arrivals: { process: burst, requests: 2 } }`,
      `gunicorn: { ${PLAIN.gunicorn}, bind: ["127.0.0.1:8000", "127.0.0.1:8001"], backlog: 0 }`,
      "app: { sleep: 500ms }",
    ),
  );
  const endsS = requests.map(({ latencyNs }) => latencyNs / SECOND).sort((one, other) => one - other);
  expect(endsS).toEqual([0.5, 1, 1.5, 2, 2.5]);
  expect(result.netstat.ListenOverflows?.value).toBe(2);
  expect(result.limits.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      "the accept queue of 127.0.0.1:8000 holds 1 connections",
      "the accept queue of 127.0.0.1:8001 holds 1 connections",
    ]),
  );
});
