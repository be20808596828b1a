// gthread workers: one rule a script, the arithmetic in a comment. The master's tick has a random phase unless it
// is known when it was started.

import { describe, expect, test } from "vitest";
import { play, type Step } from "./hand-made.js";

const gthread = (more: object = {}) => ({ worker_class: "gthread", threads: 2, ...more });
const burst = (count: number, more: Partial<Step> = {}): Step[] =>
  Array.from({ length: count }, (_, index) => ({ at: 0, open: `c${index}`, sleep: 1, ...more }));

describe("hoarding", () => {
  test("a worker accepts whether or not a thread is free, so the accept queue stays empty", () => {
    // Measured with 50 requests: a staircase of 1, 1, 2, 2 ... 25 s.
    const { log, peak } = play(gthread(), burst(6));
    expect(log).toEqual([
      "1.000 c0 200",
      "1.000 c1 200",
      "2.000 c2 200",
      "2.000 c3 200",
      "3.000 c4 200",
      "3.000 c5 200",
    ]);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(0);
    expect(peak("hoarded by gunicorn workers")).toBe(4);
    expect(peak("busy workers")).toBe(2);
  });

  test("up to worker_connections; the others stay in the kernel", () => {
    // Measured: 50 requests, worker_connections 10: 10 inside, 40 in the queue.
    const { log, peak } = play(gthread({ worker_connections: 10 }), burst(50));
    expect(peak("accept queue of unix:/run/g.sock")).toBe(40);
    expect(peak("hoarded by gunicorn workers")).toBe(8);
    expect(log.at(-1)).toBe("25.000 c49 200");
  });

  test("threads share the interpreter: what computes does not overlap", () => {
    // 10 ms of processor each: 20 ms for both, which share it evenly, and then a second of waiting that overlaps.
    const { log } = play(gthread(), burst(2, { cpu: 0.01 }));
    expect(log).toEqual(["1.020 c0 200", "1.020 c1 200"]);
  });
});

describe("the split", () => {
  const shares = (workers: number, seed: string) => {
    const steps = Array.from({ length: 1000 }, (_, index) => ({
      at: index / 100,
      open: `c${index}`,
      sleep: 50,
    }));
    const { log } = play(gthread({ workers, threads: 1 }), steps, { untilS: 1e5, seed });
    // Workers that have one thread each finish their requests in steps of 50 s: the last step tells how many
    // requests the favourite has.
    return Math.round(Number(log.at(-1)?.split(" ")[0]) / 50) / 1000;
  };

  test("favours one of two workers by .655 on average, and differently in each replication", () => {
    // 20 replications of N(.655, .05) and 1000 draws each: standard error .012.
    const favoured = Array.from({ length: 20 }, (_, seed) => shares(2, String(seed)));
    const mean = favoured.reduce((sum, share) => sum + share, 0) / favoured.length;
    expect(mean).toBeGreaterThan(0.655 - 0.04);
    expect(mean).toBeLessThan(0.655 + 0.04);
    expect(new Set(favoured).size).toBeGreaterThan(10);
  });

  test("gives the favourite of four .38", () => {
    const favoured = Array.from({ length: 20 }, (_, seed) => shares(4, String(seed)));
    const mean = favoured.reduce((sum, share) => sum + share, 0) / favoured.length;
    expect(mean).toBeGreaterThan(0.34);
    expect(mean).toBeLessThan(0.42);
  });

  test("leaves out workers that are full", () => {
    // Two workers of two places: four requests are inside, whoever is favoured, the fifth waits in the kernel.
    const { peak } = play(gthread({ workers: 2, worker_connections: 2 }), burst(5));
    expect(peak("accept queue of unix:/run/g.sock")).toBe(1);
    expect(peak("busy workers")).toBe(4);
  });
});

