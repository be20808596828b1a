// Handshakes that are complete for the client and not for the listener: how they come about, what ends them.
//
// Without delay in the network there are two ways. Before 4.10 a full accept queue still answers a SYN while at
// most one request is young; later kernels answer all SYNs of one granule when the queue has one free place.

import { describe, expect, test } from "vitest";
import type { EndedRequest } from "../../src/component/recorder.js";
import { PLAIN, simulate } from "../support/simulate.js";

const SECOND = 1e9;
const seeded = (seed = 1) => `run: { replications: 1, seed: ${seed} }`;
const kernel = (profile: string, sysctl = "") =>
  `kernel: { profile: ${profile}, port_search_cost: 0s, sysctl: { ${sysctl} } }`;
const gunicorn = (backlog: number) =>
  `gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000", backlog: ${backlog} }`;
const nginx = (more = "proxy_read_timeout: 1h") =>
  `nginx: { ${PLAIN.nginx}, upstream: { servers: ["127.0.0.1:8000"] }, ${more} }`;
const seconds = (request: EndedRequest | undefined) => (request as EndedRequest).latencyNs / SECOND;

function expectWithin(value: number, [low, high]: readonly [number, number]): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

describe("before 4.10, with a full accept queue (one runs, three wait)", () => {
  /** Requests 0 to 3 fill worker and queue until `freedS`; those of `later` find them full. */
  const old = (freedS: number, later: string, { sysctl = "", proxy = "" } = {}) =>
    simulate(
      [
        kernel("linux-4.4", sysctl),
        "clients: { arrivals: { process: trace, file: sent.csv } }",
        gunicorn(2),
        proxy,
        seeded(),
      ].join("\n"),
      { "sent.csv": `sent_s,service_s\n0,${freedS}\n0,0\n0,0\n0,0\n${later.replaceAll(" ", "\n")}\n` },
    );

  test("two SYNs are answered, the third is dropped: more than one request is young", async () => {
    // Free at 0.3 s: the two come in with their data of 0.4 s, the third with its SYN of 1 s.
    const { requests, result } = await old(0.3, "0,0 0,0 0,0");
    expectWithin(seconds(requests[4]), [0.4, 0.42]);
    expectWithin(seconds(requests[5]), [0.4, 0.42]);
    expectWithin(seconds(requests[6]), [1, 1.036]);
    expect(result.netstat.TCPSynRetrans?.value).toBe(1);
    // Two final ACKs, two probes with data at 0.2 s, one SYN.
    expect(result.netstat.ListenOverflows?.value).toBe(5);
  });

  // The loss probe 0.204 s after the SYN-ACK, then 0.204 s, 0.408 s, 0.816 s ... with a jiffy of 4 ms each, a
  // granule of 32 ms from 63 jiffies on. SYN-ACKs are repeated 1 s and 3 s after the first.
  test.each([
    { freedS: 0.1, servedS: [0.204, 0.208], by: "the loss probe" },
    { freedS: 0.3, servedS: [0.408, 0.416], by: "the second repetition of the data" },
    { freedS: 0.5, servedS: [0.816, 0.852], by: "the third" },
    { freedS: 1.2, servedS: [1.632, 1.704], by: "the fourth" },
  ] as const)("a place that is free from $freedS s on is taken by $by", async ({ freedS, servedS }) => {
    const { requests } = await old(freedS, "0,0");
    expectWithin(seconds(requests[4]), servedS);
  });

  test("a bare ACK takes the place, and the worker waits for the data; others wait with it", async () => {
    // Free at 0.9 s, answer to the repeated SYN-ACK at 1.0 s, data at 1.6 s. Request 5 comes between.
    const { requests, result } = await old(0.9, "0,0 1.2,0");
    expectWithin(seconds(requests[4]), [1.632, 1.704]);
    expect(seconds(requests[5]) + 1.2).toBeCloseTo(seconds(requests[4]), 9);
    // The worker is held from 1.0 to 1.6 s though it has nothing to do.
    expectWithin(result.work.busy_s.value, [0.9 + 0.596, 0.9 + 0.704]);
  });

  test("the client counts as connected: the connect timeout is over, the read timeout runs", async () => {
    const { trace } = await old(10, "0,0 0,0 0,0", {
      proxy: nginx("proxy_connect_timeout: 100ms, proxy_read_timeout: 1s"),
    });
    expect(trace.split("\n").slice(4).join("\n")).toMatchInlineSnapshot(`
      "0.000 -> 1.000 504 tcp-accept-queue-full
      0.000 -> 1.000 504 tcp-accept-queue-full
      0.000 -> 0.100 504 tcp-accept-queue-full"
    `);
  });

  test("a request that was forgotten is reset by the next data: 502", async () => {
    // One repetition of the SYN-ACK at 1 s, forgotten at 3 s; data at 1.6 s and, so soon after, at 3.3 s.
    const { requests, result } = await old(20, "0,0", {
      sysctl: "net.ipv4.tcp_synack_retries: 1",
      proxy: nginx(),
    });
    expect(requests[4]).toMatchObject({ outcome: "502", cause: "reset-by-upstream" });
    expectWithin(seconds(requests[4]), [3.264, 3.372]);
    expect(result.errors.ECONNRESET?.count).toBe(1);
  });

  test("by default it is forgotten after 63 s and reset at about 105 s", async () => {
    // Data at 0.2, 0.4, 0.8, 1.6, 3.3, 6.5, 13, 26, 52 and 104 s, each up to a granule late.
    const { requests } = await old(200, "0,0", { proxy: nginx() });
    expect(requests[4]).toMatchObject({ outcome: "502", cause: "reset-by-upstream" });
    expectWithin(seconds(requests[4]), [104.4, 104.4 + 4]);
  });

  test("tcp_abort_on_overflow resets it at once: 502, and ECONNRESET for a client without nginx", async () => {
    const sysctl = "net.ipv4.tcp_abort_on_overflow: 1";
    const proxied = await old(0.3, "0,0 0.1,0", { sysctl, proxy: nginx() });
    for (const request of proxied.requests.slice(4)) {
      expect(request).toMatchObject({ outcome: "502", cause: "tcp-accept-queue-full", latencyNs: 0 });
    }
    expect(proxied.result.errors.ECONNRESET?.count).toBe(2);
    const direct = await old(0.3, "0,0", { sysctl });
    expect(direct.requests[4]).toMatchObject({
      outcome: "ECONNRESET",
      cause: "tcp-accept-queue-full",
      latencyNs: 0,
    });
  });

  test("with syncookies = 2 nothing is kept: no SYN-ACK is repeated, nothing is forgotten or reset", async () => {
    // Free at 0.9 s, but no bare ACK at 1.0 s: request 5 is served at once at 1.2 s, and 4 with its data.
    const sysctl = "net.ipv4.tcp_syncookies: 2, net.ipv4.tcp_synack_retries: 1";
    const early = await old(0.9, "0,0 1.2,0", { sysctl });
    expectWithin(seconds(early.requests[4]), [1.632, 1.704]);
    expect(seconds(early.requests[5])).toBe(0);
    // Free at 5 s: the request of a cookie is served with the data of 6.5 s.
    const late = await old(5, "0,0", { sysctl });
    expect(late.requests[4]?.outcome).toBe("200");
    expectWithin(seconds(late.requests[4]), [6.528, 6.9]);
    expect(late.result.netstat.TCPReqQFullDoCookies?.value).toBeGreaterThanOrEqual(1);
  });

  test("a client that gives up leaves the request to the kernel, which goes on with its FIN", async () => {
    // nginx gives up at 1 s; the FIN comes in at 1.6 s, so the worker executes the request all the same.
    const { requests, result } = await old(1.2, "0,2", { proxy: nginx("proxy_read_timeout: 1s") });
    expect(requests[4]).toMatchObject({ outcome: "504", cause: "tcp-accept-queue-full" });
    expect(result.work.busy_s.value).toBeCloseTo(1.2 + 2, 1);
    expect(result.work.wasted_s.value).toBeCloseTo(0.2 + 2, 1);
  });
});

