// What doctor says before a run is what the run then shows.

import { describe, expect, test } from "vitest";
import type { Result } from "../../../src/run/result.js";
import { simulate } from "../../support/simulate.js";
import { findingsIn } from "./scenarios.js";

const said = (text: string, id: string) => findingsIn(text).find(({ rule }) => rule === id)?.text ?? "";

function highest({ series }: Result, name: string): number {
  const level = series.levels.find((one) => one.name === name);
  return Math.max(...(level?.max ?? []));
}

describe("doctor's numbers are those of the run:", () => {
  test("what a backlog is cut to, and what a burst is refused", async () => {
    const text = `
kernel: { profile: linux-4.15 }
clients: { arrivals: { process: burst, requests: 200 } }
gunicorn: { bind: unix:/run/a.sock, workers: 4 }
app: { sleep: 1s }
`;
    expect(said(text, "backlog-cut")).toContain("holds 129 connections");
    expect(said(text, "burst-refused")).toMatch(/^of a burst of 200 requests 67 are refused/);
    const { result } = await simulate(text);
    expect(result.outcomes.EAGAIN?.count).toBe(67);
    expect(highest(result, "accept queue of unix:/run/a.sock")).toBe(129);
  });

  test("when an overload has taken every place, and the share that is refused from then on", async () => {
    const text = `
clients: { arrivals: { process: constant, rate: 100/s, for: 20s } }
gunicorn: { bind: unix:/run/a.sock, workers: 5, backlog: 99, overhead: 0s }
app: { sleep: 100ms }
`;
    // 5 / 100 + 100 / (100 - 50) = 2.05 s; of 100 a second 50 are served.
    expect(said(text, "overload")).toMatch(/after about 2.05s every place is taken, .* 50 % are refused$/);
    const { requests } = await simulate(text);
    const refused = requests.filter(({ outcome }) => outcome === "EAGAIN");
    const firstS = Math.min(...refused.map(({ sentNs }) => sentNs)) / 1e9;
    expect(Math.abs(firstS - 2.05)).toBeLessThan(0.1);
    const late = requests.filter(({ sentNs }) => sentNs > 4e9);
    expect(refused.filter(({ sentNs }) => sentNs > 4e9).length / late.length).toBeCloseTo(0.5, 2);
  });

  test("how many of a burst find nginx's own queue full, and come again", async () => {
    const text = `
clients: { arrivals: { process: burst, requests: 600 } }
nginx: { upstream: { servers: [unix:/run/a.sock] }, worker_connections: 8192 }
gunicorn: { bind: unix:/run/a.sock, workers: 4 }
run: { replications: 1 }
`;
    expect(said(text, "nginx-burst")).toMatch(/^of a burst of 600 requests 87 find .* which holds 512/);
    const { result, requests } = await simulate(text);
    expect(highest(result, "accept queue of *:80")).toBe(512);
    // The others are done long before the first repetition of a SYN.
    expect(requests.filter(({ latencyNs }) => latencyNs > 1e9)).toHaveLength(87);
  });

  test("how many requests nginx's connections are enough for", async () => {
    const text = (requests: number) => `
clients: { arrivals: { process: burst, requests: ${requests} } }
nginx: { upstream: { servers: [unix:/run/a.sock] }, worker_connections: 64 }
gunicorn: { bind: unix:/run/a.sock, workers: 4 }
app: { sleep: 10ms }
`;
    expect(said(text(31), "worker-connections")).toBe("");
    expect(said(text(32), "worker-connections")).toContain("31 requests in flight");
    const [fits, more] = [await simulate(text(31)), await simulate(text(32))];
    expect(fits.result.outcomes["200"]?.count).toBe(31);
    expect(more.result.outcomes["200"]?.count).toBeLessThan(32);
  });

  test("one EAGAIN silences a server for 10 to 11 s", async () => {
    const text = `
clients:
  arrivals: [{ process: burst, requests: 60 }, { process: constant, rate: 5/s, for: 14s }]
nginx: { upstream: { servers: [unix:/run/a.sock, unix:/run/b.sock] }, worker_connections: 1024 }
gunicorn:
  - { name: a, bind: unix:/run/a.sock, backlog: 1 }
  - { name: b, bind: unix:/run/b.sock, backlog: 1 }
app: { sleep: 20ms }
`;
    expect(said(text, "failure-silences")).toContain("one EAGAIN silences a server for 10–11s");
    const { requests } = await simulate(text);
    const later = requests.filter(({ sentNs }) => sentNs > 1e9);
    const backS =
      Math.min(...later.filter(({ outcome }) => outcome === "200").map(({ sentNs }) => sentNs)) / 1e9;
    // The failures are at 0; arrivals are 0.2 s apart.
    expect(backS).toBeGreaterThan(10);
    expect(backS).toBeLessThanOrEqual(11.2);
  });

  test("the ceiling of connections a second, and when the ports have run out", async () => {
    const text = `
kernel: { profile: linux-4.15, sysctl: { net.ipv4.ip_local_port_range: 32768 33767 } }
clients: { arrivals: { process: constant, rate: 30/s, for: 184s } }
nginx: { upstream: { servers: [127.0.0.1:8000], closes_first: 1 } }
gunicorn: { overhead: 0s }
app: { sleep: 1ms }
run: { replications: 1 }
`;
    // 1,000 ports / 61.02 s; 1,000 / 30 = 33.3 s.
    expect(said(text, "ports-exhausted")).toMatch(/is 16.4 connections\/s .* run out after about 33.3s/);
    const { requests } = await simulate(text);
    const failed = requests.filter(({ outcome }) => outcome === "502");
    expect(Math.min(...failed.map(({ sentNs }) => sentNs)) / 1e9).toBeCloseTo(33.3, 0);
    // Three rounds of 61 s, each of which serves 1,000.
    const rounds = requests.filter(({ sentNs, outcome }) => outcome === "200" && sentNs < 183e9);
    expect(Math.abs(rounds.length / 183 - 16.4)).toBeLessThan(0.3);
  });

  test("the share of requests that outlast the worker timeout", async () => {
    const text = `
clients: { arrivals: { process: constant, rate: 20/s, for: 60s } }
gunicorn: { workers: 40, timeout: 1s, bind: unix:/run/a.sock }
app: { sleep: { mixture: [{ weight: 3, of: 10ms }, { weight: 1, of: 3s }] } }
run: { replications: 1 }
`;
    expect(said(text, "worker-timeout")).toMatch(/^about 2[45] % of the requests/);
    const { requests } = await simulate(text);
    const killed = requests.filter(({ outcome }) => outcome !== "200").length / requests.length;
    // Binomial: 0.25 with a standard deviation of 0.0125.
    expect(Math.abs(killed - 0.25)).toBeLessThan(0.05);
  });
});
