// Reads requests files: what became of each request, one row a request. Times in the file are seconds.

import { csvParseRows } from "d3-dsv";
import { fromSeconds } from "../engine/time.js";
import { type Place, type Source, unexpected } from "./note.js";

/** One request of a recorded or predicted run. */
export interface RequestRow {
  /** Of a prediction; 0 where the file has no such column. */
  replication: number;
  id: number;
  sentNs: number;
  /** How long the application slept for it. */
  serviceNs: number;
  /** Processor time of the application; 0 where the file has no such column. */
  cpuNs: number;
  /** HTTP status, or 0 if there was no answer. */
  status: number;
  /** Why there was no answer: `client-timeout`, `closed`, `ECONNRESET` …; empty if there was one. */
  error: string;
  latencyNs: number;
  /** Of a prediction; empty where the file has no such column. */
  cause: string;
}

const REQUIRED = ["id", "sent_s", "service_s", "status", "error", "latency_s"] as const;
const OPTIONAL = ["replication", "cpu_s", "cause"] as const;
type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

const NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Reads a whole file. Columns may come in any order. Throws an ImportError with file and line. */
export function parseRequestsCsv({ file, text }: Source): RequestRow[] {
  const [header, ...rows] = csvParseRows(text);
  const columns = columnsOf(header ?? [], { file, line: 1 });
  return rows
    .map((row, index) => ({ row, place: { file, line: index + 2 } }))
    .filter(({ row }) => row.length > 1 || row[0] !== "")
    .map(({ row, place }) => requestRow(row, columns, header?.length ?? 0, place));
}

function columnsOf(header: string[], place: Place): Map<string, number> {
  const columns = new Map(header.map((name, index) => [name.trim().replace(/^\uFEFF/, ""), index]));
  const missing = REQUIRED.filter((name) => !columns.has(name));
  if (missing.length > 0)
    throw unexpected(place, "", `columns ${REQUIRED.join(",")}`, `no ${missing.join(", ")}`);
  const known: readonly string[] = [...REQUIRED, ...OPTIONAL];
  const unknown = [...columns.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw unexpected(place, "", `columns among ${known.join(",")}`, `"${unknown}"`);
  return columns;
}

function requestRow(row: string[], columns: Map<string, number>, width: number, place: Place): RequestRow {
  if (row.length !== width) throw unexpected(place, "", `${width} fields`, String(row.length));
  const field = (name: Column): string | undefined => {
    const index = columns.get(name);
    return index === undefined ? undefined : row[index];
  };
  const number = (name: Column): number => {
    const text = field(name);
    if (text === undefined) return 0;
    if (NUMBER.test(text)) return Number(text);
    throw unexpected(place, name, "a number of at least 0", `"${text}"`);
  };
  const status = number("status");
  const error = field("error") as string;
  if ((status === 0) === (error === "")) {
    throw unexpected(
      place,
      "status",
      "either an HTTP status or 0 with an error",
      `${status} with "${error}"`,
    );
  }
  return {
    replication: number("replication"),
    id: number("id"),
    sentNs: fromSeconds(number("sent_s")),
    serviceNs: fromSeconds(number("service_s")),
    cpuNs: fromSeconds(number("cpu_s")),
    status,
    error,
    latencyNs: fromSeconds(number("latency_s")),
    cause: field("cause") ?? "",
  };
}
