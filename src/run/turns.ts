// Which knobs are turned, and to what: those that the limits of a result name come first, and settings that
// bound each other are also turned together.

import { type Assignments, assignment, type Knob } from "../scenario/knobs.js";
import type { Limit } from "./result.js";

/** A knob, or several that bound each other, and the changes that are tried. */
export interface Turn {
  knobs: Knob[];
  /** A limit of the result names it. */
  binds: boolean;
  /** The setting that decides where this one does not: `net.core.somaxconn = 128 (default of linux-4.15)`. */
  boundBy: string | null;
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
    const decides = naming.some(({ paths }) => paths[0] === knob.path);
    const boundBy = naming.length === 0 || decides ? null : (naming[0]?.settings[0] ?? null);
    const tried = [knob.low, knob.high, ...knob.others].filter((one) => one !== undefined);
    return { knobs: [knob], binds: naming.length > 0, boundBy, tried, isNamed: isNamed(knob) };
  });
  const together = named.flatMap(({ paths }) => {
    const bounding = paths.flatMap((path) => knobs.filter((knob) => knob.path === path));
    const tried = raisedTogether(bounding);
    return tried.length === 0 ? [] : [{ knobs: bounding, binds: true, boundBy: null, tried, isNamed: false }];
  });
  const last = single.findLastIndex(({ binds }) => binds) + 1;
  return [...single.slice(0, last), ...together, ...single.slice(last)];
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
