import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { replicate } from "../../src/run/replicate.js";
import { run } from "../../src/run/run.js";
import { loadScenario } from "../../src/scenario/load.js";
import { simulate } from "../support/simulate.js";

const load = (text: string) => loadScenario("test.yaml", { read: () => text, components });

async function watched(text: string): Promise<{ result: unknown; shares: number[] }> {
  const shares: number[] = [];
  const result = await run(load(text), {
    components,
    table: () => ({}),
    progress: (share) => void shares.push(share),
  });
  return { result, shares };
}

describe("a run pauses, so that it can be watched and interrupted", () => {
  test("among events of one instant", async () => {
    const { shares } = await watched(`
clients: { arrivals: [{ process: constant, rate: 1/s, for: 5s }, { process: burst, requests: 300000 }] }
gunicorn: { backlog: 5 }
run: { replications: 1 }`);
    // A request is refused in the event of its arrival, and a slice has 50,000 events.
    expect(shares.length).toBeGreaterThanOrEqual(6);
    expect([...shares].sort((one, other) => one - other)).toEqual(shares);
    expect(shares.at(-1)).toBe(1);
  });

  test("in every replication, also in those that send nothing", async () => {
    const { shares } = await watched(`
clients: { arrivals: { process: poisson, rate: 1/h, for: 1s } }
gunicorn: {}
run: { replications: 50 }`);
    expect(shares.length).toBeGreaterThanOrEqual(50);
  });

  test("and its result is that of a run without pauses, TIME_WAIT included", async () => {
    const text = `
clients: { arrivals: { process: poisson, rate: 2000/s, for: 20s } }
nginx: { upstream: { servers: ["127.0.0.1:8000"] } }
gunicorn: { bind: "127.0.0.1:8000", workers: 40 }
app: { sleep: { exponential: 10ms } }
run: { replications: 2 }`;
    const { result, shares } = await watched(text);
    expect(shares.length).toBeGreaterThan(3);
    expect(result).toEqual((await simulate(text)).result);
  });
});

describe("what a user can cause is no bug", () => {
  test.each([
    [
      "arrivals",
      "clients: { arrivals: { process: constant, rate: 1/d, requests: 200 } }\ngunicorn: {}",
      "104.0",
    ],
    [
      "service times",
      "clients: { arrivals: { process: constant, rate: 1/d, for: 20d } }\ngunicorn: { timeout: 0s }\napp: { sleep: 100d }",
      "100.0",
    ],
  ])("%s beyond 104 days are told with the simulated time", async (_, text, days) => {
    await expect(simulate(text)).rejects.toMatchObject({
      name: "ScenarioError",
      message: expect.stringMatching(
        `^test\\.yaml: expected at most 2\\^53 ns, about 104 days of simulated time; at ${days} days "`,
      ),
    });
  });

  test("nothing that could be sent is refused before anything runs", async () => {
    const text = "clients: { arrivals: { process: poisson, rate: 1/s, for: 0s } }\ngunicorn: {}";
    await expect(simulate(text)).rejects.toThrow(
      "test.yaml:1:10 clients: expected clients that send a request, got none",
    );
    await expect(simulate("gunicorn: {}")).rejects.toThrow("clients that send a request, got none");
  });
});

describe("a replication that draws no arrival", () => {
  const text = (rate: string, replications: number) => `
clients: { arrivals: { process: poisson, rate: ${rate}, for: 1s } }
nginx: { upstream: { servers: ["unix:/run/gunicorn.sock"] } }
gunicorn: { bind: "unix:/run/gunicorn.sock" }
run: { replications: ${replications} }`;

  test("counts as 0 requests and takes no part in shares and latencies", async () => {
    const { result } = await simulate(text("1/s", 30));
    const { settings } = load(text("1/s", 30));
    const sent = await Promise.all(
      Array.from({ length: 30 }, async (_, number) => {
        const job = { settings, components, seed: "1", table: () => ({}) };
        return (await replicate(job, number)).sent;
      }),
    );
    // exp(-1) of them are empty.
    expect(sent.filter((count) => count === 0).length).toBeGreaterThan(3);
    expect(result.requests.total.value).toBeCloseTo(sent.reduce((sum, one) => sum + one, 0) / 30, 12);
    expect(result.outcomes["200"]).toMatchObject({ count: result.requests.total.value, share: 1 });
    expect(result.nginx["200"]?.share).toBe(1);
    expect(result.requests.success.value).toBe(1);
    expect(result.latencies["200"]?.min.value).toBeGreaterThan(0);
    expect(numbersIn(result).filter(Number.isNaN)).toEqual([]);
  });

  test("may be the only one there is", async () => {
    const { result } = await simulate(text("1/d", 3));
    expect(result.requests.total.value).toBe(0);
    expect(result.requests.success).toEqual({ value: 0, low: 0, high: 1 });
    expect(result.outcomes).toEqual({});
    expect(numbersIn(result).filter((one) => !Number.isFinite(one))).toEqual([]);
  });
});

describe("several without names are told apart by their place", () => {
  const populations = `
  - { arrivals: { process: poisson, rate: 50/s, for: 1s }, timeout: 1s, target: "127.0.0.1:8001" }
  - { arrivals: { process: poisson, rate: 50/s, for: 1s }, timeout: 1s, target: "127.0.0.1:8002" }`;
  const servers = `
  - { bind: "127.0.0.1:8001", reuse_port: true, version: 26.0.0 }
  - { bind: "127.0.0.1:8002", reuse_port: true, version: 26.0.0 }`;

  test("with random streams of their own", async () => {
    const { result, requests } = await simulate(`clients:${populations}\ngunicorn:${servers}`);
    expect(new Set(requests.map(({ sentNs }) => sentNs)).size).toBe(requests.length);
    expect(result.limits.flatMap(({ settings }) => settings)).toEqual(
      expect.arrayContaining(["gunicorn.0.workers = 1", "gunicorn.1.workers = 1"]),
    );
  });

  test("and a mistake names the place", async () => {
    const text = `clients:${populations.replace(', target: "127.0.0.1:8002"', "")}\ngunicorn: []`;
    const both = text.replace("gunicorn: []", "kernel: {}");
    await expect(simulate(both)).rejects.toThrow(
      /^test\.yaml:3:\d+ clients\.1\.target: missing; expected an address/,
    );
  });

  test("unless a place is the name of another", async () => {
    const text = `clients:${populations.replace("- {", '- { name: "1",')}\ngunicorn:${servers}`;
    await expect(simulate(text)).rejects.toThrow(
      'clients.0.name: expected another name, since clients.1 has none and is called "1" then',
    );
  });
});

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

test.each([
  [
    "kernel: { profile: linux-4.15, sysctl: { net.ipv4.tcp_tw_reuse: 2 } }",
    "gunicorn: {}",
    /tcp_tw_reuse: expected at most 1/,
  ],
  ["kernel: {}", "gunicorn: { version: 20.1.0, worker_class: asgi }", /gunicorn\.worker_class: expected/],
])(
  "a mistake in a scenario that queueing theory could know has its place: %s %s",
  async (kernel, gunicorn, expected) => {
    const text = `${kernel}\nclients: { arrivals: { process: poisson, rate: 10/s, for: 1s } }\n${gunicorn}\n`;
    const failed = run(load(text), { components, table: () => ({}), system: queueingSystem });
    await expect(failed).rejects.toMatchObject({
      name: "ScenarioError",
      message: expect.stringMatching(expected),
    });
  },
);
