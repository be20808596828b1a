// Clients that wait for the end of their request before they send the next one.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

const loop = (closed: string, more = "", app = "sleep: 1s") =>
  simulate(`
clients: { closed: { ${closed} } ${more} }
gunicorn: { ${PLAIN.gunicorn}, bind: unix:/run/g.sock }
app: { ${app} }
run: { replications: 1 }`);

describe("a closed loop", () => {
  test("begins with all clients at once; each thinks from the end of its request to the next", async () => {
    // One worker, one second each. Client 0: 0 to 1, thinks, 1.5; client 1: 0 to 2, thinks, 2.5. At 1.5 the
    // worker is busy with client 1 until 2, then with client 0 until 3, and so on.
    const { trace } = await loop("concurrency: 2, think: 500ms, for: 4s");
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 1.000 200
      0.000 -> 2.000 200
      1.500 -> 3.000 200
      2.500 -> 4.000 200
      3.500 -> 5.000 200"
    `);
  });

  test("sends nothing from its end on, and lets what is on its way come to its end", async () => {
    const { requests } = await loop("concurrency: 3, for: 1s");
    // The second round would begin at 1 s, which is the end.
    expect(requests.map(({ sentNs, latencyNs }) => (sentNs + latencyNs) / 1e9)).toEqual([1, 2, 3]);
  });

  test("ends after so many requests of all clients together", async () => {
    const { requests } = await loop("concurrency: 4, requests: 10");
    expect(requests).toHaveLength(10);
    expect(Math.max(...requests.map(({ sentNs, latencyNs }) => sentNs + latencyNs))).toBe(10e9);
  });

  test("ends with whichever comes first", async () => {
    expect((await loop("concurrency: 1, for: 3s, requests: 10")).requests).toHaveLength(3);
    expect((await loop("concurrency: 1, for: 30s, requests: 10")).requests).toHaveLength(10);
  });

  test("thinks as long after a failure as after an answer", async () => {
    const { trace } = await loop("concurrency: 1, think: 1s, requests: 2", ", timeout: 250ms");
    expect(trace).toMatchInlineSnapshot(`
      "0.000 -> 0.250 client-timeout client-timeout-running
      1.250 -> 1.500 client-timeout client-timeout-running"
    `);
  });

  test("draws think times at the birth of requests: other service times leave them as they were", async () => {
    const thinks = async (sleep: string) => {
      const { requests } = await loop("concurrency: 1, think: { exponential: 1s }, requests: 20", "", sleep);
      return requests
        .slice(1)
        .map(
          ({ sentNs }, index) => sentNs - (requests[index]?.sentNs ?? 0) - (requests[index]?.latencyNs ?? 0),
        );
    };
    const first = await thinks("sleep: 1s");
    expect(new Set(first).size).toBe(19);
    expect(await thinks("sleep: 3s")).toEqual(first);
  });

  test("has as many requests on their way as clients, and never more", async () => {
    const { result } = await loop("concurrency: 7, for: 60s");
    const queue = result.series.levels.find(({ name }) => name.startsWith("accept queue"));
    expect(queue?.peak.value).toBe(6);
  });

  test("in which nothing takes time is stopped with the reason", async () => {
    const stuck = loop("concurrency: 1, for: 1s, think: 0s", ", target: unix:/run/nobody.sock");
    const text = "expected a time above 0s, since nothing else takes any, got 10000 requests at 0 s";
    await expect(stuck).rejects.toThrow(/^test\.yaml:2:\d+ clients\.closed\.think: /);
    await expect(stuck).rejects.toThrow(text);
  });
});

describe("clients", () => {
  const run = (clients: string) =>
    simulate(`clients: ${clients}\ngunicorn: { bind: unix:/run/g.sock }\nrun: { replications: 1 }`);
  const arrivals = "arrivals: { process: burst, requests: 1 }";

  test.each([
    ["neither loop", "{ timeout: 1s }", 'clients.arrivals: missing; expected either "arrivals" or "closed"'],
    [
      "both loops",
      `{ ${arrivals}, closed: { concurrency: 1, for: 1s } }`,
      'clients.closed: expected no "closed" beside "arrivals", got {…}',
    ],
    [
      "a loop without an end",
      "{ closed: { concurrency: 1 } }",
      'clients.closed.for: missing; expected a duration, or "requests"',
    ],
  ])("with %s are refused", async (_, clients, message) => {
    await expect(run(clients)).rejects.toThrow(message);
  });
});
