// What requests see of the cores that they share. Seconds.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

interface Given {
  cores?: number;
  workers?: number;
  gunicorn?: string;
  app: string;
  clients: string;
}

/** Clients straight to gunicorn. */
function direct({ cores, workers = 4, gunicorn = PLAIN.gunicorn, app, clients }: Given): string {
  return `
kernel: { ${cores === undefined ? "" : `cores: ${cores}`} }
clients: { ${clients} }
gunicorn: { bind: unix:/run/g.sock, workers: ${workers}, ${gunicorn} }
app: { ${app} }
run: { replications: 1 }`;
}

const burst = (requests: number) => `arrivals: { process: burst, requests: ${requests} }`;

describe("processor time of the application", () => {
  // Three processes on two cores run at 2/3: 0.9 s take 1.35 s. The fourth waits for a worker, and has a core.
  test("is shared evenly by the workers that compute", async () => {
    const text = direct({
      cores: 2,
      workers: 3,
      app: "cpu: 900ms",
      gunicorn: "overhead: 0s, wake_cpu: 0s",
      clients: burst(4),
    });
    expect((await simulate(text)).trace).toMatchInlineSnapshot(`
      "0.000 -> 1.350 200
      0.000 -> 1.350 200
      0.000 -> 1.350 200
      0.000 -> 2.250 200"
    `);
  });

  test("costs just its time where there are as many cores as anybody wants", async () => {
    const text = direct({ workers: 3, app: "cpu: 900ms", clients: burst(4) });
    expect((await simulate(text)).trace).toMatchInlineSnapshot(`
      "0.000 -> 0.900 200
      0.000 -> 0.900 200
      0.000 -> 0.900 200
      0.000 -> 1.800 200"
    `);
  });

  // Both compute for 0.2 s, which takes them 0.4 s of the one core, and wait for a second at the same time.
  test("waiting takes none", async () => {
    const text = direct({ cores: 1, app: "cpu: 200ms, sleep: 1s", clients: burst(2), gunicorn: quiet });
    expect((await simulate(text)).trace).toMatchInlineSnapshot(`
      "0.000 -> 1.400 200
      0.000 -> 1.400 200"
    `);
  });

  // 0 computes alone for 0.1 s of its 0.3 s, then shares: 0.2 s more in 0.4 s. 1 has 0.2 s left then.
  test("comes with the requests of a trace", async () => {
    const files = { "t.csv": "sent_s,service_s,cpu_s\n0,0,0.3\n0.1,0,0.4\n" };
    const trace = "arrivals: { process: trace, file: t.csv }";
    const text = direct({ cores: 1, app: "cpu: 5s", clients: trace, gunicorn: quiet });
    expect((await simulate(text, files)).trace).toMatchInlineSnapshot(`
      "0.000 -> 0.500 200
      0.100 -> 0.700 200"
    `);
  });

  test("is drawn from a stream of its own: waiting times stay as they were", async () => {
    const clients = "arrivals: { process: constant, rate: 1/s, requests: 50 }";
    const of = async (cpu: string) => {
      const text = direct({ app: `sleep: { exponential: 10ms }, cpu: ${cpu}`, clients });
      return (await simulate(text)).requests;
    };
    const [without, drawn] = [await of("0s"), await of("{ exponential: 10ms }")];
    expect(drawn.map(({ serviceNs }) => serviceNs)).toEqual(without.map(({ serviceNs }) => serviceNs));
    expect(new Set(drawn.map(({ cpuNs }) => cpuNs)).size).toBe(50);
  });

  // Both want 1 s of the core and have it at 2 s; their clients left after 0.5 s.
  test("of clients that have gone is wasted, as long as it takes", async () => {
    const clients = `timeout: 500ms, ${burst(2)}`;
    const { result } = await simulate(direct({ cores: 1, app: "cpu: 1s", clients, gunicorn: quiet }));
    expect(result.outcomes["client-timeout"]?.count).toBe(2);
    expect(result.work.wasted_s.value).toBeCloseTo(3, 9);
  });
});