describe("keepalive", () => {
  test("closes an idle connection with the first pass of the main loop after it: 2 to 3 s", () => {
    // Accepted at 0.7 s, the loop wakes at 1.7, 2.7, 3.7 s. Answered at 1.2 s, over at 3.2 s, closed at 3.7 s.
    const { log } = play(gthread(), [{ at: 0.7, open: "a", sleep: 0.5, keep: true }]);
    expect(log).toEqual(["1.200 a 200 kept", "3.700 a dismissed"]);
  });

  test("any connection wakes the loop", () => {
    const { log } = play(gthread(), [
      { at: 0.7, open: "a", sleep: 0.5, keep: true },
      { at: 3.3, open: "b" },
    ]);
    expect(log).toEqual(["1.200 a 200 kept", "3.300 a dismissed", "3.300 b 200"]);
  });

  test("a request on a connection that is kept is served like any other", () => {
    const { log } = play(gthread(), [
      { at: 0, open: "a", keep: true },
      { at: 1, send: "a", sleep: 0.5 },
      { at: 2, leave: "a" },
    ]);
    expect(log).toEqual(["0.000 a 200 kept", "1.500 a 200 kept"]);
  });

  test.each([
    ["keepalive of 0", { keepalive: "0s" }],
    ["no place beside the threads", { worker_connections: 2 }],
  ])("none with %s", (_, more) => {
    const { log } = play(gthread(more), [{ at: 0, open: "a", keep: true }]);
    expect(log).toEqual(["0.000 a 200"]);
  });

  test("idle connections count: at the limit nothing is accepted until one is closed", () => {
    // Three places, one for an idle connection at most. a rests from 0 on; b and c run until 5 s; d waits for a,
    // which is over at 2 s: the loop has been woken at 1 s, and so looks at 2 s.
    const { log, peak } = play(gthread({ worker_connections: 3 }), [
      { at: 0, open: "a", keep: true },
      { at: 0.5, open: "b", sleep: 4.5 },
      { at: 0.9, open: "c", sleep: 4.1 },
      { at: 1.1, open: "d" },
    ]);
    expect(log).toEqual([
      "0.000 a 200 kept",
      "2.900 a dismissed",
      "5.000 b 200",
      "5.000 c 200",
      "5.000 d 200",
    ]);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(1);
    expect(peak("hoarded by gunicorn workers")).toBe(1);
  });
});

describe("worker_connections below threads", () => {
  test("is the limit: the other threads are never used, and the report says so", () => {
    const { log, world, peak } = play(gthread({ threads: 3, worker_connections: 2 }), burst(5));
    expect(log.map((line) => line.split(" ")[0])).toEqual(["1.000", "1.000", "2.000", "2.000", "3.000"]);
    expect(peak("accept queue of unix:/run/g.sock")).toBe(3);
    expect(world.gauges.find(({ name }) => name === "busy workers")?.limit).toBe(2);
    expect(world.limits.map(({ text }) => text)).toContain(
      "1 gthread worker of 3 threads, 2 connections each, and so 2 at a time",
    );
  });

  test("keeps no connection of a client that would like to", () => {
    const steps = [{ at: 0, open: "a", keep: true }];
    expect(play(gthread({ threads: 3, worker_connections: 2 }), steps).log).toEqual(["0.000 a 200"]);
    expect(play(gthread({ threads: 3, worker_connections: 4 }), steps).log[0]).toBe("0.000 a 200 kept");
  });
});

