// The setting that is looked for: what kind of number it is, how it is written, and between which values.
//
// What a setting takes is asked of the settings themselves: a value of each kind is put in its place.

import { parseBytes, parseDurationNs, parseRatePerSecond } from "../component/units.js";
import { SECOND } from "../engine/time.js";
import { ScenarioError } from "../scenario/error.js";
import { RATE } from "../scenario/knob-values.js";
import type { Scenario } from "../scenario/load.js";
import { changedSettings } from "./changed-settings.js";

export type KnobKind = "rate" | "duration" | "bytes" | "number" | "count" | "ports";

export interface Knob {
  /** `rate`, or the setting's key as `--set` takes it. */
  key: string;
  kind: KnobKind;
  /** Only whole numbers. */
  whole: boolean;
  /** The value that the scenario has: a second, seconds, bytes, ports or a number. */
  current: number | undefined;
  from: number;
  to: number;
  /** Nobody has said from where to where. */
  assumed: boolean;
  /** Beyond `to` nothing else allows it. */
  limited?: boolean;
  /** The scenario with this value. Throws a ScenarioError where the setting does not take it. */
  scenario(value: number): Scenario;
  /** The value as it would be written. */
  text(value: number): string;
  /**
   * Where a value is on the way from the lowest to the highest one, 0 to 1, and back: as it can be written.
   */
  place(value: number): number;
  at(place: number): number;
}

const PORTS = /(^|\.)net\.ipv4\.ip_local_port_range$/;

/** What values of each kind look like, and two that no setting of another kind takes. */
const KINDS: readonly { kind: KnobKind; tries: readonly [string, string] }[] = [
  { kind: "rate", tries: ["1.5/s", "2.5/s"] },
  { kind: "duration", tries: ["1.5s", "2.5s"] },
  { kind: "bytes", tries: ["4KiB", "8KiB"] },
  { kind: "number", tries: ["0.25", "0.75"] },
  { kind: "count", tries: ["16", "17"] },
  { kind: "ports", tries: ["20000 29999", "20000 39999"] },
];

/** How far from the scenario's own value it is looked first, both ways. */
const AROUND = 4;

/**
 * `within` is `a..b` in the setting's unit. Throws a ScenarioError for what is no number, or has no bounds.
 */
export function knobOf(
  key: string,
  base: Scenario,
  { seek, within }: { seek: "max" | "min"; within?: string | undefined },
): Knob {
  const { kind, current: written } = kindOf(key, base, `--${seek} ${key}`);
  const whole = kind === "count" || kind === "bytes" || kind === "ports";
  const current = written === undefined ? undefined : parsed(written, kind);
  const text = (value: number) => textOf(value, kind, written);
  const scenario = (value: number) =>
    base.changed(key === RATE ? { rate: text(value) } : { set: [`${key}=${text(value)}`] });
  const assumed = within === undefined;
  if (assumed && !current) throw wrong("--within", NO_CENTRE);
  const bounds = assumed ? around(current as number, { whole, scenario }) : boundsOf(within, kind, whole);
  if (typeof bounds === "string") throw wrong(`--within ${within}`, bounds);
  return { ...{ key, kind, whole, current, assumed, scenario, text }, ...spanned(bounds, whole) };
}

/** The same knob between other values. */
export function between(knob: Knob, bounds: Bounds): Knob {
  return { ...knob, ...spanned(bounds, knob.whole) };
}

/**
 * By factors where that is possible, since a load of 10 differs from one of 20 as one of 100 from one of 200.
 */
function spanned({ from, to }: Bounds, whole: boolean): Pick<Knob, "from" | "to" | "place" | "at"> {
  const byFactors = from > 0;
  const within = (value: number) => Math.min(to, Math.max(from, value));
  const round = (value: number) => (whole ? Math.round(value) : Number(value.toPrecision(DIGITS)));
  return {
    from,
    to,
    place: (value) =>
      byFactors ? Math.log(within(value) / from) / Math.log(to / from) : (within(value) - from) / (to - from),
    at: (place) => within(round(byFactors ? from * (to / from) ** place : from + place * (to - from))),
  };
}

const MOST_TRIES = 20;

/** The value that is farthest out of those that the setting takes, on the way back to `current`. */
function fitting(
  farthest: number,
  current: number,
  whole: boolean,
  scenario: (value: number) => Scenario,
): number {
  let value = farthest;
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    try {
      scenario(value);
      return value;
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
    }
    const middle = (value + current) / 2;
    value = !whole ? middle : farthest > current ? Math.floor(middle) : Math.ceil(middle);
  }
  return value;
}

