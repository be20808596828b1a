// A sweep as a table of plain values: one row a point, for spreadsheets and data frames.

import { csvFormatRows } from "d3-dsv";
import type { Sweep } from "../run/sweep-result.js";

interface Column {
  name: string;
  /** Numbers, or texts; null for what is not known. */
  type: "number" | "text";
  cells: (string | number | null)[];
}

/** Where the knobs stand; each metric with the bounds of its 95 % interval; what failed, if anything did. */
function sweepColumns({ knobs, metrics, points }: Sweep): Column[] {
  const ofKnobs = knobs.map(({ name }): Column => {
    const cells = points.map(({ changes }) => changes.find(({ knob }) => knob === name)?.value ?? null);
    const isNumber = cells.every((cell) => typeof cell === "number");
    return isNumber ? { name, type: "number", cells } : { name, type: "text", cells: cells.map(String) };
  });
  const ofMetrics = metrics.flatMap(({ name }) =>
    (["value", "low", "high"] as const).map((part): Column => {
      const cells = points.map((point) => point.metrics[name]?.[part] ?? null);
      return { name: part === "value" ? name : `${name}.${part}`, type: "number", cells };
    }),
  );
  const failed: Column = { name: "failed", type: "text", cells: points.map((one) => one.failed ?? null) };
  const ids: Column = { name: "id", type: "text", cells: points.map(({ id }) => id) };
  return [...ofKnobs, ...ofMetrics, ...(failed.cells.some((cell) => cell !== null) ? [failed] : []), ids];
}

/** With names in the first line; what is not known is an empty cell. */
export function sweepCsv(sweep: Sweep): string {
  const columns = sweepColumns(sweep);
  const rows = sweep.points.map((_, row) => columns.map(({ cells }) => String(cells[row] ?? "")));
  const names = columns.map(({ name }) => name);
  return `${csvFormatRows([names, ...rows])}\n`;
}

/** As Parquet: numbers are DOUBLE, texts STRING, what is not known is null. */
export async function sweepParquet(sweep: Sweep): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const columnData = sweepColumns(sweep).map(({ name, type, cells }) => {
    return { name, data: cells, type: type === "number" ? ("DOUBLE" as const) : ("STRING" as const) };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
