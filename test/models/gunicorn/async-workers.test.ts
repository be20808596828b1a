// Workers with an event loop: one rule a script, the arithmetic in a comment.

import { describe, expect, test } from "vitest";
import { play, type Step } from "./hand-made.js";

const QUEUE = "accept queue of unix:/run/g.sock";
const ASGI = { worker_class: "asgi", version: "26.1.0" };
const of = (worker_class: string, more: object = {}) => ({
  ...(worker_class === "asgi" ? ASGI : { worker_class }),
  // The master's tick is at 0.06 s and up to 0.1 s more, past the whole second.
  started_ago: "1s",
  ...more,
});
const burst = (count: number, more: Partial<Step> = {}): Step[] =>
  Array.from({ length: count }, (_, index) => ({ at: 0, open: `c${index}`, sleep: 1, ...more }));
const classes = ["gevent", "eventlet", "uvicorn", "asgi"];

describe("places", () => {
  test.each([
    ["gevent", 40],
    ["eventlet", 39],
    ["uvicorn", 0],
    ["asgi", 0],
    ["tornado", 0],
  ])("of 50 requests and worker_connections 10, %s leaves %d in the kernel", (name, waiting) => {
    // Measured: Recv-Q 40 with gevent, 39 with eventlet, which accepts one more. They come 1 ms apart: with
    // tornado the first has the loop, and the others wait for it in the kernel until its second is over.
    const steps = burst(50).map((step, index) => ({ ...step, at: index / 1000 }));
    const { peak } = play(of(name, { worker_connections: 10 }), steps);
    expect(peak(QUEUE)).toBe(name === "tornado" ? 49 : waiting);
  });

  test("gevent's are taken in the order of the queue as they become free", () => {
    const { log } = play(of("gevent", { worker_connections: 2 }), burst(5));
    expect(log.map((line) => line.split(" ")[0])).toEqual(["1.000", "1.000", "2.000", "2.000", "3.000"]);
  });

  test("asgi gives 100 to listen(2), whatever the backlog", () => {
    // A loop that computes for a second accepts nothing meanwhile: 101 places, the other 48 of 150 are refused.
    const steps = [{ at: 0, open: "a", cpu: 1 }, ...burst(149, { at: 0.5 })];
    const refused = (name: string) =>
      play(of(name), steps).log.filter((line) => line.endsWith("EAGAIN")).length;
    expect(refused("asgi")).toBe(48);
    expect(refused("uvicorn")).toBe(0);
  });
});

describe("a burst at one instant", () => {
  // Each request takes 10 ms of its loop: who has the most is through last.
  const lastS = (name: string, count: number, more: object = {}) => {
    const { log } = play(of(name, { workers: 4, ...more }), burst(count, { sleep: 0, cpu: 0.01 }));
    expect(log.length).toBe(count);
    return Number(log.at(-1)?.split(" ")[0]);
  };
  test.each([
    ["uvicorn", 50],
    ["asgi", 50],
    ["tornado", 50],
    // Each turn accepts one: 50 / 4.
    ["gevent", 13],
    ["eventlet", 13],
  ])("leaves one of four %s workers with %d of 50 connections", (name, most) => {
    expect(lastS(name, 50)).toBeCloseTo(most / 100, 6);
  });

  test("goes to the next loop after 100 of asgi, 128 of tornado and the backlog of uvicorn", () => {
    expect(lastS("asgi", 190)).toBeCloseTo(1, 6);
    expect(lastS("tornado", 190)).toBeCloseTo(1.28, 6);
    expect(lastS("uvicorn", 190)).toBeCloseTo(1.9, 6);
    expect(lastS("uvicorn", 60, { backlog: 20 })).toBeCloseTo(0.2, 6);
  });
});