function wrong(option: string, text: string): ScenarioError {
  return new ScenarioError([{ file: option, path: "", text }]);
}

function kindOf(
  key: string,
  base: Scenario,
  option: string,
): { kind: KnobKind; current: string | undefined } {
  if (key === RATE) return { kind: "rate", current: currentOf(key, base, ["1.5/s", "2.5/s"]) };
  const fits = KINDS.filter(({ kind }) => (kind === "ports") === PORTS.test(key)).filter(({ tries }) =>
    tries.every((value) => takes(key, value, base)),
  );
  const [found] = fits;
  // What takes any text is no number.
  if (found === undefined || takes(key, "no-number", base)) throw noNumber(key, base, option);
  return { kind: found.kind, current: currentOf(key, base, found.tries) };
}

/** The settings' own words, unless they are about the value that was tried. */
function noNumber(key: string, base: Scenario, option: string): ScenarioError {
  const set = `${key}=16`;
  try {
    base.changed({ set: [set] });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const others = error.problems.filter(({ text }) => !/\bgot "?16"?$/.test(text));
    if (others.length > 0) return new ScenarioError(others.map((one) => ({ ...one, file: option })));
  }
  return wrong(option, "expected a setting that is a number, a rate, a duration or a size");
}

function takes(key: string, value: string, base: Scenario): boolean {
  try {
    base.changed({ set: [`${key}=${value}`] });
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}

/** What stands at its place now; undefined if nothing does, or more than one value. */
function currentOf(key: string, base: Scenario, tries: readonly [string, string]): string | undefined {
  const found = tries.flatMap((value) => {
    const other = base.changed(key === RATE ? { rate: value } : { set: [`${key}=${value}`] });
    return changedSettings(base.resolved, other.resolved).map(({ a }) => a);
  });
  const values = [...new Set(found.filter((value) => value !== null).map(String))];
  return values.length === 1 ? values[0] : undefined;
}

/** In the unit of the report. */
function parsed(text: string, kind: KnobKind): number | undefined {
  const trimmed = text.trim();
  if (kind === "rate") return parseRatePerSecond(trimmed);
  if (kind === "bytes") return parseBytes(trimmed);
  if (kind === "duration") {
    const ns = parseDurationNs(trimmed);
    return ns === undefined ? undefined : ns / SECOND;
  }
  const [, low, high] = /^(\d+)\s+(\d+)$/.exec(trimmed) ?? [];
  if (kind === "ports" && low !== undefined) return Number(high) - Number(low) + 1;
  return /^\d+(\.\d+)?(e[+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}

export type Bounds = Pick<Knob, "from" | "to">;

const NO_CENTRE = "expected bounds such as 1..64, since the scenario has no single value to look around";

/** From a quarter to four times a value, as far as the setting takes it. */
export function around(value: number, { whole, scenario }: Pick<Knob, "whole" | "scenario">): Bounds {
  const [least, most] = [value / AROUND, value * AROUND];
  const from = whole ? Math.max(1, Math.floor(least)) : least;
  return {
    from: fitting(from, value, whole, scenario),
    to: fitting(whole ? Math.ceil(most) : most, value, whole, scenario),
  };
}

const EXAMPLES: Record<KnobKind, string> = {
  rate: "100/s..300/s",
  duration: "100ms..10s",
  bytes: "4KiB..1MiB",
  number: "0.1..10",
  count: "1..64",
  ports: "1000..28232",
};

function boundsOf(within: string, kind: KnobKind, whole: boolean): Bounds | string {
  const [low = "", high = "", ...more] = within.split("..");
  const [from, to] = [low, high].map((text) => parsed(text, kind));
  if (more.length > 0 || from === undefined || to === undefined) {
    return `expected bounds such as ${EXAMPLES[kind]}`;
  }
  if (whole && !(Number.isInteger(from) && Number.isInteger(to))) return "expected whole numbers as bounds";
  return from < to ? { from, to } : "expected the lower bound first";
}

const LAST_PORT = 65_535;
const DIGITS = 6;

/** Six digits of what is no whole number: more nobody sets. */
function textOf(value: number, kind: KnobKind, written: string | undefined): string {
  if (kind === "rate") return `${Number(value.toPrecision(DIGITS))}/s`;
  if (kind === "duration") return `${Number(value.toPrecision(DIGITS))}s`;
  if (kind === "bytes") return `${value}B`;
  if (kind === "number") return String(Number(value.toPrecision(DIGITS)));
  if (kind === "count") return String(value);
  // From the same port on as long as that many are left.
  const first = Math.min(Number(written?.split(/\s+/)[0] ?? 1024), LAST_PORT + 1 - value);
  return `${first} ${first + value - 1}`;
}