const quiet = "overhead: 0s, wake_cpu: 0s";

describe("processor time of the servers", () => {
  // Two workers on one core: 0.1 s of gunicorn's own take 0.2 s, and then both wait for 1 s.
  test("gunicorn's own competes for cores as the application's does", async () => {
    const text = direct({
      cores: 1,
      app: "sleep: 1s",
      clients: burst(2),
      gunicorn: "overhead: 100ms, wake_cpu: 0s",
    });
    expect((await simulate(text)).trace).toMatchInlineSnapshot(`
      "0.000 -> 1.200 200
      0.000 -> 1.200 200"
    `);
  });

  // Three idle workers need 10 ms each to find the connection taken: four processes share one core until each of
  // them has had 10 ms, at 40 ms; the rest of the 100 ms is undisturbed.
  test("every idle worker that is woken takes some", async () => {
    const gunicorn = "overhead: 0s, wake_cpu: 10ms";
    const text = direct({ cores: 1, app: "cpu: 100ms", clients: burst(1), gunicorn });
    expect((await simulate(text)).trace).toMatchInlineSnapshot(`"0.000 -> 0.130 200"`);
  });

  // The first of four connections at once wakes the four workers that it leaves idle; the others find them awake.
  // They need 40 ms of one second; 4 + 3 + 2 + 1 wake-ups would need 100 ms.
  test("a worker that is awake is not woken again", async () => {
    const gunicorn = "overhead: 0s, wake_cpu: 10ms";
    const { result } = await simulate(
      direct({ cores: 1, workers: 5, app: "cpu: 0s, sleep: 1s", clients: burst(4), gunicorn }),
    );
    const busy = result.series.levels.find(({ name }) => name === "busy processors");
    expect(busy?.average.value).toBeCloseTo(0.04, 9);
  });

  const proxied = (nginx: string, more = "", clients = burst(2)) => `
kernel: { cores: 1 }
clients: { ${clients}${more} }
nginx: { connect_overhead: 0s, response_overhead: 0s, ${nginx}, upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { bind: unix:/run/g.sock, workers: 2, ${quiet} }
app: { cpu: 100ms }
run: { replications: 1 }`;

  // 10 ms of nginx before and 10 ms after the application's 100 ms. nginx hands the first request on at once and
  // computes until 20 ms, since the first worker has half of the core; then it takes the second one. Three
  // processes until nginx has its 10 ms at 50 ms. The workers have had 20 and 10 ms, and share: 80 ms more of
  // the first until 210 ms, when the second has 10 ms left and shares with nginx again.
  test("nginx's own competes with the workers", async () => {
    expect((await simulate(proxied("request_cpu: 20ms"))).trace).toMatchInlineSnapshot(`
      "0.000 -> 0.210 200
      0.000 -> 0.230 200"
    `);
  });

  // The generator's two jobs of 10 ms are one process beside two: done at 60 ms, with 20 ms for each worker.
  test("a load generator on the same machine takes some", async () => {
    expect((await simulate(proxied("request_cpu: 0s", ", cpu: 10ms"))).trace).toMatchInlineSnapshot(`
      "0.000 -> 0.220 200
      0.000 -> 0.220 200"
    `);
  });
});

describe("the report", () => {
  test("has the cores among the limits, and how busy they were", async () => {
    const text = direct({ cores: 2, workers: 3, app: "cpu: 1s", clients: burst(1), gunicorn: quiet });
    const { result } = await simulate(text);
    expect(result.limits).toContainEqual({
      text: "2 cores shared by 3 processes",
      settings: ["kernel.cores = 2"],
    });
    const busy = result.series.levels.find(({ name }) => name === "busy processors");
    expect(busy).toMatchObject({ limit: 2, peak: { value: 1 }, average: { value: 1 } });
  });

  test("says nothing of cores that nobody has limited", async () => {
    const { result } = await simulate(direct({ app: "cpu: 1s", clients: burst(1) }));
    expect(JSON.stringify(result)).not.toMatch(/busy processors|cores shared/);
  });
});
