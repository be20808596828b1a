import { describe, expect, test } from "vitest";
import type { Result } from "../../src/run/result.js";
import type { MeasuredRecord } from "../../src/verify/measured.js";
import { logLines, netstatCounters, queueLengths, timeWaits } from "../../src/verify/reasons.js";
import { verifyText } from "../../src/verify/text.js";

const estimate = (value: number) => ({ value, low: value, high: value });
const causes = (counts: [id: string, count: number][]) =>
  ({ causes: counts.map(([id, count]) => ({ id, count })), nginx: {} }) as unknown as Result;
const logged = (
  nginx_error_log: Record<string, number>,
  more: Partial<MeasuredRecord> = {},
): MeasuredRecord => ({
  nginx_error_log,
  series: { t_s: [], recv_q: {} },
  ...more,
});

const READING =
  "[error] upstream timed out (110: Connection timed out) while reading response header from upstream";
const PREMATURELY =
  "[error] upstream prematurely closed connection while reading response header from upstream";
const CONNECTING = "[error] upstream timed out (110: Connection timed out) while connecting to upstream";

describe("lines of the error log", () => {
  test.each([
    [
      "tcp-accept-queue-full",
      "[error] connect() failed (104: Connection reset by peer) while connecting to upstream",
      "connect() failed (104: Connection reset by peer)",
    ],
    ["tcp-accept-queue-full", CONNECTING, "upstream timed out while connecting"],
    [
      "reset-by-upstream",
      "[error] recv() failed (104: Connection reset by peer) while reading response header from upstream",
      "recv() failed (104: Connection reset by peer)",
    ],
    [
      "no-free-port",
      "[crit] connect() to ADDR failed (99: Cannot assign requested address) while connecting to upstream",
      "connect() failed (99: Cannot assign requested address)",
    ],
    [
      "no-port-to-bind",
      "[crit] bind(10.0.0.9) failed (98: Address already in use) while connecting to upstream",
      "bind() failed (98: Address already in use)",
    ],
    ["no-live-upstreams", "[error] no live upstreams while connecting to upstream", "no live upstreams"],
    ["limit-req-r", '[error] limiting requests, excess: 10.180 by zone "r"', "limiting requests"],
    ["limit-conn-c", '[error] limiting connections by zone "c"', "limiting connections"],
    ["worker-timeout", PREMATURELY, "upstream prematurely closed connection"],
    ["unix-accept-queue-full", "[error] connect() to unix:@g.sock failed (11: Resource)", undefined],
  ])("%s explains %j", (id, line, what) => {
    const compared = logLines(causes([[id, 7]]), [logged({ [line]: 5 }), logged({ [line]: 6 })]);
    expect(compared).toEqual([expect.objectContaining({ predicted: 7, measured: [5, 6] })]);
    if (what !== undefined) expect(compared[0]?.what).toBe(what);
  });

  test("of one cause for several listeners are counted together", () => {
    const result = causes([
      ["unix-accept-queue-full", 3],
      ["unix-accept-queue-full", 4],
    ]);
    const records = [
      logged({
        "[error] connect() to unix:@a failed (11: x": 5,
        "[error] connect() to unix:@b failed (11: x": 2,
      }),
    ];
    expect(logLines(result, records)).toMatchObject([{ predicted: 7, measured: [7] }]);
  });

  test("that clients met themselves are not in nginx's log", () => {
    const result = causes([
      ["unix-accept-queue-full", 3],
      ["unix-accept-queue-full", 4],
    ]);
    const records = [logged({ "[error] connect() to unix:@b failed (11: x": 3 })];
    const unlogged = { "unix-accept-queue-full": 4 };
    expect(logLines(result, records, unlogged)).toMatchObject([{ predicted: 3, measured: [3] }]);
    expect(logLines(result, [logged({})], { "unix-accept-queue-full": 7 })).toEqual([]);
  });

  test("that share a cause which happened are compared by their sum", () => {
    const result = causes([
      ["tcp-accept-queue-full", 60],
      ["read-timeout-queued", 300],
      ["no-free-port", 1],
    ]);
    expect(logLines(result, [logged({ [READING]: 341, [CONNECTING]: 20 })])).toEqual([
      {
        what: "upstream timed out while reading response header + upstream timed out while connecting",
        predicted: 360,
        measured: [361],
        far: false,
      },
      {
        what: "connect() failed (99: Cannot assign requested address)",
        predicted: 1,
        measured: [0],
        far: false,
      },
    ]);
  });

  test("that no cause connects stay apart", () => {
    expect(
      logLines(causes([["read-timeout-running", 9]]), [logged({ [READING]: 8, [CONNECTING]: 2 })]),
    ).toMatchObject([
      { what: "upstream timed out while reading response header", predicted: 9, measured: [8] },
      { what: "upstream timed out while connecting", predicted: 0, measured: [2] },
    ]);
  });

  test("of clients that have gone are what nginx logs as 499", () => {
    const line =
      "[info] epoll_wait() reported that client prematurely closed connection, so upstream connection is closed too";
    const result = {
      ...causes([["client-timeout", 14]]),
      nginx: { "499": { count: 12 } },
    } as unknown as Result;
    expect(logLines(result, [logged({ [line]: 13 })])).toEqual([
      { what: "client prematurely closed connection", predicted: 12, measured: [13], far: false },
    ]);
  });

  test("that nothing of a prediction stands for are told beside them; other errors are added up", () => {
    const records = [
      logged({
        "[error] strange": 3,
        "[warn] upstream server temporarily disabled": 6,
        "[warn] 4 worker_connections are not enough, reusing connections": 2,
        "[warn] a strange warning": 1,
      }),
    ];
    expect(logLines(causes([]), records)).toEqual([
      { what: "upstream server temporarily disabled", predicted: null, measured: [6], far: false },
      {
        what: "worker_connections are not enough, reusing connections",
        predicted: null,
        measured: [2],
        far: false,
      },
      { what: "other errors", predicted: 0, measured: [3], far: false },
    ]);
  });

  // A quarter of 100 is 25, three standard deviations are 30 at 100 and 34.6 at 133: 33 more are chance, 40 are not.
  test.each([
    [133, [100], false],
    [140, [100], true],
    [60, [100], true],
    [59, [80, 120], true],
    [60, [75, 125], false],
    [8, [0], false],
    [10, [0], true],
    [1240, [1000], false],
    [1260, [1000], true],
  ])("are marked where they are far apart: %d predicted, %j measured: %j", (predicted, measured, far) => {
    const result = causes([["no-live-upstreams", predicted]]);
    const records = measured.map((times) => logged({ "[error] no live upstreams": times }));
    expect(logLines(result, records)).toMatchObject([{ far }]);
  });
});

