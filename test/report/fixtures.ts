// Results as a run would make them, written by hand or by the arithmetic of the case.

import type { Cause, Estimate, Latency, LevelSeries, Result, Share } from "../../src/run/result.js";

export function exact(value: number): Estimate {
  return { value, low: value, high: value };
}

export function around(value: number, half: number): Estimate {
  return { value, low: value - half, high: value + half };
}

/** `count` of `total`, the interval `half` wide on each side, in requests. */
export function share(count: number, total: number, half = 0): Share {
  return { count, share: count / total, low: (count - half) / total, high: (count + half) / total };
}

export function cause(id: string, text: string, settings: string[], first_s: number, of: Share): Cause {
  return { id, text, settings, first_s, ...of };
}

export function latency(count: number, seconds: number[], halves: number[] = []): Latency {
  const [min, mean, p50, p90, p95, p99, max] = seconds.map((value, index) =>
    around(value, halves[index] ?? 0),
  ) as [Estimate, Estimate, Estimate, Estimate, Estimate, Estimate, Estimate];
  return { count, min, mean, p50, p90, p95, p99, max };
}

export function level(
  name: string,
  values: number[],
  peak: Estimate,
  average: Estimate,
  limit?: number,
): LevelSeries {
  const series: LevelSeries = {
    name,
    mean: values,
    max: values.map(Math.ceil),
    low: values,
    high: values,
    peak,
    average,
  };
  return limit === undefined ? series : { ...series, limit };
}

const COUNTS_WHOLE = { left_out_s: 0, why: "nothing is random", steady: true, told: false };

/**
 * 200 requests in one second, 4 workers of one second, a queue of 129: 133 accepted, 67 refused. The queue
 * fills in two thirds of a second and then falls by four a second.
 */
export function burst(): Result {
  const step_s = 0.25;
  const steps = 137;
  const queue = Array.from({ length: steps }, (_, step) => {
    const t = (step + 0.5) * step_s;
    return t < 0.665 ? 200 * t - 4 : Math.max(0, 129 - 4 * Math.floor(t));
  });
  const busyAt = (second: number) => (second < 33 ? 4 : second < 34 ? 1 : 0);
  const busy = Array.from({ length: steps }, (_, step) => busyAt(step * step_s));
  const ok: number[] = Array.from({ length: steps }, (_, step) =>
    step % 4 === 0 && step >= 4 && step < 136 ? 4 : 0,
  );
  ok[136] = 1;
  const refused = new Array<number>(steps).fill(0);
  refused[2] = 17;
  refused[3] = 50;
  const of67 = share(67, 200);
  return {
    version: 1,
    recvq: "0.1.0",
    scenario: {},
    source: "scenarios/seed-rate200.yaml",
    seed: "1",
    replications: 1,
    warm_up: COUNTS_WHOLE,
    deterministic: true,
    fingerprint: "0123456789abcdef",
    requests: {
      total: exact(200),
      rate: exact(201.00503),
      throughput: exact(3.90662),
      duration_s: exact(34.045),
      attack_s: exact(0.995),
      wait_s: exact(33.05),
      bytes_in: exact(11857),
      bytes_out: exact(0),
      success: exact(0.665),
    },
    outcomes: { "200": share(133, 200), "502": of67 },
    nginx: { "200": share(133, 200), "502": of67 },
    errors: { EAGAIN: of67 },
    causes: [
      cause(
        "accept-queue-full",
        "unix accept queue full (129 of 129) at unix:/run/gunicorn.sock",
        ["kernel.sysctl.net.core.somaxconn = 128", "gunicorn.backlog = 2048"],
        0.665,
        of67,
      ),
    ],
    latencies: {
      all: latency(200, [0.0004, 11.1896, 8.7054, 27.455, 30.4, 32.41, 33.3854]),
      answered: latency(200, [0.0004, 11.1896, 8.7054, 27.455, 30.4, 32.41, 33.3854]),
      "200": latency(133, [1.0021, 16.826, 16.7, 29.4, 31.4, 32.4041, 33.3854]),
      "502": latency(67, [0.0004, 0.0004, 0.0004, 0.0004, 0.0004, 0.0004, 0.0004]),
    },
    netstat: {},
    work: { busy_s: exact(133), wasted_s: exact(0), utilisation: exact(0.9767) },
    series: {
      step_s,
      levels: [
        level("accept queue of unix:/run/gunicorn.sock", queue, exact(129), exact(63.4), 129),
        level("busy workers", busy, exact(4), exact(3.907), 4),
      ],
      outcomes: [
        { outcome: "200", count: ok },
        { outcome: "502", count: refused },
      ],
    },
    limits: [
      {
        text: "accept queue of unix:/run/gunicorn.sock holds 129 connections",
        settings: ["kernel.sysctl.net.core.somaxconn = 128", "gunicorn.backlog = 2048"],
      },
    ],
    warnings: [],
  };
}

