// Results of random scenarios, with intervals.

import type { Result } from "../../src/run/result.js";
import { around, burst, cause, exact, latency, level, share } from "./fixtures.js";

/** Poisson overload with read timeouts and impatient clients: everything varies, some work is wasted. */
export function overload(): Result {
  const total = 8123.4;
  const of504 = share(1210.35, total, 44.2);
  const of502 = share(388.05, total, 31.7);
  const gone = share(21.6, total, 5.13);
  return {
    ...burst(),
    source: "prod.yaml",
    seed: "42",
    replications: 20,
    deterministic: false,
    requests: {
      total: around(total, 41.3),
      rate: around(67.695, 0.344),
      throughput: around(53.95, 0.21),
      duration_s: around(120.52, 0.31),
      attack_s: around(119.987, 0.0061),
      wait_s: around(0.533, 0.31),
      bytes_in: around(302_118, 6120),
      bytes_out: exact(0),
      success: around(0.8006, 0.0091),
    },
    outcomes: {
      "200": share(total - 1210.35 - 388.05 - 21.6, total, 70.2),
      "500": { count: 0, share: 0, low: 0, high: 0.0000184 },
      "502": of502,
      "504": of504,
      "client-timeout": gone,
    },
    nginx: {
      "200": share(total - 1210.35 - 388.05 - 21.6, total, 70.2),
      "499": gone,
      "502": of502,
      "504": of504,
    },
    errors: { EAGAIN: of502, ETIMEDOUT: of504 },
    causes: [
      cause(
        "accept-queue-full",
        "unix accept queue full (65 of 65)",
        ["gunicorn.backlog = 64"],
        3.2204,
        of502,
      ),
      cause(
        "read-timeout",
        "no answer within proxy_read_timeout",
        ["nginx.proxy_read_timeout = 5s"],
        8.11,
        of504,
      ),
      cause("client-timeout", "the client gave up", ["clients.timeout = 4.5s"], 9.7, gone),
    ],
    latencies: overloadLatencies(),
    work: { busy_s: around(470.2, 2.3), wasted_s: around(60.52, 2.2), utilisation: around(0.9796, 0.0031) },
    series: overloadSeries(),
    limits: [
      {
        text: "accept queue of unix:/run/gunicorn.sock holds 65 connections",
        settings: ["gunicorn.backlog = 64", "kernel.sysctl.net.core.somaxconn = 4096"],
      },
    ],
    warnings: [
      "kernel.cores is not set: two processors are assumed, and the application uses 0.9 of one",
      "the load of 67.7/s is above what four workers can do (54.1/s): the queue grows as long as it lasts",
    ],
  };
}

function overloadLatencies(): Result["latencies"] {
  return {
    all: latency(
      8123.4,
      [0.00041, 1.8874, 1.418, 4.61, 5.0012, 5.0021, 5.0093],
      [0.0000012, 0.062, 0.084, 0.14, 0.0004, 0.00031, 0.0032],
    ),
    answered: latency(
      8101.8,
      [0.00041, 1.8804, 1.412, 4.61, 5.0012, 5.0021, 5.0093],
      [0.0000012, 0.061, 0.083, 0.14, 0.0004, 0.00031, 0.0032],
    ),
    "200": latency(
      6503.4,
      [0.00611, 1.6204, 1.212, 3.61, 4.12, 4.81, 4.9993],
      [0.000055, 0.051, 0.073, 0.12, 0.094, 0.031, 0.00012],
    ),
    "502": latency(388.05, [0.00041, 0.00041, 0.00041, 0.00041, 0.00041, 0.00041, 0.00041]),
    "504": latency(
      1210.35,
      [5.00052, 5.001, 5.001, 5.001, 5.001, 5.0021, 5.0093],
      [0.00052, 0, 0, 0, 0, 0.00031, 0.0032],
    ),
  };
}

