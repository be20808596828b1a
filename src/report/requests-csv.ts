// The requests file: one row a request, so that a prediction can be joined with a measurement of the same
// form.

import { csvFormatRow } from "d3-dsv";
import { SECOND } from "../engine/time.js";

/** What became of one request. Times in whole nanoseconds, `sentNs` from the start of the run. */
export interface RequestRecord {
  replication: number;
  id: number;
  sentNs: number;
  /** How long the application works or sleeps for it. */
  serviceNs: number;
  /** Processor time of the application; undefined, in all requests of a file, if it takes none. */
  cpuNs?: number;
  /** HTTP status; 0 if no answer came, and then `error` says why. */
  status: number;
  /** `client-timeout`, `closed`, `ECONNRESET` ..., or empty. */
  error: string;
  latencyNs: number;
  /** Id of the cause of its failure, or empty. */
  cause: string;
}

/** First line of a requests file, without its newline. */
export function requestsHeader({ hasCpu }: { hasCpu: boolean }): string {
  return `replication,id,sent_s,service_s,${hasCpu ? "cpu_s," : ""}status,error,latency_s,cause`;
}

/** One line of a requests file, without its newline, quoted as RFC 4180 says. */
export function requestRow(request: RequestRecord): string {
  const { replication, id, sentNs, serviceNs, cpuNs, status, error, latencyNs, cause } = request;
  return csvFormatRow([
    String(replication),
    String(id),
    secondsText(sentNs),
    secondsText(serviceNs),
    ...(cpuNs === undefined ? [] : [secondsText(cpuNs)]),
    String(status),
    error,
    secondsText(latencyNs),
    cause,
  ]);
}

/** Whole nanoseconds in seconds, exactly: no division, so no digit is lost at 104 days either. */
function secondsText(ns: number): string {
  if (!Number.isSafeInteger(ns) || ns < 0)
    throw new Error(`A time must be whole nanoseconds from 0 on, got ${ns}.`);
  const rest = ns % SECOND;
  const whole = (ns - rest) / SECOND;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
}
