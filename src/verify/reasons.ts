// Right shares for wrong reasons are wrong: causes beside nginx's error log, the kernel's counters beside
// nstat, and levels over time beside ss.

import type { LevelSeries, Result } from "../run/result.js";
import { errorLines, isUnknownError } from "./log-lines.js";
import type { MeasuredRecord } from "./measured.js";

/** A number that was predicted and measured. */
export interface Beside {
  what: string;
  predicted: number;
  /** Of each measured run. */
  measured: number[];
}

/**
 * Failures by what nginx logs, and errors in the log that no cause explains. Lines that share a cause which
 * happened are compared by their sum: a full accept queue is a connect() that timed out for one request and a
 * read that did for another. A cause is that of a request's last attempt, while nginx logs every attempt.
 */
export function logLines(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  if (records.length === 0) return [];
  const happened = result.causes.filter(({ count }) => count > 0);
  const known = errorLines(happened.map(({ id }) => id)).map(({ lines, causes }): Beside => {
    const measured = records.map((record) =>
      count(record, (text) => lines.some(({ form }) => form.test(text))),
    );
    const logged = lines.filter(({ form }) =>
      records.some((record) => count(record, (text) => form.test(text))),
    );
    const named = logged.length > 0 ? logged : lines;
    return {
      what: named.map(({ what }) => what).join(" + "),
      predicted: happened.filter(({ id }) => causes.has(id)).reduce((sum, cause) => sum + cause.count, 0),
      measured,
    };
  });
  const others = {
    what: "other errors",
    predicted: 0,
    measured: records.map((record) => count(record, isUnknownError)),
  };
  return [...known, others].filter(isTold);
}

function count(record: MeasuredRecord, matches: (line: string) => boolean): number {
  return Object.entries(record.nginx_error_log)
    .filter(([line]) => matches(line))
    .reduce((sum, [, times]) => sum + times, 0);
}

function isTold({ predicted, measured }: Beside): boolean {
  return predicted > 0 || measured.some((value) => value > 0);
}

/** The kernel's counters that both know; those of the measured machine count its clients' sockets too. */
export function netstatCounters({ netstat }: Result, records: readonly MeasuredRecord[]): Beside[] {
  return Object.entries(netstat)
    .filter(([name]) => records.length > 0 && records.every((record) => record.netstat?.[name] !== undefined))
    .map(([name, { value }]) => ({
      what: name,
      predicted: value,
      measured: records.map((record) => record.netstat?.[name] as number),
    }))
    .filter(isTold);
}

/**
 * Highest and mean length of each accept queue that both know. ss looks twice a second, so its highest may
 * miss some.
 */
export function queueLengths(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  return levels(result, "accept queue of ").flatMap((level) =>
    overTime(
      level,
      result,
      records.flatMap(({ series: { recv_q, t_s } }) => {
        const queue = Object.entries(recv_q).find(([address]) => isSame(level, address));
        return queue ? [{ values: queue[1], t_s }] : [];
      }),
    ),
  );
}

/** Highest and mean number of sockets in TIME_WAIT: ss sees those of the clients too. */
export function timeWaits(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  return levels(result, "TIME_WAIT sockets of ").flatMap((level) =>
    overTime(
      level,
      result,
      records.flatMap(({ series: { time_wait, t_s } }) => (time_wait ? [{ values: time_wait, t_s }] : [])),
    ),
  );
}

function levels({ series }: Result, start: string): LevelSeries[] {
  return series.levels.filter(({ name }) => name.startsWith(start));
}

function overTime(
  level: LevelSeries,
  result: Result,
  measured: readonly { values: readonly number[]; t_s: readonly number[] }[],
): Beside[] {
  const seen = measured.filter(({ values }) => values.length > 0);
  if (seen.length === 0) return [];
  const predicted = seen.map(({ t_s }) => mean(t_s.map((second) => levelAt(level, result, second))));
  return [
    {
      what: `${level.name}: highest`,
      predicted: level.peak.value,
      measured: seen.map(({ values }) => Math.max(...values)),
    },
    {
      what: `${level.name}: mean`,
      predicted: mean(predicted),
      measured: seen.map(({ values }) => mean(values)),
    },
  ];
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
