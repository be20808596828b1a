// Which knobs are turned, and to what: those that the limits of a result name come first, and settings that
// bound each other are also turned together.

import { type Assignments, assignment, type Knob } from "../scenario/knobs.js";
import type { Limit } from "./result.js";

/** A knob, or several that bound each other, and the changes that are tried. */
export interface Turn {
  knobs: Knob[];
  /** A limit of the result names it. */
  binds: boolean;
  /** The setting that decides whatever this one is: `net.core.somaxconn = 128 (default of linux-4.15)`. */
  boundBy(assignments: Assignments): string | null;
  tried: Assignments[];
  /** The user has named it, with its values: what is refused is a mistake. */
  isNamed: boolean;
}

/** In the order of the limits, then in that of the scenario. */
export function turnsOf(
  knobs: readonly Knob[],
  limits: readonly Limit[],
  isNamed: (knob: Knob) => boolean,
): Turn[] {
  const named = limits.map(({ settings }) => ({ settings, paths: settings.map(pathOf) }));
  const order = [...new Set(named.flatMap(({ paths }) => paths))];
  const rank = ({ path }: Knob) => (order.includes(path) ? order.indexOf(path) : order.length);
  const sorted = [...knobs].sort((one, other) => rank(one) - rank(other));
  const single = sorted.map((knob): Turn => {
    const naming = named.filter(({ paths }) => paths.includes(knob.path));
    const tried = [knob.low, knob.high, ...knob.others].filter((one) => one !== undefined);
    const others = naming.map(({ settings, paths }) =>
      settings.filter((_, index) => paths[index] !== knob.path),
    );
    const boundBy = (assignments: Assignments) => boundByOf(knob, assignments, others);
    return { knobs: [knob], binds: naming.length > 0, boundBy, tried, isNamed: isNamed(knob) };
  });
  const together = named.flatMap(({ paths }) => {
    const bounding = paths.flatMap((path) => knobs.filter((knob) => knob.path === path));
    const tried = raisedTogether(bounding);
    return tried.length === 0
      ? []
      : [{ knobs: bounding, binds: true, boundBy: () => null, tried, isNamed: false }];
  });
  const last = single.findLastIndex(({ binds }) => binds) + 1;
  return [...single.slice(0, last), ...together, ...single.slice(last)];
}

/** Of several lengths the lowest decides: whether that is another one before and after the change. */
function boundByOf({ value, among }: Knob, assignments: Assignments, limits: string[][]): string | null {
  const next = Number(assignments[0]?.split("=").at(-1));
  if (!among || typeof value !== "number" || limits.length === 0) return null;
  const least = Math.min(value, next);
  const deciding = limits.map((others) => {
    const lengths = others.map((text) => Number(/ = (\d+)/.exec(text)?.[1]));
    const lowest = Math.min(...lengths);
    return lowest <= least ? others[lengths.indexOf(lowest)] : undefined;
  });
  return deciding.every((text) => text !== undefined) ? (deciding[0] ?? null) : null;
}

/**
 * The lowest of them decides, so that one alone may change nothing: all that are lower are raised to the next
 * customary value and to the last one. Only what changes several is not tried already.
 */
function raisedTogether(knobs: readonly Knob[]): Assignments[] {
  const values = knobs.map(({ value, among }) => (among && typeof value === "number" ? value : Number.NaN));
  const lowest = Math.min(...values);
  if (knobs.length < 2 || Number.isNaN(lowest)) return [];
  const among = knobs[0]?.among ?? [];
  const next = among.find((one) => one > lowest);
  const goals = [...new Set([next, among.at(-1)])].filter((goal) => goal !== undefined && goal > lowest);
  return goals
    .map((goal) =>
      knobs.flatMap(({ path }, index) =>
        (values[index] as number) < (goal as number) ? [assignment(path, goal)] : [],
      ),
    )
    .filter((assignments) => assignments.length > 1);
}

/** `kernel.sysctl.net.core.somaxconn` of `net.core.somaxconn = 128 (default of linux-4.15)`. */
function pathOf(setting: string): string {
  const [path = ""] = setting.split(" = ");
  const [, within, sysctl] = /^(?:(.*): )?(net\..*)$/.exec(path) ?? [];
  if (sysctl === undefined) return path;
  return within === undefined ? `kernel.sysctl.${sysctl}` : `kernel.${within}.sysctl.${sysctl}`;
}
