// What `recvq capacity` prints: the verdict, the objectives on both sides of the answer, the values tried, a
// chart.

import pc from "picocolors";
import type { Capacity, ProbedValue } from "../run/capacity-result.js";
import { capacityChart } from "./capacity-chart.js";
import { knobValue, metricText } from "./capacity-values.js";
import { capacityVerdict } from "./capacity-verdict.js";
import { countText, percentText, prose } from "./format.js";
import { printable, type TextOptions, wrap } from "./lines.js";

type Colours = ReturnType<typeof pc.createColors>;

/** The whole text, ending in a newline. */
export function capacityText(capacity: Capacity, options: TextOptions): string {
  const { columns, colour, quiet } = options;
  if (quiet) return `${wrap(capacityVerdict(capacity), Number.POSITIVE_INFINITY).join("\n")}\n`;
  const colours = pc.createColors(colour);
  const lines = [
    ...capacity.warnings.flatMap((text) => wrap(`Warning: ${text}`, columns, 2)).map(colours.yellow),
    ...wrap(capacityVerdict(capacity), columns).map(colours.bold),
    ...wrap(basis(capacity), columns).map(colours.dim),
    ...memoryLines(capacity, columns),
    "",
    ...besideAnswer(capacity, colours),
    ...causeLines(capacity, columns, colours),
    colours.bold(`Values tried (${capacity.knob.key})`),
    ...table(capacity, columns, colours),
    "",
    ...capacityChart(capacity, options),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** Where the answer comes from, what it cost, and what ± means. */
function basis(capacity: Capacity): string {
  const { source, recvq, seed, knob, replications, probes, bisection_replications: plain, answer } = capacity;
  const range = `${knobValue(knob.from, knob.kind)} to ${knobValue(knob.to, knob.kind)}`;
  const looked = `${knob.key} from ${range}${knob.assumed ? " (--within would say where to look)" : ""}`;
  // What is random has two replications at least.
  const isExact = answer?.method === "exact" || probes.every(({ replications: runs }) => runs === 1);
  if (isExact) return `${source}, recvq ${recvq}, ${looked}. Nothing here is random: exact.`;
  const made = `${countText(replications)} replications at ${probes.length} values`;
  const saved =
    plain !== null && plain > replications
      ? `; bisection with as many everywhere as beside the answer takes ${countText(plain)}`
      : "";
  const sure = percentText(capacity.confidence);
  const cost = `${made}, with the same random numbers${saved}`;
  const meaning = `± is the ${sure} interval; meets and fails ${claimText(capacity)}`;
  return `${source}, recvq ${recvq}, seed ${seed}, ${looked}: ${cost}. ${meaning}.`;
}

function claimText({ confidence }: Capacity): string {
  return `are claimed of a value where they err in ${percentText((1 - confidence) / 2)} of all cases at most`;
}

function memoryLines({ memory }: Capacity, columns: number): string[] {
  if (!memory) return [];
  const { workers, worker_bytes: each, needed_bytes: needed, total_bytes: total } = memory;
  const of = total === null ? "" : `, of ${bytesText(total)}`;
  return wrap(`${countText(workers)} workers of ${bytesText(each)} need ${bytesText(needed)}${of}.`, columns);
}

function bytesText(bytes: number): string {
  const [size, unit] = (
    [
      [2 ** 30, "GiB"],
      [2 ** 20, "MiB"],
      [2 ** 10, "KiB"],
    ] as const
  ).find(([least]) => bytes >= least) ?? [1, "B"];
  return `${Number((bytes / size).toPrecision(4))} ${unit}`;
}

/** Each objective at the values that were tried on both sides of the answer. */
function besideAnswer({ answer, probes, objectives, knob }: Capacity, colours: Colours): string[] {
  if (!answer) return [];
  const sides = [answer.inside, answer.beyond].flatMap(
    (value) => probes.find((one) => one.value === value) ?? [],
  );
  const heading = ["Objectives", ...sides.map(({ value }) => `at ${knobValue(value, knob.kind)}`)];
  const rows = objectives.map(({ text, unit }, index) => [
    printable(text),
    ...sides.map(({ objectives: judged }) => {
      const { estimate = null, finding = "undecided" } = judged[index] ?? {};
      return `${prose(metricText(estimate, unit))} ${finding}`;
    }),
  ]);
  const binding = answer.failing[0];
  return [
    ...aligned([heading, ...rows]).map((line, index) => {
      if (index === 0) return colours.bold(line);
      return `${line}${index - 1 === binding && objectives.length > 1 ? "  <- binds" : ""}`;
    }),
    "",
  ];
}

function causeLines({ causes, answer }: Capacity, columns: number, colours: Colours): string[] {
  if (causes.length === 0) return [];
  return [
    colours.bold(answer?.beyond === undefined ? "Causes of failure" : "Causes of failure beyond"),
    ...causes.flatMap(({ share, text, settings }) => {
      const percent = percentText(share).padStart(8);
      return [
        ...wrap(`${percent}  ${text}`, columns, 10),
        ...(settings.length > 0 ? wrap(settings.join(", "), columns, 12, 10) : []),
      ];
    }),
    "",
  ];
}

/** One row for each value, ascending; the last one before the answer has a mark. */
function table({ probes, objectives, knob, answer }: Capacity, columns: number, colours: Colours): string[] {
  const rows = probes.map((probe) => ({ probe, cells: cellsOf(probe) }));
  function cellsOf(probe: ProbedValue): string[] {
    const { value, replications, objectives: judged, finding, unsteady } = probe;
    return [
      `${answer?.bounded && value === answer.inside ? ">" : " "} ${knobValue(value, knob.kind)}`,
      countText(replications),
      ...judged.map(({ estimate }, index) => {
        return prose(metricText(estimate, (objectives[index] as Capacity["objectives"][number]).unit));
      }),
      `${finding === "undecided" ? "?" : finding}${unsteady ? ", unsteady" : ""}`,
    ];
  }
  const short = objectives.map(({ text, metric }) => (text.length <= MOST_HEADING ? text : metric));
  const heading = ["  value", "runs", ...short.map(printable), ""];
  const lines = aligned([heading, ...rows.map(({ cells }) => cells)]);
  const isWide = lines.some((line) => line.length > columns);
  const shown = isWide ? lines.map((line) => line.slice(0, Math.max(columns, 40))) : lines;
  return shown.map((line, index) => paintOf(rows[index - 1]?.probe, colours)(line));
}

const MOST_HEADING = 26;

function paintOf(probe: ProbedValue | undefined, colours: Colours): (text: string) => string {
  if (probe?.finding === "meets") return colours.green;
  return probe?.finding === "fails" ? colours.red : (text) => text;
}

/** Columns of text, numbers in the middle of them to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const count = rows[0]?.length ?? 0;
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || column === count - 1 ? cell.padEnd(width) : cell.padStart(width);
    });
    return cells.join("  ").trimEnd();
  });
}
