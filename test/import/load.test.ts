import { describe, expect, test } from "vitest";
import { importLoad } from "../../src/import/load.js";
import { messageOf } from "./support.js";

const OPEN = {
  kind: "open",
  target: "127.0.0.1:80",
  client_timeout_s: null,
  closed: null,
  phases: [{ process: "constant", rate: 200, duration_s: 0.3 }],
  service: { dist: "constant", s: 1 },
  cpu: null,
  app: { body_bytes: 2, content_length: true },
};

const importLoadOf = (changes: object, replay?: string) =>
  importLoad(
    { file: "load.json", text: JSON.stringify({ ...OPEN, ...changes }, null, 1) },
    replay === undefined ? {} : { replay },
  );
const sleepOf = (service: object) => importLoadOf({ service }).scenario.app;

describe("the scenario", () => {
  test("has clients and the application in its own units", () => {
    const phases = [...OPEN.phases, { process: "poisson", rate: 12.5, duration_s: 30 }];
    expect(importLoadOf({ phases })).toEqual({
      scenario: {
        clients: {
          target: "127.0.0.1:80",
          arrivals: [
            { process: "constant", rate: "200/s", for: "300ms" },
            { process: "poisson", rate: "12.5/s", for: "30s" },
          ],
        },
        app: { sleep: "1s", body: "2B" },
      },
      notes: [],
    });
  });

  test("replays recorded requests in place of the phases", () => {
    expect(importLoadOf({}, "requests.csv").scenario.clients).toMatchObject({
      arrivals: [{ process: "trace", file: "requests.csv" }],
    });
  });

  test("has the clients' patience, and responses without a length", () => {
    expect(importLoadOf({ client_timeout_s: 2.5, app: { content_length: false } })).toMatchObject({
      scenario: { clients: { timeout: "2.5s" }, app: { content_length: false } },
      notes: [],
    });
  });

  test("unix:@x.sock is a socket in /run/lab", () => {
    expect(importLoadOf({ target: "unix:@front.sock" }).scenario.clients).toMatchObject({
      target: "unix:/run/lab/front.sock",
    });
  });

  test.each([
    [{ dist: "constant", s: 0 }, "0s"],
    [{ dist: "exponential", mean_s: 0.05 }, { exponential: "50ms" }],
    [{ dist: "lognormal", mean_s: 0.1, cv: 1.5 }, { lognormal: { mean: "100ms", cv: 1.5 } }],
    [
      {
        dist: "mixture",
        parts: [
          { weight: 0.9, dist: "constant", s: 0.05 },
          { weight: 0.1, dist: "exponential", mean_s: 8 },
        ],
      },
      {
        mixture: [
          { weight: 0.9, of: "50ms" },
          { weight: 0.1, of: { exponential: "8s" } },
        ],
      },
    ],
  ])("writes service times %j", (service, sleep) => {
    expect(sleepOf(service)).toEqual({ sleep, body: "2B" });
  });
});

describe("processor time", () => {
  const cpu = { dist: "exponential", mean_s: 0.04 };
  const FRESH = "one fresh connection a request, Connection: close";

  test("is that of the application, and of the generator on the same machine", () => {
    const { scenario, notes } = importLoadOf({ cpu, generator: FRESH });
    expect(scenario.app).toMatchObject({ cpu: { exponential: "40ms" } });
    expect(scenario.clients).toMatchObject({ cpu: "700us" });
    expect(notes).toEqual([]);
  });

  test("of a generator that is not known is not guessed", () => {
    expect(importLoadOf({ cpu, generator: "keepalive" }).scenario.clients).not.toHaveProperty("cpu");
  });
});

describe("notes", () => {
  test.each([
    [{ cpu: { dist: "cauchy" } }, "load.json:17 not-modelled: cpu cauchy"],
    [{ generator: "keepalive" }, 'load.json:22 not-modelled: generator "keepalive"'],
    [{ service: { dist: "cauchy" } }, "load.json:13 not-modelled: service cauchy"],
  ])("%j is told with its line", (changes, line) => {
    const { notes } = importLoadOf(changes);
    expect(notes.map(({ where, kind, directive }) => `${where} ${kind}: ${directive}`)).toEqual([line]);
  });
});

