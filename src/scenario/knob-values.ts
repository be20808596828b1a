// Where a knob may stand: `gunicorn.workers=1..16`, `rate=10/s..1000/s:log9`, `nginx.backlog=128,512,4096`.
//
//   1..16                  whole steps of the unit, both ends included
//   50/s..300/s:50/s       steps of that size
//   10ms..1s:log9          nine values that grow by the same factor; lin9: by the same amount
//   10ms..1s:log           any value, where some are chosen by chance (Latin hypercube)
//   a,b,c                  these; an element may be a range, and YAML in brackets or quotes keeps its commas

import { durationText, parseBytes, parseDurationNs, parseRatePerSecond } from "../component/units.js";
import { ScenarioError } from "./error.js";

/** Plain numbers are numbers; what has a unit is text, as it would be written. */
export type KnobValue = string | number;

export interface Knob {
  /** The setting as `--set` names it, `rate` or `overlay`. */
  name: string;
  /** In the order of the user. Of a range without steps: its ends. */
  values: KnobValue[];
  /** They are numbers or quantities, so that a chart can have them on an axis. */
  ordered: boolean;
  /** The value at a place from 0 up to, and without, 1: any of a range that has no steps. */
  at(place: number): KnobValue;
}

/** The rate of the arrivals as a knob, and files that are laid over the scenario. */
export const RATE = "rate";
export const OVERLAY = "overlay";

const MOST_VALUES = 10_000;

/**
 * A knob with its values. `option` is how messages call it; `sampled` allows ranges without steps. Throws a
 * ScenarioError.
 */
export function parseKnob(text: string, { option = "--vary", sampled = false } = {}): Knob {
  const fail = (reason: string): never => {
    throw new ScenarioError([{ file: `${option} ${text}`, path: "", text: reason }]);
  };
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(0, equals)).trim();
  if (name === "") return fail("expected KEY=VALUES, as gunicorn.workers=1..16");
  const elements = splitList(text.slice(equals + 1));
  if (elements.includes("")) return fail("expected values, separated by commas, got an empty one");
  const ranges = elements.map((element) => rangeOf(element, fail));
  const [only] = ranges;
  if (only && ranges.length === 1 && only.isContinuous && sampled) {
    return { name, values: [only.at(0), only.at(1)], ordered: true, at: only.at };
  }
  const values = elements.flatMap((element, index) => ranges[index]?.values(fail) ?? [plainValue(element)]);
  if (values.length > MOST_VALUES) {
    return fail(`expected at most ${MOST_VALUES} values, got ${values.length}; take larger steps, or log50`);
  }
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) fail(`${twice} is there twice`);
  return {
    ...{ name, values },
    ordered: values.every((value) => quantityOf(String(value)) !== undefined),
    at: (place) => values[Math.floor(place * values.length)] as KnobValue,
  };
}

/** At commas outside of brackets and quotes. */
function splitList(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let quote = "";
  for (const character of text) {
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if ("{[(".includes(character)) depth++;
    else if ("}])".includes(character)) depth--;
    if (character === "," && depth === 0 && quote === "") parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

interface Quantity {
  number: number;
  /** `ms`, `/s`; empty for a plain number. */
  unit: string;
  text: string;
}

function quantityOf(text: string): Quantity | undefined {
  const match = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-zA-Zµ%/]*)$/.exec(text.trim());
  return match ? { number: Number(match[1]), unit: match[2] as string, text: text.trim() } : undefined;
}

/** Only what is written as numbers are written: `0x10` and `007` stay text. */
function plainValue(text: string): KnobValue {
  return String(Number(text)) === text ? Number(text) : text;
}

/** What the ends of a range have in common: they are numbers of it. */
interface Scale {
  number(quantity: Quantity): number | undefined;
  value(number: number): KnobValue;
  /** Only whole numbers are values. */
  whole: boolean;
  /** How much a whole step is; undefined where nobody would know. */
  step: number | undefined;
}

/** Units that are told from each other; any other one is taken as it is, if it is the same at both ends. */
const DIMENSIONS: readonly Scale[] = [
  { number: ({ text }) => parseDurationNs(text), value: durationText, whole: true, step: undefined },
  {
    number: ({ text }) => parseRatePerSecond(text),
    value: (perSecond) => `${short(perSecond)}/s`,
    whole: false,
    step: undefined,
  },
  { number: ({ text }) => parseBytes(text), value: (bytes) => `${bytes}B`, whole: true, step: undefined },
];

function scaleOf(quantities: readonly Quantity[]): Scale | undefined {
  const [{ unit }] = quantities as [Quantity];
  if (quantities.every((one) => one.unit === unit)) {
    return {
      number: ({ number }) => number,
      value: (number) => (unit === "" ? short(number) : `${short(number)}${unit}`),
      whole: unit === "" && quantities.every(({ number }) => Number.isInteger(number)),
      step: 1,
    };
  }
  return DIMENSIONS.find(({ number }) => quantities.every((one) => number(one) !== undefined));
}

/** Sums of steps are not exact; nobody writes more digits. */
function short(number: number): number {
  return Number(number.toPrecision(12));
}

type Fail = (reason: string) => never;

