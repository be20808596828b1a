// The objective that binds, against the knob, with its limit.

import type { Capacity } from "../run/capacity-result.js";
import { knobValue } from "./capacity-values.js";
import { chart } from "./chart.js";
import { type TextOptions, wrap } from "./lines.js";

/** A steep curve is drawn up to so many times its limit. */
const MOST_TIMES = 4;
const POINTS = 240;

/** Empty if no objective has two estimates. */
export function capacityChart(capacity: Capacity, options: TextOptions): string[] {
  const { answer, objectives, probes, knob } = capacity;
  const binding = answer?.failing[0] ?? 0;
  const objective = objectives[binding];
  if (!objective) return [];
  const scale = objective.unit === "share" ? 100 : 1;
  const limit = objective.limit * scale;
  const most = objective.op.startsWith("<") ? MOST_TIMES * limit : Infinity;
  const points = probes.flatMap(({ value, objectives: judged }) => {
    const estimate = judged[binding]?.estimate;
    return estimate ? [{ value, level: estimate.value * scale }] : [];
  });
  const shown = around(points, most);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last || first === last) return [];
  const place = places(first.value, last.value);
  const values = Array.from({ length: POINTS }, (_, index) => {
    const level = levelAt(shown, place.value((index + 0.5) / POINTS));
    return level > most ? Number.NaN : level;
  });
  const unit = { share: "%", s: "s", "1/s": "a second", "1": "" }[objective.unit];
  const isCut = shown.some(({ level }) => level > most);
  const cut = isCut ? `, drawn up to ${MOST_TIMES} times its limit` : "";
  const what = `${objective.metric}${unit && ` in ${unit}`} against ${knob.key}`;
  const title = `${what}, limit ${Number(limit.toPrecision(6))}${cut}`;
  const below = (width: number, margin: number) =>
    axis(first.value, last.value, capacity, place.of, width, margin);
  // Not quite a whole number, so that there are eight rows for it, of which the limit is one.
  const to = isCut ? most * (1 + 1e-6) : limit;
  const drawn = chart(
    { values, step_s: 1, resample: "mean", from: 0, mark: limit, to, below },
    { ...options, height: 2 * MOST_TIMES + 1 },
  );
  return [...wrap(title, options.columns, 2), ...drawn];
}

interface Point {
  value: number;
  level: number;
}

/** Without what lies beyond two neighbours that are too high. */
function around(points: readonly Point[], most: number): Point[] {
  const isHigh = (index: number) => (points[index]?.level ?? Infinity) > most;
  return points.filter((_, index) => !isHigh(index) || !isHigh(index - 1) || !isHigh(index + 1));
}

/** By factors, as the values were tried. */
function places(from: number, to: number) {
  const byFactors = from > 0;
  return {
    of: (value: number) =>
      byFactors ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from),
    value: (place: number) => (byFactors ? from * (to / from) ** place : from + place * (to - from)),
  };
}

function levelAt(points: readonly Point[], value: number): number {
  const next = points.findIndex((point) => point.value >= value);
  const [before, after] = [points[next - 1], points[next]];
  if (!before || !after) return after?.level ?? (points.at(-1) as Point).level;
  const part = (value - before.value) / (after.value - before.value);
  return before.level + part * (after.level - before.level);
}

/** The rule with a tick at the answer; below it the ends, and the answer where there is room between them. */
function axis(
  from: number,
  to: number,
  { answer, knob }: Capacity,
  place: (value: number) => number,
  width: number,
  margin: number,
): string[] {
  const rule = new Array<string>(width).fill("─");
  const labels = new Array<string>(width).fill(" ");
  const put = (text: string, column: number) => {
    const start = Math.max(0, Math.min(width - text.length, column));
    const room = labels.slice(Math.max(0, start - 1), start + text.length + 1);
    if (room.every((cell) => cell === " ")) labels.splice(start, text.length, ...text);
  };
  if (answer && answer.value >= from && answer.value <= to) {
    const column = Math.min(width - 1, Math.floor(place(answer.value) * width));
    rule[column] = "┴";
    const text = knobValue(answer.value, knob.kind);
    put(text, column - Math.floor(text.length / 2));
  }
  put(knobValue(from, knob.kind), 0);
  put(knobValue(to, knob.kind), width);
  const indent = " ".repeat(margin + 1);
  return [`${indent}└${rule.join("")}`, `${indent} ${labels.join("").slice(0, width).trimEnd()}`];
}
