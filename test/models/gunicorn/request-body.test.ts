// Bodies that come slowly, and those that nobody reads: what they hold, class by class.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";
import { play, type Step } from "./hand-made.js";

const of = (name: string, more: object = {}) => ({
  worker_class: name,
  threads: name === "gthread" ? 2 : 1,
  worker_connections: name === "gevent" ? 2 : name === "eventlet" ? 1 : 1000,
  version: name === "asgi" ? "26.1.0" : "20.1.0",
  started_ago: "1s",
  ...more,
});

describe("a body that takes 2 s to come", () => {
  const steps: Step[] = [
    { at: 0, open: "a", upload: 2, sleep: 0.5 },
    { at: 0, open: "b", upload: 2, sleep: 0.5 },
    { at: 0.1, open: "c" },
  ];

  test.each(["gthread", "gevent"])("holds one of the two threads or places of %s meanwhile", (name) => {
    expect(play(of(name), steps).log).toEqual(["2.500 a 200", "2.500 b 200", "2.500 c 200"]);
  });

  test("holds the only place of eventlet meanwhile: the next body has come long before it is asked for", () => {
    expect(play(of("eventlet"), steps).log).toEqual(["2.500 a 200", "3.000 b 200", "3.000 c 200"]);
  });

  test.each(["uvicorn", "asgi", "gevent", "eventlet"])("does not hold the loop of %s", (name) => {
    const { log } = play(of(name, { worker_connections: 1000 }), steps);
    expect(log).toEqual(["0.100 c 200", "2.500 a 200", "2.500 b 200"]);
  });

  test("does not hold the loop of tornado; the application then does, one after the other", () => {
    expect(play(of("tornado"), steps).log).toEqual(["0.100 c 200", "2.500 a 200", "3.000 b 200"]);
  });

  test("is in use all the time: two places for 2.5 s and none for c", () => {
    for (const name of ["gthread", "gevent"]) {
      const busy = play(of(name), steps).world.gauges.find((gauge) => gauge.name === "busy workers");
      expect(busy?.area, name).toBe(5e9);
    }
    // A loop is in use while it computes.
    const loops = play(of("uvicorn"), [{ at: 0, open: "a", upload: 2, cpu: 0.5 }]).world.gauges;
    expect(loops.find((gauge) => gauge.name === "busy workers")?.area).toBe(0.5e9);
  });
});

describe("the application computes when it has the body", () => {
  const steps: Step[] = [
    { at: 0, open: "a", upload: 1, cpu: 0.5 },
    { at: 0.8, open: "b", cpu: 0.5 },
  ];

  test.each(["gevent", "eventlet", "uvicorn", "asgi", "tornado"])("when it is its turn: %s", (name) => {
    // b has the loop from 0.8 to 1.3 s.
    expect(play(of(name, { worker_connections: 9 }), steps).log).toEqual(["1.300 b 200", "1.800 a 200"]);
  });

  test("and shares the interpreter's lock with other threads", () => {
    // b alone from 0.8 to 1.0 s; then both at half speed: b lacks 0.3 s, a then has 0.2 s left.
    expect(play(of("gthread"), steps).log).toEqual(["1.600 b 200", "1.800 a 200"]);
  });
});

const classes = ["gthread", "gevent", "eventlet", "uvicorn", "asgi", "tornado"];

describe("a process that waits for a body", () => {
  const roomy = (name: string) => of(name, { worker_connections: 9, exit_time: "0s" });

  test.each(classes)("ends, and the connection with it: %s", (name) => {
    const { log, world } = play(roomy(name), [
      { at: 0, open: "a", upload: 2 },
      { at: 1, act: ({ crash }) => crash() },
      { at: 3, open: "b" },
    ]);
    expect(log).toEqual(["1.000 a hung up", "3.000 b 200"]);
    for (const gauge of world.gauges) expect(gauge.value, gauge.name).toBe(0);
  });

  test.each(classes)("is stuck from 1 to 3 s: it has the body when it goes on: %s", (name) => {
    const { log } = play(roomy(name), [
      { at: 0, open: "a", upload: 2, sleep: 0.5 },
      { at: 1, act: ({ hang }) => hang(2e9) },
    ]);
    expect(log).toEqual(["3.500 a 200"]);
  });
});

describe("behind nginx", () => {
  const ask = (gunicorn: string, { clients = "", nginx = "", app = "sleep: 1s" }) =>
    simulate(`
clients: { ${clients} }
nginx: { ${PLAIN.nginx}, upstream: { servers: ["unix:/a"] }, ${nginx} }
gunicorn: { ${PLAIN.gunicorn}, bind: "unix:/a", ${gunicorn} }
app: { ${app} }
run: { replications: 1 }`);
  const named = (name: string) => `worker_class: ${name}, version: ${name === "asgi" ? "26.1.0" : "20.1.0"}`;

  test.each(["sync", ...classes])("a body that does not fit the socket has a reader: %s", async (name) => {
    const clients = "body: 300kB, arrivals: { process: burst, requests: 1 }";
    const { trace } = await ask(named(name), { clients, nginx: "proxy_send_timeout: 500ms" });
    expect(trace).toBe("0.000 -> 1.000 200");
  });

  test.each([
    ["gthread", "25.3.0", true],
    ["gthread", "26.0.0", false],
    ["gevent", "26.0.0", true],
    ["eventlet", "25.3.0", true],
    ["tornado", "20.1.0", false],
  ])("an unread body costs answers of %s %s: %s", async (name, version, loses) => {
    const clients = "body: 100kB, arrivals: { process: constant, rate: 10/s, requests: 400 }";
    const app = "reads_body: false";
    const { result } = await ask(
      `worker_class: ${name}, threads: ${name === "gthread" ? 2 : 1}, version: ${version}`,
      {
        clients,
        app,
      },
    );
    // Half of those that nginx still writes, which are all: 200 of 400 with a standard deviation of 10.
    const lost = result.outcomes["502"]?.count ?? 0;
    expect(Math.abs(lost - (loses ? 200 : 0))).toBeLessThan(loses ? 40 : 1);
  });
});
