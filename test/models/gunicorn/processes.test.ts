// What is done to a process of a class that holds several connections: all classes alike, unless said otherwise.

import { describe, expect, test } from "vitest";
import { play, type Step } from "./hand-made.js";

const of = (name: string, more: object = {}) => ({
  worker_class: name,
  threads: name === "gthread" ? 2 : 1,
  version: name === "asgi" ? "26.1.0" : "20.1.0",
  started_ago: "1s",
  ...more,
});
const waiting = ["gthread", "gevent", "eventlet", "uvicorn", "asgi"];

describe("SIGKILL", () => {
  // b, c run from 0 s on; d waits for a thread of gthread, and runs too with the others; a rests.
  const steps: Step[] = [
    { at: 0, open: "a", keep: true },
    ...["b", "c", "d"].map((open, index) => ({ at: 0.1 + index / 100, open, sleep: 1 })),
    { at: 0.5, act: ({ crash }) => crash() },
    { at: 0.5, open: "e" },
  ];
  test.each(waiting)("of a %s worker loses all that it holds, and nothing of the kernel's queue", (name) => {
    const { log, world, peak } = play(of(name, { exit_time: "0s" }), steps);
    const unread = name === "gthread" ? "reset" : "hung up";
    expect(log.slice(0, 5).sort()).toEqual(
      [
        "0.000 a 200 kept",
        "0.500 a dismissed",
        "0.500 b hung up",
        "0.500 c hung up",
        `0.500 d ${unread}`,
      ].sort(),
    );
    expect(log.at(-1)).toMatch(/^0\.5\d\d e 200$/);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(1);
    expect(world.connections.open).toBe(0);
    for (const gauge of world.gauges) expect(gauge.value, gauge.name).toBe(0);
  });

  test("of a tornado worker resets what waits for its loop", () => {
    const { log } = play(of("tornado"), [
      { at: 0, open: "a", sleep: 1 },
      { at: 0.1, open: "b", sleep: 1 },
      { at: 0.2, open: "c", sleep: 1 },
      { at: 1.5, act: ({ crash }) => crash() },
    ]);
    // At 1 s the loop accepted b and c, and b has it.
    expect(log.slice(0, 3)).toEqual(["1.000 a 200", "1.500 b hung up", "1.500 c reset"]);
  });
});

describe("a process that is stuck from 0.5 to 3.5 s", () => {
  const steps: Step[] = [
    { at: 0, open: "a", sleep: 1 },
    { at: 0, open: "b", sleep: 5 },
    { at: 0.5, act: ({ hang }) => hang(3e9) },
    { at: 2, open: "c", sleep: 1 },
  ];
  test.each(waiting)("goes on where it was: %s", (name) => {
    // a was due at 1 s. c has waited in the kernel, and then for a thread or not: gthread has that of a.
    const { log, peak } = play(of(name), steps);
    expect(log).toEqual(["3.500 a 200", "4.500 c 200", "5.000 b 200"]);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(1);
  });

  test.each(waiting)("is killed after timeout, by SIGKILL: %s", (name) => {
    // The last heartbeat was sent at 0 s or, by uvicorn, at 0.5 s: the tick of 1.06 to 1.16 s aborts in vain, that
    // of a second later kills. uvicorn's tick of 1.5 s and more is the same one of 2.06 s: killed at 3.06 s.
    const { log, causes } = play(of(name, { timeout: "1s" }), steps);
    const [first] = log;
    expect(first).toMatch(
      name === "uvicorn" ? /^[23]\.(0[6-9]|1\d)\d . hung up$/ : /^2\.(0[6-9]|1\d)\d . hung up$/,
    );
    expect(causes.a).toBe("worker-timeout");
    expect(causes.b).toBe("worker-timeout");
    expect(log.filter((line) => line.endsWith(" c 200")).length).toBe(1);
  });
});

describe("SIGTERM", () => {
  const steps: Step[] = [
    { at: 0.2, open: "a", sleep: 3 },
    { at: 0.5, act: ({ removeWorker }) => removeWorker() },
    { at: 2.5, open: "b", sleep: 0.1 },
  ];
  test.each(waiting)("lets a %s worker finish what it has; the other takes what comes", (name) => {
    const { log } = play(of(name, { workers: 2 }), steps);
    expect(log).toEqual(["2.600 b 200", "3.200 a 200"]);
  });
});

describe("an application whose caller has gone", () => {
  test.each(waiting)("computes all the same, and that is wasted: %s", (name) => {
    const { log, world } = play(of(name), [
      { at: 0, open: "a", sleep: 1, cpu: 0.5 },
      { at: 0.25, leave: "a" },
      { at: 3, open: "b" },
    ]);
    // Of all of these asgi alone looks whether the peer is still there.
    expect(log).toEqual([...(name === "asgi" ? ["0.500 a closed after its caller"] : []), "3.000 b 200"]);
    expect(world.connections.open).toBe(0);
    // A thread or a place is held from 0.25 to 1.5 s.
    if (["gthread", "gevent", "eventlet"].includes(name)) expect(world.work.wastedNs).toBeCloseTo(1.25e9, -3);
  });
});

describe("the lingering close of 26.0", () => {
  test.each([
    ["25.3.0", 0],
    ["26.0.0", 1],
  ])("gunicorn %s leaves %d in the kernel for the 0.2 ms after an answer", (version, queued) => {
    const { log, peak } = play(of("gthread", { version }), [
      { at: 0, open: "a", sleep: 1 },
      { at: 1.0001, open: "b", sleep: 1 },
    ]);
    expect(log).toEqual(["1.000 a 200", "2.000 b 200"]);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(queued);
  });

  test("does not wait for a peer that has closed before the answer", () => {
    const { log, peak } = play(of("gthread", { version: "26.0.0" }), [
      { at: 0, open: "a", sleep: 1 },
      { at: 0.5, leave: "a" },
      { at: 1.0001, open: "b", sleep: 1 },
    ]);
    expect(log).toEqual(["2.000 b 200"]);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(0);
  });
});
