// The charts of chapter 3: fifty seeds as dots, and the accept queue of each over time.

import * as Plot from "@observablehq/plot";
import { BAD, type Chart, chart, FAINT, GOOD, THEORY } from "./chart.js";
import type { Run } from "./collapse.js";

const STRIPS = ["in the whole run", "in its last fifth"] as const;
/** Dots stand in columns, so many to a bin of this many percent. */
const BIN_PERCENT = 5;

interface Dot {
  run: Run;
  strip: string;
  percent: number;
  /** Where it is drawn. */
  x: number;
  row: number;
}

/** One dot a run, heaped up in bins. */
function heaped(runs: Run[], strip: string, columns: number, share: (run: Run) => number): Dot[] {
  const heights = new Map<number, number>();
  const sorted = [...runs].sort((one, other) => share(one) - share(other));
  return sorted.map((run) => {
    const percent = 100 * share(run);
    const bin = Math.min(Math.floor(percent / BIN_PERCENT), 100 / BIN_PERCENT - 1);
    const before = heights.get(bin) ?? 0;
    heights.set(bin, before + 1);
    const x = BIN_PERCENT * (bin + ((before % columns) + 0.5) / columns);
    return { run, strip, percent, x, row: Math.floor(before / columns) + 0.5 };
  });
}

interface Seeds {
  runs: Run[];
  mean: { low: number; value: number; high: number };
  /** The chosen one. */
  seed: number;
  width: number;
  /** Is told the seed of a dot that is clicked. */
  pick: (seed: number) => void;
}

/** Two strips with a dot for each run. */
export function seedChart({ runs, mean, seed, width, pick }: Seeds): Chart {
  const columns = width < 500 ? 3 : 4;
  const dots = [
    ...heaped(runs, STRIPS[0], columns, ({ failing }) => failing),
    ...heaped(runs, STRIPS[1], columns, ({ failingAtEnd }) => failingAtEnd),
  ];
  const rows = Math.max(6, ...dots.map(({ row }) => row + 0.5));
  const dotPx = ((width - 2 * SIDE_PX) / (100 / BIN_PERCENT) / columns) * 0.94;
  const collapsed = runs.filter((run) => run.hasCollapsed).length;
  const place = { x: "x", y: "row", fy: "strip" } as const;
  const made = chart({
    width,
    height: 2 * rows * dotPx + 140,
    marginTop: 10,
    marginRight: SIDE_PX,
    marginLeft: SIDE_PX,
    x: { label: "requests that fail (%) →", domain: [0, 100], ticks: 10 },
    y: { domain: [0, rows + 1.5], axis: null },
    fy: { domain: STRIPS, axis: null, padding: 0.08 },
    ariaLabel:
      `${runs.length} runs by their share of failures. ${runs.length - collapsed} hold and stand near 0 %; ` +
      `the other ${collapsed} have collapsed. The mean is ${(100 * mean.value).toFixed(0)} %.`,
    marks: [
      Plot.rectX([mean], {
        ...{ fy: [STRIPS[0]], x1: 100 * mean.low, x2: 100 * mean.high, fill: THEORY, fillOpacity: 0.1 },
      }),
      Plot.ruleX([100 * mean.value], { fy: [STRIPS[0]], stroke: THEORY, strokeDasharray: "5,4" }),
      Plot.text([`mean ± of ${runs.length} runs`], {
        ...{ fy: [STRIPS[0]], x: 100 * mean.high, frameAnchor: "top", textAnchor: "start", dx: 6, dy: 22 },
        fill: THEORY,
      }),
      Plot.text(STRIPS, { fy: STRIPS, text: STRIPS, frameAnchor: "top-right", dy: 4, fontWeight: 600 }),
      Plot.ruleY(STRIPS, { fy: STRIPS, y: 0, stroke: FAINT }),
      Plot.dot(dots, {
        ...{ ...place, fill: colourOf, r: dotPx / 2 - 0.5, className: "seed" },
        stroke: ({ run }: Dot) => (run.seed === seed ? "var(--theme-foreground)" : "none"),
        strokeWidth: 2,
      }),
      Plot.tip(
        dots,
        Plot.pointer({
          ...place,
          title: ({ run, percent }: Dot) => `seed ${run.seed}: ${percent.toFixed(1)} %`,
        }),
      ),
    ],
  });
  made.addEventListener("click", (event) => {
    const nearest = nearestCircle(made.querySelectorAll(".seed circle"), event as MouseEvent);
    const dot = nearest === undefined ? undefined : dots[nearest];
    if (dot) pick(dot.run.seed);
  });
  return made;
}

/** A finger is wider than a dot; and circles are drawn in the order of their data. */
const REACH_PX = 20;

function nearestCircle(circles: Iterable<Element>, { clientX, clientY }: MouseEvent): number | undefined {
  let [nearest, distance]: [number | undefined, number] = [undefined, REACH_PX];
  for (const [index, circle] of [...circles].entries()) {
    const { left, right, top, bottom } = circle.getBoundingClientRect();
    const own = Math.hypot(clientX - (left + right) / 2, clientY - (top + bottom) / 2);
    if (own < distance) [nearest, distance] = [index, own];
  }
  return nearest;
}

const SIDE_PX = 16;

function colourOf({ run }: { run: Run }): string {
  return run.hasCollapsed ? BAD : GOOD;
}

/** The accept queue of every run over time, the chosen one in front. */
export function queueChart({ runs, seed, width }: { runs: Run[]; seed: number; width: number }): Chart {
  const lines = runs.flatMap((run) =>
    run.queue.map((connections, step) => ({
      run,
      seed: run.seed,
      second: (step + 0.5) * run.stepS,
      connections,
    })),
  );
  const chosen = lines.filter((at) => at.seed === seed);
  const isBad = runs.find((run) => run.seed === seed)?.hasCollapsed;
  return chart({
    width,
    height: 280,
    x: { label: "time (s) →", domain: [0, 140] },
    y: { label: "↑ connections in gunicorn's accept queue", grid: true, nice: true },
    ariaLabel:
      `The accept queue over two minutes, one line a run. Seed ${seed} ` +
      (isBad ? "fills up and does not drain while requests come." : "stays near empty."),
    marks: [
      Plot.ruleY([0]),
      Plot.line(lines, {
        x: "second",
        y: "connections",
        z: "seed",
        stroke: colourOf,
        strokeOpacity: 0.22,
        strokeWidth: 1,
      }),
      Plot.areaY(chosen, { x: "second", y: "connections", fill: colourOf, z: null, fillOpacity: 0.15 }),
      Plot.line(chosen, { x: "second", y: "connections", z: null, stroke: colourOf, strokeWidth: 2.5 }),
    ],
  });
}