describe("the loop", () => {
  test.each(classes)("of %s overlaps waiting", (name) => {
    expect(play(of(name), burst(3)).log).toEqual(["1.000 c0 200", "1.000 c1 200", "1.000 c2 200"]);
  });

  test("of tornado does not: a WSGI application runs on it", () => {
    expect(play(of("tornado"), burst(3)).log).toEqual(["1.000 c0 200", "2.000 c1 200", "3.000 c2 200"]);
  });

  test.each(classes)("of %s is one processor", (name) => {
    const { log } = play(of(name), burst(3, { sleep: 0, cpu: 0.1 }));
    expect(log).toEqual(["0.100 c0 200", "0.200 c1 200", "0.300 c2 200"]);
  });

  test.each(classes)("of %s leaves a connection to another worker while it computes", (name) => {
    const { log } = play(of(name, { workers: 2 }), [
      { at: 0, open: "a", cpu: 1 },
      { at: 0.5, open: "b", cpu: 0.1 },
      { at: 0.55, open: "c" },
    ]);
    // b has the other worker until 0.6 s; c waits in the kernel for it.
    expect(log).toEqual(["0.600 b 200", "0.600 c 200", "1.000 a 200"]);
  });
});

describe("keepalive", () => {
  test.each([
    ["gevent", "2.500"],
    ["eventlet", "2.500"],
    ["uvicorn", "2.500"],
    ["asgi", undefined],
    ["tornado", "3600.500"],
  ])("%s closes an idle connection at %s s", (name, endS) => {
    const { log } = play(of(name), [{ at: 0, open: "a", sleep: 0.5, keep: true }], { untilS: 4000 });
    expect(log).toEqual(["0.500 a 200 kept", ...(endS ? [`${endS} a dismissed`] : [])]);
  });

  test.each([...classes, "tornado"])("%s serves the next request and learns of the end", (name) => {
    const { log, world } = play(of(name), [
      { at: 0, open: "a", keep: true },
      { at: 1, send: "a", sleep: 0.5 },
      { at: 2, leave: "a" },
    ]);
    expect(log).toEqual(["0.000 a 200 kept", "1.500 a 200 kept"]);
    expect(world.connections.open).toBe(0);
  });

  test.each([...classes, "tornado", "gthread"])("%s finds its worker behind reuse_port", (name) => {
    const settings = { version: name === "eventlet" ? "25.3.0" : "26.1.0", workers: 5, reuse_port: true };
    const callers = ["a", "b", "c", "d"].map((open) => ({ at: 0, open, keep: true }));
    const { log, world } = play({ ...of(name, settings), threads: 1, bind: "127.0.0.1:8000" }, [
      ...callers,
      ...callers.map(({ open }) => ({ at: 1, send: open })),
      ...callers.map(({ open }) => ({ at: 2, leave: open })),
    ]);
    expect(log.filter((line) => /^1.000 . 200 kept$/.test(line)).length).toBe(4);
    expect(world.connections.open).toBe(0);
  });

  // The new worker's socket is in the group as soon as it is forked; it boots for 9 ms and more. A gthread
  // worker that is to leave and has nothing does so at once, and resets what comes to its socket meanwhile.
  test.each([...classes, "tornado", "gthread"])(
    "%s serves what came to its socket before it had booted",
    (name) => {
      const settings = { version: name === "eventlet" ? "25.3.0" : "26.1.0", reuse_port: true };
      const callers = Array.from({ length: 8 }, (_, index) => ({ at: 1.001, open: `c${index}` }));
      const { log, world } = play({ ...of(name, settings), bind: "127.0.0.1:8000" }, [
        { at: 1, act: (actions) => actions.reload() },
        ...callers,
      ]);
      expect(log.length).toBe(8);
      const late = log.filter((line) => line > "1.009" && line.endsWith(" 200"));
      expect(late.length).toBeGreaterThan(2);
      expect(world.connections.open).toBe(0);
    },
  );

  test.each([...classes, "tornado"])("%s keeps nothing with a keepalive of 0", (name) => {
    const { log } = play(of(name, { keepalive: "0s" }), [{ at: 0, open: "a", keep: true }]);
    expect(log).toEqual(["0.000 a 200"]);
  });

  test.each([
    ["gevent", ["2.000 a hung up"]],
    ["eventlet", ["2.000 a hung up"]],
    ["uvicorn", []],
    ["asgi", []],
  ])("%s: the first request must come in time: %j", (name, expected) => {
    expect(play(of(name), [{ at: 0, open: "a", silent: true }]).log).toEqual(expected);
  });
});

