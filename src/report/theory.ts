// Queueing theory beside the simulation: one line for each quantity that theory knows.

import { SECOND } from "../engine/time.js";
import type { Result, TheoryValue, WarmUp } from "../run/result.js";
import { goText, halfWidth, printDuration, printShare, prose, spaced } from "./format.js";
import { wrap } from "./lines.js";

const LABELS: Record<TheoryValue["quantity"], string> = {
  blocked: "find no place",
  delayed: "have to wait",
  wait: "mean wait",
  sojourn: "mean sojourn",
  utilisation: "utilisation",
};

/** What the title says of the answer, its table, what z is besides chance; nothing where there is none. */
export function theoryLines({ theory, warm_up }: Result, columns: number): string[] {
  if (!theory) return [];
  const { system, source, exact, left_out, values } = theory;
  const without = exact ? "" : `, without ${left_out.join(" and ")}`;
  const what = `${exact ? "exactly" : "nearly"} ${system} in its steady state: ${source}${without}`;
  const rows = [["", "exact", "simulated", "z"], ...values.map(cells)];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const padded = (cell: string, at: number) => {
    const width = widths[at] as number;
    return at === 0 ? cell.padEnd(width) : cell.padStart(width);
  };
  const line = (row: string[]) => `  ${row.map(padded).join("  ")}`.trimEnd();
  const why = besidesChance(warm_up);
  const note = why !== undefined && values.some(hasZ) ? [`z is not chance alone: ${why}`] : [];
  return [
    ...wrap(what, columns, 4, 2),
    ...rows.map(line),
    ...note.flatMap((text) => wrap(text, columns, 4, 2)),
  ];
}

/** Why even an endless number of replications would not find the steady state's values. */
function besidesChance({ left_out_s, steady, told }: WarmUp): string | undefined {
  if (!steady) return "the run reached no steady state";
  // A short test, or a long load with a warm-up of 0s.
  return left_out_s === 0 && !told ? "the run counts from its empty start to its end" : undefined;
}

function hasZ({ z, simulated }: TheoryValue): boolean {
  return z !== null && halfWidth(simulated) > 0;
}

function cells(value: TheoryValue): string[] {
  const { quantity, exact, simulated, z } = value;
  const isTime = quantity === "wait" || quantity === "sojourn";
  const printed = isTime ? printDuration(simulated) : printShare(simulated, " %");
  const { text, spread } = isTime
    ? { text: spaced(printed.text), spread: printed.spread && spaced(printed.spread) }
    : printed;
  return [
    LABELS[quantity],
    isTime ? spaced(goText(Math.round(fiveDigits(exact * SECOND)))) : `${fiveDigits(exact * 100)} %`,
    prose({ text, spread }),
    hasZ(value) ? (z as number).toFixed(1) : "",
  ];
}

function fiveDigits(value: number): number {
  return Number(value.toPrecision(5));
}
