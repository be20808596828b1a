// Which scenarios are systems of queueing theory: the answers that `recvq run` prints are those from outside.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { queueingSystem } from "../../models/queueing-system.js";
import { load, predict } from "../../src/index.js";
import { loadScenario } from "../../src/scenario/load.js";
import { answerOf, type Quantity } from "../../src/theory/answers.js";
import { cases, theoryValue } from "./cases.js";

const answerFor = (text: string, set: string[] = []) => {
  const { settings } = loadScenario("test.yaml", { read: () => text, components, set });
  const system = queueingSystem(settings);
  return system && answerOf(system);
};

/** What the scenarios of the cases are called, and which of their quantities the value is of. */
const known: Record<string, [name: string, quantity: Quantity]> = {
  A1: ["M/M/3", "wait"],
  A3: ["M/M/3", "delayed"],
  A6: ["M/M/4", "delayed"],
  B1: ["M/M/1/3", "blocked"],
  B2: ["M/M/2/3", "blocked"],
  B3: ["M/M/1/10", "blocked"],
  "B4@78": ["M/M/4/133", "blocked"],
  "B4@80": ["M/M/4/133", "blocked"],
  "B4@88": ["M/M/4/133", "blocked"],
  "B4@120": ["M/M/4/133", "blocked"],
  B8: ["M/M/1", "wait"],
  "C1r0.9": ["M/D/1", "wait"],
  "C1r0.9d": ["M/D/1", "delayed"],
  "C2r0.8d": ["M/D/2", "delayed"],
  "C2r0.9": ["M/D/2", "wait"],
  "C2r0.9d": ["M/D/2", "delayed"],
  "C5r0.8": ["M/D/5", "wait"],
  "C5r0.8d": ["M/D/5", "delayed"],
  "C10r0.9": ["M/D/10", "wait"],
  "D5r0.8": ["M/D/1/5", "blocked"],
  "D5r1.0": ["M/D/1/5", "blocked"],
  "D10r0.9": ["M/D/1/10", "blocked"],
  "D10r1.1": ["M/D/1/10", "blocked"],
  "D20r1.0": ["M/D/1/20", "blocked"],
  E1: ["M/G/1", "wait"],
  E4: ["M/G/1", "wait"],
  F1: ["D/M/1", "wait"],
  J1: ["MMPP(2)/M/4/133", "blocked"],
  "L3 constant": ["M/G/1-PS", "sojourn"],
  L4: ["M/M/3-PS", "sojourn"],
  L6R: ["M/M/4//50", "wait"],
  L7: ["M^10/M/1", "wait"],
};

describe("a scenario of values.json is recognised", () => {
  test.each(Object.entries(known))("%s is %s", (key, [name, quantity]) => {
    const [id, law] = key.split(" ") as [string, string?];
    const one = cases.find((each) => each.id === id && (law === undefined || each.law === law));
    const answer = answerFor((one as (typeof cases)[number]).system.text);
    expect(answer).toMatchObject({ name, leftOut: [] });
    // The value of the wait or the sojourn follows from the one that is there: B8 a quantile, L3 of one class.
    if (["B8", "L3", "L4"].includes(id)) return;
    const exact =
      theoryValue(id).value - (quantity === "wait" && id === "L6R" ? 0.05 : 0) - (id === "L7" ? 1 : 0);
    expect((answer?.values[quantity] as number) / exact).toBeCloseTo(1, 8);
  });

  test("a loss system behind nginx, of any service, is what Erlang B says of exponential service only", () => {
    const [constant, exponential] = cases
      .filter(({ id }) => id === "A4")
      .map(({ system }) => answerFor(system.text));
    expect(exponential).toMatchObject({ name: "M/M/5/5", leftOut: [] });
    expect(exponential?.values.blocked).toBeCloseTo(theoryValue("A4").value, 10);
    expect(constant).toMatchObject({ name: "M/G/5/5" });
    expect(constant?.values.blocked).toBeCloseTo(theoryValue("A4").value, 10);
  });

  test("ports in TIME_WAIT are a loss system too", () => {
    // The scenario of the cases begins with a trace, which brings the ports into the steady state.
    const { text } = (cases.find(({ id }) => id === "M@600") as (typeof cases)[number]).system;
    const answer = answerFor(text.replace(/\{ process: trace[^}]*\}, /, ""));
    expect(answer).toMatchObject({ name: "M/G/28232/28232", leftOut: [] });
    expect(answer?.values.blocked).toBeCloseTo(theoryValue("M@600").value, 10);
    expect(answerFor(text)).toBeUndefined();
  });

  test("retrials are none of them", () => {
    const retrials = cases.filter(({ id }) => id.startsWith("I"));
    expect(retrials.map(({ system }) => answerFor(system.text))).toEqual(retrials.map(() => undefined));
  });
});

const BASE = `
kernel: { sysctl: { net.core.somaxconn: 128 } }
clients: { arrivals: [{ process: poisson, rate: 80/s, requests: 2000 }] }
nginx: { upstream: { servers: ["unix:/run/g.sock"] }, request_cpu: 0s, worker_connections: 1024 }
gunicorn: { bind: "unix:/run/g.sock", workers: 4, overhead: 0s }
app: { sleep: { exponential: 50ms } }
`;