/** Ten a second on one worker of two seconds: all succeed, after up to 18.4 s. */
export function calm(): Result {
  const step_s = 0.1;
  const steps = 200;
  const queue = Array.from({ length: steps }, (_, step) => {
    const t = (step + 0.5) * step_s;
    return t < 1 ? 10 * t - 0.5 : Math.max(0, 9 - Math.floor(t / 2));
  });
  return {
    ...burst(),
    source: "scenarios/seed-rate10.yaml",
    requests: {
      ...burst().requests,
      total: exact(10),
      rate: exact(11.1111),
      throughput: exact(0.51813),
      duration_s: exact(19.3),
      attack_s: exact(0.9),
      wait_s: exact(18.4),
      bytes_in: exact(20),
      success: exact(1),
    },
    outcomes: { "200": share(10, 10) },
    nginx: { "200": share(10, 10) },
    errors: {},
    causes: [],
    latencies: {
      all: latency(10, [2.0021, 10.2, 9.21, 16.51, 18.4, 18.4, 18.4]),
      answered: latency(10, [2.0021, 10.2, 9.21, 16.51, 18.4, 18.4, 18.4]),
      "200": latency(10, [2.0021, 10.2, 9.21, 16.51, 18.4, 18.4, 18.4]),
    },
    series: {
      step_s,
      levels: [
        level("accept queue of unix:/run/gunicorn.sock", queue, exact(9), exact(4.5), 129),
        level("busy workers", new Array<number>(steps).fill(1), exact(1), exact(1), 1),
      ],
      outcomes: [{ outcome: "200", count: queue.map((_, step) => (step % 20 === 19 ? 1 : 0)) }],
    },
  };
}

/** Nobody listens: no answer at all. */
export function deaf(): Result {
  const all = share(50, 50);
  return {
    ...burst(),
    source: "deaf.yaml",
    requests: {
      ...burst().requests,
      total: exact(50),
      rate: exact(50),
      throughput: exact(0),
      duration_s: exact(0.98),
      attack_s: exact(0.98),
      wait_s: exact(0),
      bytes_in: exact(0),
      success: exact(0),
    },
    outcomes: { ECONNREFUSED: all },
    nginx: {},
    errors: { ECONNREFUSED: all },
    causes: [
      cause("refused", "nobody listens on 127.0.0.1:8000", ["clients.target = 127.0.0.1:8000"], 0, all),
    ],
    latencies: {
      all: latency(50, [0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002]),
      ECONNREFUSED: latency(50, [0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002]),
    },
    work: { busy_s: exact(0), wasted_s: exact(0), utilisation: exact(0) },
    series: {
      step_s: 0.02,
      levels: [
        level("accept queue of 127.0.0.1:8001", new Array<number>(49).fill(0), exact(0), exact(0), 129),
      ],
      outcomes: [{ outcome: "ECONNREFUSED", count: new Array<number>(49).fill(50 / 49) }],
    },
    limits: [],
    warnings: ["clients: nobody listens on 127.0.0.1:8000; gunicorn listens on 127.0.0.1:8001"],
  };
}