test("the kernel's counters stand beside each other", () => {
  const result = {
    netstat: {
      ListenDrops: estimate(40.5),
      TCPSynRetrans: estimate(0),
      TW: estimate(4),
      Foreign: estimate(1),
    },
  } as unknown as Result;
  const netstat = { ListenDrops: 42, TCPSynRetrans: 0, TW: 7, TCPTimeouts: 9 };
  expect(netstatCounters(result, [logged({}, { netstat }), logged({}, { netstat })])).toEqual([
    { what: "ListenDrops", predicted: 40.5, measured: [42, 42], far: false },
    { what: "TW", predicted: 4, measured: [7, 7], far: false },
    { what: "TCPTimeouts", predicted: null, measured: [9, 9], far: false },
  ]);
  expect(netstatCounters(result, [logged({})])).toEqual([]);
  expect(netstatCounters(result, [])).toEqual([]);
});

describe("levels over time", () => {
  const level = (name: string) => ({ name, mean: [1, 3, 2], max: [2, 4, 3], peak: estimate(4) });
  const result = {
    series: {
      step_s: 1,
      levels: [level("accept queue of unix:/run/lab/g.sock"), level("TIME_WAIT sockets of the kernel")],
    },
  } as unknown as Result;
  const series = {
    t_s: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4],
    time_wait: [0, 2, 7, 7, 7, 7, 7, 7, 7],
    recv_q: { "@g.sock": [0, 0, 3, 5, 1, 1, 0, 0, 0] },
  };

  test("have their highest, their mean, and the time at which they are farthest apart", () => {
    // A queue is empty after its run. Seconds: 1, 3, 2, 0 predicted and 0, 4, 1, 0 measured.
    expect(queueLengths(result, [logged({}, { series })])).toMatchObject([
      { what: "accept queue of unix:/run/lab/g.sock: highest", predicted: 4, measured: [5] },
      { what: "accept queue of unix:/run/lab/g.sock: mean", predicted: 1.5, measured: [1.25] },
      { what: "accept queue of unix:/run/lab/g.sock: farthest apart, at 0.0 s", predicted: 1, measured: [0] },
    ]);
  });

  test("of TIME_WAIT end with the run", () => {
    // The third step is cut short by the end of the run. Seconds: 1 and 3 predicted, 1 and 7 measured.
    expect(timeWaits(result, [logged({}, { series })])).toMatchObject([
      { what: "TIME_WAIT sockets: highest", predicted: 4, measured: [7] },
      { what: "TIME_WAIT sockets: mean", predicted: 2, measured: [4] },
      { what: "TIME_WAIT sockets: farthest apart, at 1.0 s", predicted: 3, measured: [7] },
    ]);
  });

  test("need a series that was measured", () => {
    expect(timeWaits(result, [logged({})])).toEqual([]);
  });
});

test("the table tells all of them below their case, with a mark where they are far apart", () => {
  const beside = (what: string, far = false) => [{ what, predicted: 1.25, measured: [1, 2], far }];
  const text = verifyText([
    {
      name: "a-1",
      passed: true,
      notes: [],
      log: beside("log", true),
      queues: beside("queue"),
      timeWaits: beside("TIME_WAIT"),
      netstat: [{ what: "TCPTimeouts", predicted: null, measured: [3], far: false }],
    },
  ]);
  expect(text.split("\n").filter((line) => line.startsWith("  "))).toEqual([
    "  log: predicted 1.3, measured 1 and 2  <- far apart",
    "  queue: predicted 1.3, measured 1 and 2",
    "  TIME_WAIT: predicted 1.3, measured 1 and 2",
    "  TCPTimeouts: predicted -, measured 3",
  ]);
});