function overloadSeries(): Result["series"] {
  const step_s = 0.5;
  const wave = (step: number) => 60 + 50 * Math.sin(step / 9) + 12 * Math.sin(step * 2.7);
  const queue = Array.from({ length: 240 }, (_, step) => Math.max(0, Math.min(65, wave(step))));
  return {
    step_s,
    levels: [
      level("accept queue of unix:/run/gunicorn.sock", queue, around(65, 0), around(50.1, 1.9), 65),
      level(
        "busy workers",
        queue.map((held) => 3.2 + held / 90),
        around(4, 0),
        around(3.92, 0.012),
        4,
      ),
    ],
    outcomes: [
      { outcome: "200", count: queue.map((held) => 25 + held / 30) },
      { outcome: "502", count: queue.map((held) => (held >= 65 ? 4.1 : 0)) },
      { outcome: "504", count: queue.map((held) => (held > 50 ? 6 : 0.3)) },
      { outcome: "client-timeout", count: queue.map((_, step) => (step % 60 === 31 ? 1 : 0)) },
    ],
  };
}

/** Twenty million requests, one in a million refused, straight to gunicorn without nginx. */
export function rare(): Result {
  const total = 20_000_000;
  const refused = { count: 20.4, share: 1.02e-6, low: 8.1e-7, high: 1.23e-6 };
  return {
    ...burst(),
    source: "direct.yaml",
    replications: 20,
    deterministic: false,
    requests: {
      total: exact(total),
      rate: exact(200),
      throughput: around(199.99, 0.0011),
      duration_s: around(100_000.2, 0.05),
      attack_s: exact(99_999.995),
      wait_s: around(0.2, 0.05),
      bytes_in: around(39_999_959.2, 8.4),
      bytes_out: exact(0),
      success: around(0.99999898, 2.1e-7),
    },
    outcomes: {
      "200": { count: total - 20.4, share: 1 - 1.02e-6, low: 1 - 1.23e-6, high: 1 - 8.1e-7 },
      EAGAIN: refused,
    },
    nginx: {},
    errors: { EAGAIN: refused },
    causes: [
      cause(
        "accept-queue-full",
        "unix accept queue full (129 of 129)",
        ["gunicorn.backlog = 128"],
        5012.4,
        refused,
      ),
    ],
    latencies: {
      all: latency(
        total,
        [0.0001, 0.0912, 0.0691, 0.1812, 0.2402, 0.3881, 1.41],
        [0, 0.0012, 0.0013, 0.0019, 0.0013, 0.0031, 0.12],
      ),
      answered: latency(
        total - 20.4,
        [0.0005, 0.0912, 0.0691, 0.1812, 0.2402, 0.3881, 1.41],
        [0, 0.0012, 0.0013, 0.0019, 0.0013, 0.0031, 0.12],
      ),
      "200": latency(total - 20.4, [0.0005, 0.0912, 0.0691, 0.1812, 0.2402, 0.3881, 1.41]),
    },
    series: {
      step_s: 500,
      levels: [
        level(
          "accept queue of unix:/run/gunicorn.sock",
          Array.from({ length: 200 }, (_, step) => 30 + ((step * 37) % 41)),
          around(128.4, 0.9),
          around(8.2, 0.0061),
          129,
        ),
      ],
      outcomes: [
        { outcome: "200", count: new Array<number>(200).fill(100_000) },
        { outcome: "EAGAIN", count: Array.from({ length: 200 }, (_, step) => (step % 50 === 7 ? 5.1 : 0)) },
      ],
    },
    limits: [],
    warnings: [],
  };
}

/** Random, and nothing failed: the limit of what is known stands for the zero. */
export function lucky(): Result {
  const { causes: _causes, ...rest } = rare();
  return {
    ...rest,
    outcomes: {
      "200": { count: 20_000_000, share: 1, low: 1 - 9.2e-9, high: 1 },
      EAGAIN: { count: 0, share: 0, low: 0, high: 9.2e-9 },
    },
    errors: {},
    causes: [],
  };
}
