// Right shares for wrong reasons are wrong: causes beside nginx's error log, the kernel's counters beside
// nstat, and levels over time beside ss.

import type { LevelSeries, Result } from "../run/result.js";
import { besideEachOther, type Compared, type Looks, type Predicted } from "./levels.js";
import { errorLines, isUnknownError, TOLD_ONLY } from "./log-lines.js";
import type { MeasuredRecord } from "./measured.js";

/** A number that was predicted and measured. */
export interface Beside {
  what: string;
  /** Null for what the models do not count. */
  predicted: number | null;
  /** Of each measured run. */
  measured: number[];
  /** They disagree by more than chance explains: see `isFarApart`. */
  far: boolean;
}

/** Standard deviations of a Poisson count that may be chance. */
const CHANCE = 3;
/** What rounding leaves of a mean count. */
const NEGLIGIBLE = 1e-6;
/** Of what was measured. */
const LEAST_SHARE = 0.25;

/**
 * Grossly different: by more than the measured runs differ, than a quarter of what was measured, and than
 * three standard deviations of a count of that size.
 */
function isFarApart(predicted: number, measured: readonly number[]): boolean {
  const middle = mean(measured);
  const spread = Math.max(...measured) - Math.min(...measured);
  const chance = CHANCE * Math.sqrt(Math.max(predicted, middle));
  return Math.abs(predicted - middle) > Math.max(spread, LEAST_SHARE * middle, chance);
}

function beside(what: string, predicted: number | null, measured: number[]): Beside {
  return { what, predicted, measured, far: predicted !== null && isFarApart(predicted, measured) };
}

/**
 * Failures by what nginx logs, and errors in the log that no cause explains. Lines that share a cause which
 * happened are compared by their sum: a full accept queue is a connect() that timed out for one request and a
 * read that did for another. A cause is that of a request's last attempt, while nginx logs every attempt.
 * `unlogged` are failures, by cause, of which nginx knows nothing.
 */
export function logLines(
  result: Result,
  records: readonly MeasuredRecord[],
  unlogged: Readonly<Record<string, number>> = {},
): Beside[] {
  if (records.length === 0) return [];
  const happened = loggedCauses(result, unlogged);
  const counts = (matches: (line: string) => boolean) => records.map((record) => count(record, matches));
  const known = errorLines(happened.map(({ id }) => id)).map(({ lines, causes }): Beside => {
    const logged = lines.filter(({ form }) => counts((text) => form.test(text)).some((times) => times > 0));
    const named = logged.length > 0 ? logged : lines;
    const failed = happened.filter(({ id }) => causes.has(id)).reduce((sum, cause) => sum + cause.count, 0);
    const statuses = lines.reduce((sum, { status }) => sum + countOf(result, status), 0);
    return beside(
      named.map(({ what }) => what).join(" + "),
      failed + statuses,
      counts((text) => lines.some(({ form }) => form.test(text))),
    );
  });
  const only = TOLD_ONLY.map(({ form, what }) =>
    beside(
      what,
      null,
      counts((text) => form.test(text)),
    ),
  );
  return [...known, ...only, beside("other errors", 0, counts(isUnknownError))].filter(isTold);
}

/** How often each cause is one for nginx. */
function loggedCauses({ causes }: Result, unlogged: Readonly<Record<string, number>>) {
  const ids = [...new Set(causes.map(({ id }) => id))];
  const countOfAll = (id: string) =>
    causes.filter((cause) => cause.id === id).reduce((sum, cause) => sum + cause.count, 0);
  return ids
    .map((id) => ({ id, count: countOfAll(id) - (unlogged[id] ?? 0) }))
    .filter(({ count }) => count > NEGLIGIBLE);
}

/** How often nginx logs a status that it gives for one reason only. */
function countOf({ nginx }: Result, status: string | undefined): number {
  return status === undefined ? 0 : (nginx[status]?.count ?? 0);
}

function count(record: MeasuredRecord, matches: (line: string) => boolean): number {
  return Object.entries(record.nginx_error_log)
    .filter(([line]) => matches(line))
    .reduce((sum, [, times]) => sum + times, 0);
}

function isTold({ predicted, measured }: Beside): boolean {
  return (predicted ?? 0) > 0 || measured.some((value) => value > 0);
}

/** The kernel's counters. */
export function netstatCounters({ netstat }: Result, records: readonly MeasuredRecord[]): Beside[] {
  const [first] = records;
  if (!first) return [];
  return Object.keys(first.netstat ?? {})
    .filter((name) => records.every((record) => record.netstat?.[name] !== undefined))
    .map((name) => {
      return beside(
        name,
        netstat[name]?.value ?? null,
        records.map((record) => record.netstat?.[name] as number),
      );
    })
    .filter(isTold);
}

/** Length of each accept queue that both know. */
export function queueLengths(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  return levels(result, "accept queue of ").flatMap((level) => {
    const looks = records.flatMap(({ series: { recv_q, t_s } }) => {
      const queue = Object.entries(recv_q).find(([address]) => isSame(level, address));
      return queue ? [{ values: queue[1], t_s }] : [];
    });
    const predicted = { values: level.mean, highest: level.peak.value, isOverAtEnd: true };
    return overTime(level.name, { ...predicted, step_s: result.series.step_s }, looks);
  });
}

/** Sockets in TIME_WAIT on the whole machine. */
export function timeWaits(result: Result, records: readonly MeasuredRecord[]): Beside[] {
  const { step_s } = result.series;
  const own = levels(result, "TIME_WAIT sockets of ");
  const steps = Math.max(0, ...result.series.levels.map((level) => level.mean.length));
  const all = (key: "mean" | "max") =>
    Array.from({ length: steps }, (_, step) => own.reduce((sum, level) => sum + (level[key][step] ?? 0), 0));
  const looks = records.flatMap(({ series: { time_wait, t_s } }) =>
    time_wait ? [{ values: time_wait, t_s }] : [],
  );
  const predicted = { values: all("mean"), highest: Math.max(0, ...all("max")), isOverAtEnd: false };
  return overTime("TIME_WAIT sockets", { ...predicted, step_s }, looks);
}

function levels({ series }: Result, start: string): LevelSeries[] {
  return series.levels.filter(({ name }) => name.startsWith(start));
}

function overTime(name: string, predicted: Predicted, looks: readonly Looks[]): Beside[] {
  const compared = besideEachOther(predicted, looks);
  if (!compared) return [];
  const { highest, mean: means, farthest } = compared;
  return [
    beside(`${name}: highest`, ...pair(highest)),
    beside(`${name}: mean`, ...pair(means)),
    // The farthest of many is far by chance alone, where a queue fills or empties in an instant.
    {
      ...beside(`${name}: farthest apart, at ${farthest.second.toFixed(1)} s`, ...pair(farthest)),
      far: false,
    },
  ];
}

function pair({ predicted, measured }: Compared): [number, number[]] {
  return [predicted, measured];
}

/** ss shortens a socket's directory to @ in these records. */
function isSame(level: LevelSeries, address: string): boolean {
  const file = address.startsWith("@") ? `/${address.slice(1)}` : address;
  return level.name.endsWith(file);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