describe("a worker timeout of 2 s", () => {
  // a computes from 0.5 s on; its neighbour b waits from 0.2 to 4.7 s. c comes later.
  const steps: Step[] = [
    { at: 0.2, open: "b", sleep: 4.5 },
    { at: 0.5, open: "a", cpu: 20 },
    { at: 1, open: "c" },
  ];
  const timed = (name: string) => play(of(name, { timeout: "2s" }), steps);
  // The last heartbeat is that of 0 s; with uvicorn's too, which sends one each second. The tick after 2 s is at
  // 2.06 to 2.16 s.
  test.each(["gevent", "eventlet"])(
    "ends the request that has the loop of %s; its neighbour is served",
    (name) => {
      const { log, causes } = timed(name);
      expect(log[0]).toMatch(/^2\.(0[6-9]|1\d)\d a hung up$/);
      expect(log).toContain("4.700 b 200");
      expect(causes.a).toBe("worker-timeout");
      expect(log.length).toBe(3);
    },
  );

  test.each([
    ["uvicorn", 2],
    ["tornado", 2],
    // The handler of SIGABRT needs the loop: SIGKILL comes with the next tick.
    ["asgi", 3],
  ])("ends the process of %s with all that it holds, at %d s", (name, second) => {
    const { log } = timed(name);
    const ended = new RegExp(`^${second}\\.(0[6-9]|1\\d)\\d [ab] `);
    const lost = log.filter((line) => ended.test(line)).map((line) => line.slice(6));
    // tornado's b has the loop for 4.5 s, and a waits unread in the kernel for the next worker.
    if (name === "tornado") expect(lost).toEqual(["b hung up"]);
    else expect(lost.sort()).toEqual(["a hung up", "b hung up"]);
    if (name !== "tornado") expect(log.at(-1)).toMatch(/ c 200$/);
  });

  test.each(classes)("does not concern what waits: %s", (name) => {
    expect(play(of(name, { timeout: "2s" }), burst(2, { sleep: 20 })).log).toEqual([
      "20.000 c0 200",
      "20.000 c1 200",
    ]);
  });
});

describe("max_requests", () => {
  // The limit is reached at 0.3 s. x comes at 0.5 s, y when the worker may be gone. exit 30 ms, and boot.
  const steps: Step[] = [
    { at: 0.3, open: "a", sleep: 0.5 },
    { at: 0.5, open: "x" },
    { at: 1.2, open: "y" },
  ];
  test.each([
    // It notices at 1 s, finds nobody and leaves: boot 45 ms.
    ["gevent", "1.200 y 200"],
    ["eventlet", "1.200 y 200"],
    ["asgi", "1.200 y 200"],
    // Noticed at 0.4 s with a in progress; a ends at 0.8 s. x waits until 0.8 + 0.03 + 0.028 s.
    ["uvicorn", "1.200 y 200"],
    // Noticed at 1 s, left at 2 s; y waits until 2.058 s.
    ["tornado", "2.058 y 200"],
  ])("%s is replaced: %s", (name, y) => {
    const { log } = play(of(name, { max_requests: 1 }), steps);
    expect(log).toContain("0.800 a 200");
    expect(log).toContain(y);
    const x = { uvicorn: "0.858 x 200", tornado: "0.800 x 200" }[name] ?? "0.500 x 200";
    expect(log).toContain(x);
  });

  const idle: Step[] = [
    { at: 0, open: "i", keep: true },
    { at: 0.3, open: "a" },
    { at: 1.5, open: "y" },
  ];
  test.each([
    // i is closed at 2 s by its keepalive; gevent looks at 1, 2 s and leaves with the look at 2 or 3 s.
    ["gevent", /^[23]\.075 y 200$/],
    ["eventlet", /^2\.075 y 200$/],
    ["uvicorn", /^1\.500 y 200$/],
    // The whole of graceful_timeout from 1 s on.
    ["asgi", /^9\.039 y 200$/],
  ])("%s and an idle caller: %s", (name, y) => {
    const { log } = play(of(name, { max_requests: 2, graceful_timeout: "8s" }), idle);
    expect(log.at(-1)).toMatch(y);
  });
});