describe("from 4.10 on, SYNs that are repeated in one granule", () => {
  /**
   * One request of 0.5 s, one of `busyS` and `backlog` more fill worker and queue; `others` more are dropped.
   * At their SYNs of 1 s one place is free.
   */
  const batch = (backlog: number, others: number, { sysctl = "", proxy = "", seed = 1 } = {}) => {
    const rows = ["0,0.5", "0,100", ...Array(backlog + others).fill("0,0")];
    return simulate(
      [
        kernel("linux-6.18", sysctl),
        "clients: { arrivals: { process: trace, file: sent.csv } }",
        gunicorn(backlog),
        proxy,
        seeded(seed),
      ].join("\n"),
      { "sent.csv": `sent_s,service_s\n${rows.join("\n")}\n` },
    );
  };
  const later = (requests: EndedRequest[], backlog: number) => requests.slice(2 + backlog);

  test("pass a queue with one free place together", async () => {
    // nginx gives up a SYN that is not answered by 1.5 s. Of twelve some come a jiffy later, when the queue is
    // full; all the others are connected, though only one of them has a place.
    const proxy = nginx("proxy_connect_timeout: 1500ms, proxy_read_timeout: 1h");
    const { requests } = await batch(20, 12, { proxy });
    const connected = later(requests, 20).filter(({ outcome }) => outcome !== "504");
    expectWithin(connected.length, [2, 12]);
    for (const { cause, latencyNs } of later(requests, 20).filter(({ outcome }) => outcome === "504")) {
      expect({ cause, latencyNs }).toEqual({ cause: "tcp-accept-queue-full", latencyNs: 1.5 * SECOND });
    }
  });

  test("are reset with tcp_abort_on_overflow, after the one that has the place", async () => {
    const proxy = nginx("proxy_connect_timeout: 1500ms, proxy_read_timeout: 1h");
    const { requests, result } = await batch(20, 12, {
      sysctl: "net.ipv4.tcp_abort_on_overflow: 1",
      proxy,
    });
    const reset = later(requests, 20).filter(({ outcome }) => outcome === "502");
    const served = later(requests, 20).filter(({ outcome }) => outcome === "200");
    expect(served).toHaveLength(1);
    expect(reset.length).toBeGreaterThanOrEqual(1);
    for (const request of reset) expectWithin(seconds(request), [1, 1.036]);
    // Within one granule, so all at the same instant.
    expect(new Set(reset.map(({ latencyNs }) => latencyNs)).size).toBe(1);
    expect(result.errors.ECONNRESET?.count).toBe(reset.length);
  });

  test("the newest has the place: a group reverses its order at each step", async () => {
    const { requests } = await batch(20, 12, { sysctl: "net.ipv4.tcp_abort_on_overflow: 1" });
    const ended = later(requests, 20);
    const served = ended.filter(({ outcome }) => outcome === "200").map(({ id }) => id);
    const reset = ended.filter(({ outcome }) => outcome === "ECONNRESET").map(({ id }) => id);
    expect(served).toHaveLength(1);
    expect(Math.min(...served)).toBeGreaterThan(Math.max(...reset));
  });

  test("fill the SYN queue of backlog + 1; the rest of them gets cookies", async () => {
    // Backlog 2: of twelve three are requests, the others cookies (but those of a later jiffy).
    const { result } = await batch(2, 12);
    expect(result.netstat.TCPReqQFullDrop?.value).toBe(0);
    expectWithin(result.netstat.TCPReqQFullDoCookies?.value as number, [1, 12 - 3]);
  });

  test.each([
    [1, 0],
    [2, 5],
  ])(
    "with syncookies = %d five handshakes with a free queue take %d cookies",
    async (syncookies, cookies) => {
      // One is accepted at once, four wait.
      const { result } = await simulate(
        [
          kernel("linux-6.18", `net.ipv4.tcp_syncookies: ${syncookies}`),
          "clients: { arrivals: { process: burst, requests: 5 } }",
          gunicorn(20),
          seeded(),
        ].join("\n"),
      );
      expect(result.outcomes["200"]?.count).toBe(5);
      expect(result.netstat.TCPReqQFullDoCookies?.value).toBe(cookies);
    },
  );

  test("with syncookies = 0 the rest of them is dropped", async () => {
    const { result } = await batch(2, 12, { sysctl: "net.ipv4.tcp_syncookies: 0" });
    expect(result.netstat.TCPReqQFullDoCookies?.value).toBe(0);
    expect(result.netstat.TCPReqQFullDrop?.value).toBeGreaterThanOrEqual(1);
  });

  test("and then the full SYN queue is the cause, with its settings", async () => {
    // Two more repeat their SYN at 3 s, after nginx has left.
    const proxy = nginx("proxy_connect_timeout: 1500ms, proxy_read_timeout: 1h");
    const { requests, result } = await batch(2, 12, { sysctl: "net.ipv4.tcp_syncookies: 0", proxy });
    const causes = new Set(requests.filter(({ outcome }) => outcome === "504").map(({ cause }) => cause));
    expect(causes).toContain("syn-queue-full");
    const cause = result.causes.find(({ id }) => id === "syn-queue-full");
    expect(cause).toMatchObject({
      text: "SYN queue full (3) at 127.0.0.1:8000",
      settings: [
        expect.stringMatching(/^net\.ipv4\.tcp_max_syn_backlog = /),
        "net.ipv4.tcp_syncookies = 0",
        "gunicorn.backlog = 2",
        expect.stringMatching(/^net\.core\.somaxconn = /),
      ],
    });
  });

  test("with syncookies = 0 a quarter of tcp_max_syn_backlog stays free", async () => {
    // 4 - 4/4 + 1 = 4 requests; of twelve at least two more come at the same jiffy and are dropped, though
    // backlog + 1 = 21 would be allowed. With cookies tcp_max_syn_backlog plays no role.
    const most = "net.ipv4.tcp_max_syn_backlog: 4";
    const proxy = nginx("proxy_connect_timeout: 1500ms, proxy_read_timeout: 1h");
    const timeouts = async (sysctl: string) =>
      (await batch(20, 12, { sysctl, proxy })).result.outcomes["504"]?.count ?? 0;
    expect(await timeouts(`net.ipv4.tcp_syncookies: 0, ${most}`)).toBe(12 - 4);
    expect(await timeouts(most)).toBe(await timeouts(""));
    expect(await timeouts(most)).toBeLessThan(12 - 4);
  });

  test("under pressure a request is dropped after two repetitions of its SYN-ACK, at 7 s", async () => {
    // Backlog 8: nine requests, of which one has the place. 2 * 8 > max(8, 8), so at 7 s they are dropped one
    // by one until 2 * 4 is not: four. The worker is busy for 100 s, so their data of 13 s, a second after
    // their SYN of 1 s, is reset; that of the others, which last for 63 s, at 105 s.
    const { requests } = await batch(8, 20, { proxy: nginx() });
    const reset = later(requests, 8).filter(({ cause }) => cause === "reset-by-upstream");
    const early = reset.filter((one) => seconds(one) < 63);
    expect(early).toHaveLength(4);
    for (const one of early) expectWithin(seconds(one), [1 + 13, 1 + 14]);
  });
});
