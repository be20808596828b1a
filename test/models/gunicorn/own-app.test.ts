// Two gunicorns with applications that differ: who serves a request decides how long it takes.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

interface Given {
  app?: string;
  blue?: string;
  green?: string;
  clients?: string;
  more?: string;
  gunicorn?: string;
}

/** Populations blue and green, each at a gunicorn of its own. */
const ask = (
  { app = "sleep: 1s", blue = "", green = "", clients = "", more = "", gunicorn = PLAIN.gunicorn }: Given,
  files = {},
) =>
  simulate(
    `
clients:
  - { name: blue, target: "unix:/blue", ${clients || "arrivals: { process: constant, rate: 1/s, requests: 3 }"} }
  - { name: green, target: "unix:/green", ${clients || "arrivals: { process: constant, rate: 1/s, requests: 3 }"} }
gunicorn:
  - { ${gunicorn}, name: blue, bind: "unix:/blue", workers: 9, ${blue} }
  - { ${gunicorn}, name: green, bind: "unix:/green", workers: 9, ${green} }
app: { ${app} }
${more}
run: { replications: 1 }`,
    files,
  );

const latencies = ({ requests }: Awaited<ReturnType<typeof ask>>) =>
  requests.map(({ latencyNs }) => latencyNs / 1e9);

describe("an application of its own", () => {
  test.each(["sync", "gthread", "gevent", "uvicorn", "tornado"])("takes its own time: %s", async (name) => {
    const green = `worker_class: ${name}, threads: ${name === "gthread" ? 9 : 1}, app: { sleep: 100ms, cpu: 50ms }`;
    const simulated = await ask({ green });
    // In the order of sending: blue, green, blue ...
    expect(latencies(simulated)).toEqual([1, 0.15, 1, 0.15, 1, 0.15]);
    expect(simulated.requests.map(({ serviceNs, cpuNs }) => [serviceNs / 1e9, cpuNs / 1e9])).toEqual(
      Array(3)
        .fill([
          [1, 0],
          [0.1, 0.05],
        ])
        .flat(),
    );
  });

  test("on cores that are shared too", async () => {
    const simulated = await ask({ green: "app: { sleep: 100ms, cpu: 50ms }", more: "kernel: { cores: 99 }" });
    expect(latencies(simulated)).toEqual([1, 0.15, 1, 0.15, 1, 0.15]);
  });

  test("is as the section app says where it does not differ", async () => {
    const app = "sleep: 1s, body: 10B, routes: [{ path: /a }, { path: /b, sleep: 3s, body: 20B }]";
    const own = "app: { body: 100B, routes: [{ path: /b, sleep: 500ms }] }";
    const { requests, result } = await ask({ app, green: own });
    const seconds = new Set(
      requests.map(({ route, latencyNs }, index) => `${index % 2} ${route} ${latencyNs / 1e9}`),
    );
    for (const one of seconds) expect(["0 0 1", "0 1 3", "1 0 1", "1 1 0.5"]).toContain(one);
    const blueB = requests.filter(({ route }, index) => index % 2 === 0 && route === 1).length;
    expect(result.requests.bytes_in.value).toBe(3 * 100 + 3 * 10 + blueB * 10);
  });

  test("leaves all draws of the others as they were, and is drawn once a request", async () => {
    const app = "sleep: { exponential: 1s }";
    const times = async (given: Given) => latencies(await ask({ app, ...given }));
    const plain = await times({});
    const one = await times({ green: "app: { sleep: { exponential: 1s } }" });
    const both = await times({
      green: "app: { sleep: { exponential: 1s } }",
      blue: "app: { sleep: { exponential: 9s } }",
    });
    const slower = await times({ green: "app: { sleep: { exponential: 2s } }" });
    const [even, odd] = [
      (_: number, index: number) => index % 2 === 0,
      (_: number, index: number) => index % 2 === 1,
    ];
    expect(one.filter(even)).toEqual(plain.filter(even));
    expect(both.filter(odd)).toEqual(one.filter(odd));
    for (const [index, seconds] of slower.filter(odd).entries())
      expect(seconds).toBeCloseTo(2 * (one.filter(odd)[index] as number), 6);
    expect(one.filter(odd)).not.toEqual(plain.filter(odd));
  });

  test("does not change a time that a request brings along", async () => {
    const clients = "arrivals: { process: trace, file: a.csv }";
    const simulated = await ask(
      { green: "app: { sleep: 9s }", clients },
      { "a.csv": "sent_s,service_s\n0,0.5\n" },
    );
    expect(latencies(simulated)).toEqual([0.5, 0.5]);
  });

  test("is slowed with the others", async () => {
    const more = "events: [{ at: 1500ms, do: app.slow, factor: 2 }]";
    expect(latencies(await ask({ green: "app: { sleep: 100ms }", more }))).toEqual([1, 0.1, 1, 0.1, 2, 0.2]);
  });

  test("decides on bodies and on the exit: green reads none, and swallows it", async () => {
    const gunicorn = "overhead: 0s, timeout: 2s, started_ago: 1s";
    const green = "{ sleep: 9s, reads_body: false, swallows_exit: true }";
    const clients = "body: 100kB, arrivals: { process: burst, requests: 1 }";
    const { requests } = await ask({ app: "sleep: 9s", green: `app: ${green}`, clients, gunicorn });
    expect(requests.map(({ outcome }) => outcome)).toEqual(["closed", "ECONNRESET"]);
    const [first, second] = requests.map(({ latencyNs }) => latencyNs / 1e9);
    expect((second as number) - (first as number)).toBeGreaterThan(0.8);
  });

  test("is that of whoever serves in the end: nginx sends a request on, which takes its time there", async () => {
    const { trace } = await simulate(`
clients: { arrivals: { process: burst, requests: 1 } }
nginx: { ${PLAIN.nginx}, proxy_read_timeout: 2s, upstream: { servers: ["unix:/blue", "unix:/green"] } }
gunicorn:
  - { ${PLAIN.gunicorn}, name: blue, bind: "unix:/blue", app: { sleep: 9s } }
  - { ${PLAIN.gunicorn}, name: green, bind: "unix:/green" }
app: { sleep: 1s }
run: { replications: 1 }`);
    expect(trace).toBe("0.000 -> 3.000 200");
  });

  test("has no routes that nobody asks for", async () => {
    await expect(ask({ green: "app: { routes: [{ path: /x }] }" })).rejects.toThrow(
      "gunicorn.1.app.routes.0.path: expected a path of app.routes (/)",
    );
  });
});