describe("max_requests", () => {
  const spaced = Array.from({ length: 80 }, (_, index) => ({ at: 1 + index / 5, open: `c${index}` }));
  const lost = (version: string) => {
    const { log, causes } = play(gthread({ version, max_requests: 8, exit_time: "17ms" }), spaced);
    expect(log.length).toBe(80);
    const reset = log.filter((line) => line.endsWith("reset")).map((line) => line.split(" ")[1] as string);
    for (const name of reset) expect(causes[name]).toBe("gthread-recycle");
    return reset.length;
  };
  test.each([
    ["20.1.0", 0],
    ["21.2.0", 8],
    ["22.0.0", 8],
    ["23.0.0", 8],
    ["24.1.0", 0],
    ["25.3.0", 0],
  ])("gunicorn %s loses %d of 80 spaced requests with max_requests 8", (version, count) => {
    // Eight are served, the ninth is accepted by the pass that ends the loop: 80 / 9 = 8 (measured: 9, of which
    // one was the end of the test). With the ninth accepted and served, none is lost.
    expect(lost(version)).toBe(count);
  });

  test("what was hoarded is finished before the worker is replaced", () => {
    // Request 6 of 12 begins at 2 s; all had been accepted. The loop's next pass is at 1, 2, 3 s: it ends at 3 s,
    // the pool is empty at 6 s. Request x comes at 4 s and waits: exit 30 ms, boot 11 ms.
    const { log } = play(gthread({ max_requests: 6 }), [...burst(12), { at: 4, open: "x" }]);
    expect(log.at(-2)).toBe("6.000 c11 200");
    expect(log.at(-1)).toBe("6.041 x 200");
  });

  test("drained for longer than timeout, the rest is killed: hoarded ones reset, running ones cut", () => {
    // Measured: 40 requests of 0.5 s on two threads, max_requests 6, timeout 6 s: 26 answered, 12 reset and two
    // cut at 6.9 and 7.0 s. Here the last heartbeat is that of the pass of 0.05 s, and the first tick after 6.05 s
    // comes at 0.06 s and up to 0.1 s more (started whole seconds before): two at each half second up to 6 s.
    const settings = gthread({ max_requests: 6, graceful_timeout: "4s", timeout: "6s", started_ago: "1s" });
    const last = { at: 0.05, open: "c39", sleep: 0.5 };
    const { log, causes } = play(settings, [...burst(39, { sleep: 0.5 }), last]);
    const ends = (what: string) => log.filter((line) => line.endsWith(what));
    expect(ends("200").length).toBe(24);
    expect(ends("hung up").length).toBe(2);
    expect(ends("reset").length).toBe(14);
    const killedS = Number(ends("reset")[0]?.split(" ")[0]);
    expect(killedS).toBeGreaterThan(6.05);
    expect(killedS).toBeLessThanOrEqual(6.25);
    expect(causes.c39).toBe("worker-timeout");
  });

  test.each([
    // The loop goes to sleep 40 passes of 50 us after the burst: its next pass, at 1.002 s, ends it, since the
    // sixth request begins at 1.00092 s (0.5 s, and 0.46 ms for two threads that share a processor).
    ["20.1.0", 6, 24],
    // The end of the third, at 1.00092 s, wakes the loop before the thread takes the sixth.
    ["24.1.0", 7, 28],
    ["26.1.0", 7, 28],
  ])(
    "of a burst at one instant gunicorn %s is killed after %d s, with %d of 40 answered",
    (version, killedS, count) => {
      // Measured: see models/gunicorn/gthread-life.ts. Ticks are at 0.06 to 0.16 s past the whole second.
      const given = { version, max_requests: 6, graceful_timeout: "4s", timeout: "6s", started_ago: "1s" };
      const { log } = play(gthread({ ...given, overhead: "230us" }), burst(40, { sleep: 0.5 }));
      const lost = log.filter((line) => !line.endsWith("200"));
      expect(log.length - lost.length).toBe(count);
      expect(Number(lost[0]?.split(" ")[0])).toBeGreaterThan(killedS + 0.06);
      expect(Number(lost[0]?.split(" ")[0])).toBeLessThan(killedS + 0.17);
    },
  );

  test.each([
    ["23.0.0", ["1.000 x reset", "1.041 y 200"]],
    ["24.0.0", ["8.941 x 200", "8.941 y 200"]],
  ])("gunicorn %s with an idle caller leaves at once or after graceful_timeout", (version, expected) => {
    // b reaches the limit at 0.9 s. Up to 23 the loop sleeps until x wakes it, which 23 forgets; the idle caller is
    // closed. From 24.0 on the end of b wakes it, and it waits for the caller: 0.9 s + 8 s + exit and boot.
    const { log } = play(gthread({ version, max_requests: 2, graceful_timeout: "8s", threads: 3 }), [
      { at: 0, open: "a", keep: true },
      { at: 0.9, open: "b" },
      { at: 1, open: "x" },
      { at: 1.001, open: "y" },
    ]);
    expect(log.slice(-2)).toEqual(expected);
    expect(log).toContain(`${version === "23.0.0" ? "1.000" : "8.900"} a dismissed`);
  });
});

describe("a connection without data", () => {
  const silent: Step[] = [
    { at: 0, open: "a", silent: true },
    { at: 0, open: "b", silent: true },
    { at: 1, open: "c", sleep: 0.5 },
    { at: 9, open: "d" },
  ];
  test.each([
    ["20.1.0", []],
    ["21.2.0", ["1.500 c 200", "9.000 d 200"]],
    ["23.0.0", ["1.500 c 200", "9.000 d 200"]],
    ["25.1.0", []],
    // Two threads wait for 5 s; then c is read. Its end wakes the loop, whose pass of 7.5 s is the first after 7 s.
    ["25.2.0", ["5.500 c 200", "7.500 a hung up", "7.500 b hung up", "9.000 d 200"]],
  ])("holds a thread or not: gunicorn %s", (version, expected) => {
    expect(play(gthread({ version }), silent).log).toEqual(expected);
  });
});

describe("heartbeats", () => {
  test("come from the main loop: requests of ten times the timeout are served", () => {
    const { log } = play(gthread({ timeout: "2s" }), burst(3, { sleep: 20 }));
    expect(log).toEqual(["20.000 c0 200", "20.000 c1 200", "40.000 c2 200"]);
  });
});
