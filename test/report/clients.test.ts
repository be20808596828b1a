import { describe, expect, test } from "vitest";
import { clientLines, routeLines } from "../../src/report/clients.js";
import { runText } from "../../src/report/text.js";
import { around, burst, exact, latency, share } from "./fixtures.js";

const routes = {
  "/": {
    requests: exact(180),
    outcomes: { "200": share(180, 180) },
    latencies: { all: latency(180, [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6]) },
  },
  "/report": {
    requests: around(20, 2),
    outcomes: { "200": share(15, 20, 1), "502": share(4, 20, 1), "504": share(1, 20) },
    latencies: { all: latency(20, [0.1, 3, 2.5, 8, 9, 9.5, 10], [0, 0, 0.25]) },
  },
};
const clients = {
  attempts: exact(270),
  attempts_per_request: exact(1.35),
  retries: around(70, 5),
  over_budget: exact(4),
  connections: exact(12),
  reused: exact(258),
  resent: exact(3),
};

describe("several routes", () => {
  test("are told one by one: how many requests, what fails of them, how long they take", () => {
    expect(routeLines({ ...burst(), routes }, 200)).toMatchInlineSnapshot(`
      [
        "  /: 180 requests, none fails; latency p50 200 ms, p95 400 ms, p99 500 ms",
        "  /report: 20.0 ± 2.0 requests, 25.0 % ± 5.0 % fail: 502 20.0 % ± 5.0 %, 504 5 %; latency p50 2.50 s ± 0.25 s, p95 9 s, p99 9.5 s",
      ]
    `);
  });

  test("stand in the text of a run under a title of their own, and one does not", () => {
    const options = { columns: 80, colour: false, quiet: false, unicode: true } as never;
    expect(runText({ ...burst(), routes }, options)).toContain("\nRoutes\n  /: 180 requests, none fails");
    expect(runText(burst(), options)).not.toContain("Routes");
  });
});

describe("clients", () => {
  test("that try again and keep connections are told with both", () => {
    expect(clientLines({ ...burst(), clients }, 200)).toMatchInlineSnapshot(`
      [
        "  1.35 attempts a request: 70.0 ± 5.0 retries, 4 more were beyond the budget",
        "  12 connections opened, 258 requests over kept ones, 3 of them sent again",
      ]
    `);
  });

  test("without a budget or a stale connection are told without", () => {
    const { over_budget: _, ...rest } = { ...clients, resent: exact(0) };
    expect(clientLines({ ...burst(), clients: rest }, 200)).toMatchInlineSnapshot(`
      [
        "  1.35 attempts a request: 70.0 ± 5.0 retries",
        "  12 connections opened, 258 requests over kept ones",
      ]
    `);
  });

  test("that do neither are not told", () => {
    expect(clientLines(burst(), 200)).toEqual([]);
  });
});
