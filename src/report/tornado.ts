// A tornado chart for the terminal: a bar for each step, to the left what lowers a number and to the right
// what raises it, the longest first.

import pc from "picocolors";
import { printable } from "./lines.js";

export interface TornadoBar {
  label: string;
  /** Beside the label: the change with its ±. */
  value: string;
  size: number;
  finding: "good" | "bad" | "neither" | "undecided";
}

const LEAST_BARS = 16;
/** A longer label has a line of its own. */
const MOST_LABEL = 44;

/** The chart's lines, none wider than the columns unless a label is. */
export function tornado(
  bars: readonly TornadoBar[],
  { columns, colour }: { columns: number; colour: boolean },
): string[] {
  const labels = bars.map(({ label }) => printable(label));
  const valueWidth = Math.max(0, ...bars.map(({ value }) => value.length));
  const most = Math.max(8, Math.min(MOST_LABEL, columns - valueWidth - LEAST_BARS - 6));
  const width = Math.max(0, ...labels.filter(({ length }) => length <= most).map(({ length }) => length));
  const room = Math.max(LEAST_BARS, columns - width - valueWidth - 7);
  const highest = Math.max(...bars.map(({ size }) => Math.abs(size)));
  // Where nothing lowers it, the whole width is for what raises it.
  const [left, right] = sides(bars, room);
  const scale = scaleOf(bars, left, right, highest);
  const colours = pc.createColors(colour);
  const paint = { good: colours.green, bad: colours.red, neither: colours.cyan, undecided: colours.dim };
  return bars.flatMap(({ value, size, finding }, index) => {
    const label = labels[index] as string;
    const cells = Math.max(1, Math.round(Math.abs(size) * scale));
    const bar = (finding === "undecided" ? "░" : "█").repeat(cells);
    const [before, after] = size < 0 ? [paint[finding](bar), ""] : ["", paint[finding](bar)];
    const blanks = " ".repeat(left - (size < 0 ? cells : 0));
    const own = label.length > width;
    const begin = `  ${(own ? "" : label).padEnd(width)}  ${value.padStart(valueWidth)}  `;
    return [...(own ? [`  ${label}`] : []), `${begin}${blanks}${before}│${after}`];
  });
}

function sides(bars: readonly TornadoBar[], room: number): [number, number] {
  const lowering = Math.max(0, ...bars.map(({ size }) => -size));
  const raising = Math.max(0, ...bars.map(({ size }) => size));
  const left = Math.round((room * lowering) / Math.max(lowering + raising, Number.MIN_VALUE));
  return [left, room - left];
}

/** Columns for one unit, so that the longest bar on each side just fits. */
function scaleOf(bars: readonly TornadoBar[], left: number, right: number, highest: number): number {
  if (highest === 0) return 0;
  const per = (side: number, room: number) =>
    side > 0 ? Math.max(1, room) / side : Number.POSITIVE_INFINITY;
  return Math.min(
    per(Math.max(0, ...bars.map(({ size }) => -size)), left),
    per(Math.max(0, ...bars.map(({ size }) => size)), right),
  );
}
