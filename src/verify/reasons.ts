// Right shares for wrong reasons are wrong: causes beside nginx's error log, queue lengths beside ss.

import type { LevelSeries, Result } from "../run/result.js";
import type { MeasuredRecord } from "./measured.js";

/** A number that was predicted and measured. */
export interface Beside {
  what: string;
  predicted: number;
  /** Of each measured run. */
  measured: number[];
}

/**
 * What nginx writes when a request fails for these causes (src/event/ngx_event_connect.c,
 * ngx_http_upstream.c).
 */
const LOG_LINES: { line: RegExp; what: string; causes: string[] }[] = [
  {
    line: /connect\(\) .*\(11: /,
    what: "connect() failed (11: Resource temporarily unavailable)",
    causes: ["unix-accept-queue-full"],
  },
  {
    line: /upstream timed out .* while reading response header/,
    what: "upstream timed out while reading response header",
    causes: ["read-timeout-queued", "read-timeout-running"],
  },
  {
    line: /connect\(\) .*\((2|111): /,
    what: "connect() failed (2 or 111): nobody listens",
    causes: ["nobody-listens"],
  },
  {
    line: /\[alert\].*worker_connections are not enough while connecting/,
    what: "worker_connections are not enough while connecting to upstream",
    causes: ["worker-connections-upstream"],
  },
  {
    line: /\[alert\].*worker_connections are not enough$/,
    what: "worker_connections are not enough",
    causes: ["worker-connections-client"],
  },
];

/** Failures by what nginx logs, and errors in the log that no cause explains. */
export function logLines(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  const count = (record: MeasuredRecord, matches: (line: string) => boolean) =>
    Object.entries(record.nginx_error_log)
      .filter(([line]) => matches(line))
      .reduce((sum, [, times]) => sum + times, 0);
  const known = LOG_LINES.map(({ line, what, causes }) => ({
    what,
    predicted: result.causes
      .filter(({ id }) => causes.includes(id))
      .reduce((sum, cause) => sum + cause.count, 0),
    measured: records.map((record) => count(record, (text) => line.test(text))),
  }));
  const others = {
    what: "other errors",
    predicted: 0,
    measured: records.map((record) => count(record, (text) => isError(text) && !isKnown(text))),
  };
  return [...known, others].filter(
    ({ predicted, measured }) => predicted > 0 || measured.some((times) => times > 0),
  );
}

function isKnown(text: string): boolean {
  return LOG_LINES.some(({ line }) => line.test(text));
}

function isError(text: string): boolean {
  return /^\[(error|crit|alert|emerg)\]/.test(text);
}

/**
 * Highest and mean length of each accept queue that both know. ss looks twice a second, so its highest may
 * miss some.
 */
export function queueLengths(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  return result.series.levels
    .filter(({ name }) => name.startsWith("accept queue of "))
    .flatMap((level) => {
      const measured = records.flatMap((record) => {
        const queue = Object.entries(record.series.recv_q).find(([address]) => isSame(level, address));
        return queue ? [{ lengths: queue[1], t_s: record.series.t_s }] : [];
      });
      if (measured.length === 0) return [];
      const highest = measured.map(({ lengths }) => Math.max(...lengths));
      const means = measured.map(({ lengths }) => mean(lengths));
      const predictedMeans = measured.map(({ t_s }) =>
        mean(t_s.map((second) => levelAt(level, result, second))),
      );
      return [
        { what: `${level.name}: highest`, predicted: level.peak.value, measured: highest },
        { what: `${level.name}: mean`, predicted: mean(predictedMeans), measured: means },
      ];
    });
}

/** ss shortens a socket's directory to @ in these records. */
function isSame(level: LevelSeries, address: string): boolean {
  const file = address.startsWith("@") ? `/${address.slice(1)}` : address;
  return level.name.endsWith(file);
}

function levelAt(level: LevelSeries, { series }: Result, second: number): number {
  return level.mean[Math.floor(second / series.step_s)] ?? 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
