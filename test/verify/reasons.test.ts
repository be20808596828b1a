import { describe, expect, test } from "vitest";
import type { Result } from "../../src/run/result.js";
import type { MeasuredRecord } from "../../src/verify/measured.js";
import { logLines, netstatCounters, queueLengths, timeWaits } from "../../src/verify/reasons.js";
import { verifyText } from "../../src/verify/text.js";

const estimate = (value: number) => ({ value, low: value, high: value });
const causes = (counts: [id: string, count: number][]) =>
  ({ causes: counts.map(([id, count]) => ({ id, count })) }) as unknown as Result;
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
    ["no-live-upstreams", "[error] no live upstreams while connecting to upstream", "no live upstreams"],
    ["limit-req-r", '[error] limiting requests, excess: 10.180 by zone "r"', "limiting requests"],
    ["limit-conn-c", '[error] limiting connections by zone "c"', "limiting connections"],
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
      },
      { what: "connect() failed (99: Cannot assign requested address)", predicted: 1, measured: [0] },
    ]);
  });

  test("that no cause connects stay apart", () => {
    expect(
      logLines(causes([["read-timeout-running", 9]]), [logged({ [READING]: 8, [CONNECTING]: 2 })]),
    ).toEqual([
      { what: "upstream timed out while reading response header", predicted: 9, measured: [8] },
      { what: "upstream timed out while connecting", predicted: 0, measured: [2] },
    ]);
  });

  test("that nobody knows are told as other errors; warnings are none", () => {
    const records = [logged({ "[error] strange": 3, "[warn] upstream server temporarily disabled": 6 })];
    expect(logLines(causes([]), records)).toEqual([{ what: "other errors", predicted: 0, measured: [3] }]);
  });
});

test("the kernel's counters are compared where both count and anything happened", () => {
  const result = {
    netstat: {
      ListenDrops: estimate(40.5),
      TCPSynRetrans: estimate(0),
      TW: estimate(0),
      Foreign: estimate(1),
    },
  } as unknown as Result;
  const netstat = { ListenDrops: 42, TCPSynRetrans: 0, TW: 7, TCPTimeouts: 9 };
  expect(netstatCounters(result, [logged({}, { netstat }), logged({}, { netstat })])).toEqual([
    { what: "ListenDrops", predicted: 40.5, measured: [42, 42] },
    { what: "TW", predicted: 0, measured: [7, 7] },
  ]);
  expect(netstatCounters(result, [logged({})])).toEqual([]);
  expect(netstatCounters(result, [])).toEqual([]);
});

describe("levels over time", () => {
  const level = (name: string) => ({ name, mean: [1, 3], peak: estimate(4) });
  const result = {
    series: {
      step_s: 1,
      levels: [level("accept queue of unix:/run/lab/g.sock"), level("TIME_WAIT sockets of the kernel")],
    },
  } as unknown as Result;
  const series = { t_s: [0, 0.5, 1], time_wait: [0, 2, 7], recv_q: { "@g.sock": [0, 0, 3] } };

  test("have their highest and their mean at the times of ss", () => {
    // At 0, 0.5 and 1 s the predicted means are 1, 1 and 3.
    expect(queueLengths(result, [logged({}, { series })])).toEqual([
      { what: "accept queue of unix:/run/lab/g.sock: highest", predicted: 4, measured: [3] },
      { what: "accept queue of unix:/run/lab/g.sock: mean", predicted: 5 / 3, measured: [1] },
    ]);
    expect(timeWaits(result, [logged({}, { series })])).toEqual([
      { what: "TIME_WAIT sockets of the kernel: highest", predicted: 4, measured: [7] },
      { what: "TIME_WAIT sockets of the kernel: mean", predicted: 5 / 3, measured: [3] },
    ]);
  });

  test("need a series that was measured", () => {
    expect(timeWaits(result, [logged({})])).toEqual([]);
  });
});

test("the table tells all of them below their case", () => {
  const beside = (what: string) => [{ what, predicted: 1.25, measured: [1, 2] }];
  const text = verifyText([
    {
      name: "a-1",
      passed: true,
      notes: [],
      log: beside("log"),
      queues: beside("queue"),
      timeWaits: beside("TIME_WAIT"),
      netstat: beside("TW"),
    },
  ]);
  const told = text.split("\n").filter((line) => line.startsWith("  "));
  expect(told).toEqual(
    ["log", "queue", "TIME_WAIT", "TW"].map((what) => `  ${what}: predicted 1.3, measured 1 and 2`),
  );
});