describe("a closed loop", () => {
  const closed = { concurrency: 60, think_s: 0.5, duration_s: 40, max_requests: 4000 };
  const loop = { kind: "closed", closed, phases: null };

  test("is written with its clients, and has no requests to replay", () => {
    for (const replay of [undefined, "requests.csv"]) {
      const { scenario, notes } = importLoadOf(loop, replay);
      expect(scenario).toEqual({
        clients: {
          target: "127.0.0.1:80",
          closed: { concurrency: 60, think: "500ms", for: "40s", requests: 4000 },
        },
        app: { sleep: "1s", body: "2B" },
      });
      expect(notes).toEqual([]);
    }
  });

  test("may have no limit to its requests", () => {
    const { scenario } = importLoadOf({ ...loop, closed: { ...closed, max_requests: null } });
    expect(scenario.clients).toMatchObject({ closed: { concurrency: 60, think: "500ms", for: "40s" } });
  });
});

test("processor time is the application's", () => {
  expect(importLoadOf({ cpu: { dist: "exponential", mean_s: 0.04 } })).toMatchObject({
    scenario: { app: { sleep: "1s", cpu: { exponential: "40ms" } } },
    notes: [],
  });
});

describe("mistakes", () => {
  test.each([
    [{ kind: "ajar" }, 'load.json:2:10 kind: expected "open" or "closed", got "ajar"'],
    [{ target: 80 }, "load.json:3:12 target: expected a text, got 80"],
    // The word stands on line 2 as well.
    [
      { kind: "closed", closed: null },
      'load.json:5:12 closed: expected an object, since "kind" is "closed", got null',
    ],
    [
      { closed: { concurrency: 0 } },
      "load.json:6:18 closed.concurrency: expected a whole number of at least 1, got 0",
    ],
    // What is missing has the place of the object that it is missing from.
    [
      { closed: { concurrency: 1, think_s: 0 } },
      "load.json:5:12 closed.duration_s: expected a number, got nothing",
    ],
    [{ closed: [1, 2] }, "load.json:5:12 closed: expected an object, got [1,2]"],
    [{ phases: [] }, "load.json:6:12 phases: expected at least one phase, got []"],
    [{ phases: null }, 'load.json:6:12 phases: expected a list of phases, since "kind" is "open", got null'],
    [
      { phases: [{ process: "poisson", rate: 0 }] },
      "load.json:9:12 phases.0.rate: expected a number above 0, got 0",
    ],
    [
      { phases: [...OPEN.phases, { process: "poisson" }] },
      "load.json:12:3 phases.1.rate: expected a number above 0, got nothing",
    ],
    [
      { phases: [{ process: "poisson", rate: 1 }] },
      "load.json:7:3 phases.0.duration_s: expected a number above 0, got nothing",
    ],
    [
      { phases: [{ process: "magic" }] },
      'load.json:8:15 phases.0.process: expected "constant" or "poisson", got "magic"',
    ],
    [
      { service: { dist: "exponential" } },
      "load.json:13:13 service.mean_s: expected a number of at least 0, got nothing",
    ],
    [
      { service: { dist: "mixture", parts: [{ weight: 1, dist: "constant", s: -1 }] } },
      "load.json:19:10 service.parts.0.s: expected a number of at least 0, got -1",
    ],
    [
      { service: { dist: "mixture", parts: [{ dist: "constant", s: 1 }] } },
      'load.json:15:12 service.parts: expected a list, each with a "weight" above 0 and "dist", got [{"dist":"constant","s":1}]',
    ],
  ])("%j is refused", (changes, message) => {
    expect(messageOf(() => importLoadOf(changes))).toBe(message);
  });

  test("text that is no JSON is refused with its line", () => {
    const text = '{\n "kind": "open",\n oops }';
    expect(messageOf(() => importLoad({ file: "load.json", text }))).toMatch(
      /^load\.json:3: expected JSON: /,
    );
  });
});
