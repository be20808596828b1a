// A trace: requests that were recorded.
//
// Modelled: times of sending, and the service and processor times that the requests bring along.
// Not modelled: what became of them when they were recorded.

import { SettingError } from "../../src/component/setting-error.js";
import { readTable, secondsColumn } from "../../src/component/table.js";
import type { Table } from "../../src/component/world.js";
import { fromSeconds } from "../../src/engine/time.js";
import type { Arrivals } from "./arrivals.js";

/** Times of arrivals: no further request. */
export const NO_MORE = -1;
/** A request brings no such time along. */
export const NONE = -1;

/** Columns of a trace, in seconds. */
export interface Trace {
  sent: Float64Array;
  service: Float64Array | undefined;
  cpu: Float64Array | undefined;
}

/** The trace of phase number `index`. Throws a SettingError for what no run could use. */
export function readTrace(
  file: string,
  read: (file: string) => Table,
  population: string | undefined,
  index: number,
): Trace {
  const use = { file, path: [population ?? "clients", "arrivals", index, "file"] };
  const table = readTable(read, use);
  const sent = secondsColumn(table, "sent_s", use);
  if (!sent) throw new SettingError(use.path, `${file}: expected a column "sent_s", got none`);
  return { sent, service: secondsColumn(table, "service_s", use), cpu: secondsColumn(table, "cpu_s", use) };
}

export function traceArrivals({ sent, service, cpu }: Trace, startNs: number): Arrivals {
  const order = Array.from(sent.keys()).sort((one, other) => (sent[one] as number) - (sent[other] as number));
  let index = -1;
  const timeNs = (at: number) => startNs + fromSeconds(sent[order[at] as number] as number);
  const brought = (column: Float64Array | undefined) =>
    column ? fromSeconds(column[order[index] as number] as number) : NONE;
  return {
    next: () => (++index < order.length ? timeNs(index) : NO_MORE),
    serviceNs: () => brought(service),
    cpuNs: () => brought(cpu),
    endNs: () => (order.length === 0 ? startNs : timeNs(order.length - 1)),
  };
}