interface Range {
  isContinuous: boolean;
  values(fail: Fail): KnobValue[];
  /** From one end at 0 to the other one at 1. */
  at(place: number): KnobValue;
}

/** Undefined for what is no range. Fails for what is half of one. */
function rangeOf(text: string, fail: Fail): Range | undefined {
  const [, first = "", last = "", how] = /^(.+?)\.\.([^:]+)(?::(.+))?$/.exec(text) ?? [];
  const [from, to] = [quantityOf(first), quantityOf(last)];
  if (!from && !to) return undefined;
  if (!from || !to) return fail(`expected a number on both sides of "..", got ${text}`);
  const spaced = /^(log|lin)(\d*)$/.exec(how ?? "");
  if (spaced) {
    const [, kind, count = ""] = spaced;
    return spacedRange(text, [from, to], kind === "log", count === "" ? undefined : Number(count), fail);
  }
  const step = how === undefined ? undefined : quantityOf(how);
  if (how !== undefined && !step) {
    return fail(`expected a step, as ${first}..${last}:STEP, or log9 or lin9, got "${how}"`);
  }
  return steppedRange(text, [from, to], step, fail);
}

function steppedRange(
  text: string,
  ends: [Quantity, Quantity],
  given: Quantity | undefined,
  fail: Fail,
): Range {
  const scale =
    scaleOf(given ? [...ends, given] : ends) ?? fail(`expected units that go together, got ${text}`);
  const [from, to] = ends.map((end) => scale.number(end) as number) as [number, number];
  const size = given ? (scale.number(given) as number) : scale.step;
  if (size === undefined) {
    const [first, last] = ends.map((end) => end.text);
    return fail(`expected a step, as ${first}..${last}:STEP, or how many values, as ${first}..${last}:log9`);
  }
  if (!(size > 0)) return fail(`expected a step above 0, got ${given?.text}`);
  const step = to < from ? -size : size;
  // The end is one of the values unless it is missed by more than the rounding of a sum.
  const steps = Math.floor((to - from) / step + 1e-9);
  const at = (index: number) => scale.value(short(from + index * step));
  return {
    isContinuous: false,
    at: (place) => at(Math.min(steps, Math.floor(place * (steps + 1)))),
    values(fail) {
      if (steps >= MOST_VALUES) {
        return fail(`expected at most ${MOST_VALUES} values, got ${steps + 1}; take larger steps, or log50`);
      }
      return Array.from({ length: steps + 1 }, (_, index) => at(index));
    },
  };
}

/** Digits of the values between the ends, at least; of values by chance, and how close these may come. */
const DIGITS = 3;
const FINER = { digits: 5, count: 1000 };
const MOST_DIGITS = 12;

function spacedRange(
  text: string,
  ends: [Quantity, Quantity],
  isLog: boolean,
  count: number | undefined,
  fail: Fail,
): Range {
  const scale = scaleOf(ends) ?? fail(`expected units that go together, got ${text}`);
  const [from, to] = ends.map((end) => scale.number(end) as number) as [number, number];
  if (isLog && !(from > 0 && to > 0)) return fail(`expected ends above 0 for equal factors, got ${text}`);
  const factor = (count: number) => (to / from) ** (1 / (count - 1));
  const at = (place: number, count: number, least: number): KnobValue => {
    if (place === 0 || place === 1) return scale.value(place === 0 ? from : to);
    const exact = isLog ? from * (to / from) ** place : from + (to - from) * place;
    // Rounding moves it by less than a tenth of the way to the next value.
    const gap = isLog ? exact * Math.abs(factor(count) - 1) : Math.abs(to - from) / (count - 1);
    const needed = gap > 0 ? Math.ceil(1 - Math.log10(gap / (5 * Math.abs(exact)))) : MOST_DIGITS;
    const digits = Math.min(MOST_DIGITS, Math.max(least, needed));
    const isShort = scale.whole && Math.abs(exact) < 10 ** digits;
    const number = isShort ? exact : Number(exact.toPrecision(digits));
    return scale.value(scale.whole ? Math.round(number) : number);
  };
  return {
    isContinuous: true,
    at: (place) => at(place, FINER.count, FINER.digits),
    values(fail) {
      if (count === undefined || count < 2 || count > MOST_VALUES) {
        return fail(`expected how many values, from 2 to ${MOST_VALUES}, as log9 or lin9, got ${text}`);
      }
      const all = Array.from({ length: count }, (_, index) => at(index / (count - 1), count, DIGITS));
      // Small whole numbers come more than once.
      return all.filter((value, index) => all.indexOf(value) === index);
    },
  };
}

/** Files that are laid over the scenario, one at a time, as a knob. Throws a ScenarioError. */
export function overlayKnob(text: string): Knob {
  const values = splitList(text);
  const wrong = values.includes("") || new Set(values).size < values.length;
  if (wrong) {
    const expected = "expected different files, separated by commas";
    throw new ScenarioError([{ file: `--overlay ${text}`, path: "", text: expected }]);
  }
  const at = (place: number) => values[Math.floor(place * values.length)] as string;
  return { name: OVERLAY, values, ordered: false, at };
}
