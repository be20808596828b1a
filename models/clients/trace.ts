// Requests at recorded times.
//
// Modelled: the times of sending, in their order, whatever the order of the file; the service and processor
// times that go with them. Not modelled: their routes and addresses, which are drawn.

import { SettingError } from "../../src/component/setting-error.js";
import { readTable, secondsColumn } from "../../src/component/table.js";
import type { Table } from "../../src/component/world.js";
import { fromSeconds } from "../../src/engine/time.js";
import { type Arrivals, NO_MORE } from "./arrival-process.js";

/** Columns of a trace, in seconds. */
interface Trace {
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
  // Processor time is part of what a request brings along, if it brings anything.
  const service = secondsColumn(table, "service_s", use);
  return { sent, service, cpu: service && secondsColumn(table, "cpu_s", use) };
}

export function traceArrivals({ sent, service, cpu }: Trace, startNs: number): Arrivals {
  const order = Array.from(sent.keys()).sort((one, other) => (sent[one] as number) - (sent[other] as number));
  const state = { startNs, index: -1 };
  const timeNs = (at: number) => state.startNs + fromSeconds(sent[order[at] as number] as number);
  const brought = (column: Float64Array) => fromSeconds(column[order[state.index] as number] as number);
  const due = () => (state.index < order.length ? timeNs(state.index) : NO_MORE);
  return {
    next() {
      state.index++;
      return due();
    },
    changed: due,
    restart(fromNs) {
      state.startNs = fromNs;
      state.index = -1;
    },
    ...(service && { serviceNs: () => brought(service) }),
    ...(cpu && { cpuNs: () => brought(cpu) }),
    endNs: () => (order.length === 0 ? state.startNs : timeNs(order.length - 1)),
  };
}