describe("a scenario is that system", () => {
  test.each<[string, string[], string]>([
    ["behind nginx, whose constant delays move everything alike", [], "M/M/4/133"],
    [
      "with a time-out that none of 133 requests of 12.5 ms can reach",
      ["nginx.proxy_read_timeout=20s"],
      "M/M/4/133",
    ],
    ["with so much room that nobody is ever refused", ["clients.arrivals.0.rate=20/s"], "M/M/4/133"],
    ["with constant service and a queue that is never full", ["app.sleep=20ms"], "M/D/4"],
    ["where nginx has connections for ten requests only", ["nginx.worker_connections=22"], "M/M/4/10"],
    [
      "with one worker, of which gunicorn's own time is a part like any other",
      ["gunicorn.workers=1", "gunicorn.overhead=1ms", "app.sleep={exponential: 10ms}"],
      "M/G/1/130",
    ],
  ])("%s", (_, set, name) => {
    expect(answerFor(BASE, set)).toMatchObject({ name, leftOut: [] });
  });

  test("nearly, if what it leaves out is small: then it says so, and does not tell who waits at all", () => {
    const answer = answerFor(BASE, ["gunicorn.overhead=550us", "nginx.request_cpu=70us"]);
    expect(answer?.name).toBe("M/M/4/133");
    expect(answer?.leftOut).toEqual([
      "nginx's own queue (request_cpu of 70us)",
      "gunicorn's 550us a request as a time of its own",
    ]);
    expect(answer?.values).not.toHaveProperty("delayed");
  });

  test("nearly, with batches that nginx's accept queue holds", () => {
    const one = ["gunicorn.workers=1", "nginx.request_cpu=1us", "nginx.proxy_read_timeout=1h"];
    const tens = ["clients.arrivals.0.rate=1/s", "clients.arrivals.0.batch=10", "nginx.listen.backlog=9"];
    expect(answerFor(BASE, [...one, ...tens])).toMatchObject({
      name: "M^10/M/1",
      leftOut: ["nginx's own queue (request_cpu of 1us)"],
    });
  });
});

describe("a scenario is no such system", () => {
  test.each<[string, string[]]>([
    ["with a time-out that fires", ["nginx.proxy_read_timeout=1s"]],
    ["with requests that gunicorn kills", ["gunicorn.timeout=1s"]],
    ["with clients that leave", ["clients.timeout=10s"]],
    ["with clients that try again", ["clients.retries={attempts: 2}"]],
    ["with kept connections", ["clients.keepalive={connections: 5}"]],
    [
      "with phases",
      ["clients.arrivals=[{process: poisson, rate: 9/s, for: 9s}, {process: burst, requests: 9}]"],
    ],
    ["with an event", ["events=[{at: 5s, do: gunicorn.reload}]"]],
    ["with threads", ["gunicorn.threads=2"]],
    ["with workers that are replaced", ["gunicorn.max_requests=100"]],
    ["with a version that lingers", ["gunicorn.version=26.0.0"]],
    ["with two nginx workers", ["nginx.worker_processes=2"]],
    // 80/s: busy for 0.24 of the time, 3 ms (1 + 0.24 / 0.76 / 2) = 3.5 ms of 50 ms.
    ["with an nginx that takes 7 % of a service for a request", ["nginx.request_cpu=3ms"]],
    ["with an nginx that cannot do what comes", ["nginx.request_cpu=20ms", "app.sleep={exponential: 1s}"]],
    [
      "with batches that nginx's accept queue is too short for",
      [
        ...["clients.arrivals.0.rate=1/s", "clients.arrivals.0.batch=10", "gunicorn.workers=1"],
        ...["nginx.request_cpu=1us", "nginx.listen.backlog=8", "nginx.proxy_read_timeout=1h"],
      ],
    ],
    ["with two routes", ["app.routes=[{path: /a, sleep: 1ms}, {path: /b, sleep: 2ms}]"]],
    ["with a service that has no closed form", ["app.sleep={lognormal: {mean: 50ms, cv: 2}}"]],
    ["with an overhead that is a tenth of the service", ["gunicorn.overhead=5ms"]],
    ["with constant service and a queue that fills", ["app.sleep=50ms"]],
    [
      "with a queue that grows for ever",
      [
        "kernel.sysctl.net.core.somaxconn=2000000",
        "gunicorn.backlog=1000000",
        "nginx.worker_connections=1000000",
        "clients.arrivals.0.rate=90/s",
      ],
    ],
    [
      "with an odd number of nginx's connections, of which the last client's upstream gets none",
      ["nginx.worker_connections=23"],
    ],
    ["with more requests than the clients have ports for", ["clients.arrivals.0.rate=400/s"]],
  ])("%s", (_, set) => {
    expect(answerFor(BASE, set)).toBeUndefined();
  });
});

test("a Result has the exact values beside what was simulated, each with its distance", async () => {
  const { theory, outcomes } = await predict(load(BASE, { replications: 5 }));
  expect(theory).toMatchObject({ system: "M/M/4/133", exact: true, left_out: [] });
  const [blocked, delayed, wait, utilisation] = theory?.values ?? [];
  expect(blocked).toMatchObject({ quantity: "blocked", exact: expect.closeTo(0.0075632238) });
  expect(blocked?.simulated.value).toBe(outcomes["502"]?.share ?? 0);
  expect([delayed, wait, utilisation].map((one) => one?.quantity)).toEqual([
    "delayed",
    "wait",
    "utilisation",
  ]);
});

test("waits are latencies without service and constant delays: with room for all nobody waits", async () => {
  const set = ["clients.arrivals.0.rate=1/s", "gunicorn.workers=40", "gunicorn.overhead=0s"];
  const { theory } = await predict(load(BASE, { set, replications: 2 }));
  const simulated = theory?.values.slice(1, 3).map(({ simulated: { value } }) => value);
  expect(simulated).toEqual([0, 0]);
});
