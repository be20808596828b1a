// Numbers as text: durations and ratios as vegeta prints them, and every uncertainty with two significant
// digits.

import { HOUR, MICROSECOND, MILLISECOND, MINUTE, SECOND } from "../engine/time.js";
import type { Estimate } from "../run/result.js";

/**
 * A number as it is printed, and beside it how far it may be off: `0.34s`, `<4`, or nothing if it did not
 * vary.
 */
export interface Printed {
  text: string;
  spread: string;
}

/**
 * How a plain number is printed: what it is multiplied with, what follows it, its decimals when it is exact.
 */
interface Style {
  scale: number;
  suffix: string;
  decimals: number;
}

const COUNT: Style = { scale: 1, suffix: "", decimals: 0 };
const RATE: Style = { scale: 1, suffix: "", decimals: 2 };

/** A mean count of a replication: `200`, or `133.4` with `0.6`. */
export function printCount(estimate: Estimate): Printed {
  return print(estimate, COUNT);
}

/** A rate or a mean with vegeta's two decimals. */
export function printRate(estimate: Estimate): Printed {
  return print(estimate, RATE);
}

/** A share as vegeta's ratio (`66.50%`), or as prose if `suffix` is `" %"`. */
export function printShare(estimate: Estimate, suffix: "%" | " %" = "%"): Printed {
  const half = halfWidth(estimate);
  if (half === 0) {
    const text = suffix === "%" ? ratioText(estimate.value) : percentText(estimate.value);
    return { text, spread: "" };
  }
  // Less than nothing cannot be: of a few replications only the upper end is known.
  if (estimate.value > 0 && half > estimate.value && estimate.low < estimate.value / 2) {
    const { text } = print(estimate, { scale: 100, suffix, decimals: 2 });
    return { text, spread: `<${limitText(estimate.high * 100, Math.ceil)}${suffix}` };
  }
  if (estimate.value >= 1) {
    return {
      text: suffix === "%" ? "100.00%" : "100 %",
      spread: `>${limitText(estimate.low * 100, Math.floor)}${suffix}`,
    };
  }
  return print(estimate, { scale: 100, suffix, decimals: 2 });
}

/**
 * Half the width of the interval (the longer side, if the other ends at 0 or 1); 0 if there is none or
 * nothing varied.
 */
export function halfWidth({ value, low, high }: Estimate): number {
  const half = Math.max(high - value, value - low);
  // Less is not spread but the rounding of sums.
  return Number.isFinite(half) && half > 1e-12 * Math.abs(value) ? half : 0;
}

/** Decimals that show two significant digits of a positive number; negative ones round to tens, hundreds. */
export function decimalsOf(positive: number): number {
  return 1 - Number(positive.toExponential(1).split("e")[1]);
}

/** Like toFixed, but negative decimals round to tens and there is no `-0`. */
export function fixed(value: number, decimals: number): string {
  if (decimals >= 0) return value.toFixed(Math.min(decimals, 20)).replace(/^-(?=0\.?0*$)/, "");
  const size = 10 ** -decimals;
  return (Math.round(value / size) * size).toFixed(0).replace(/^-0$/, "0");
}

/** A count in prose: a comma between thousands from 10,000 on, as few decimals as it has, at most one. */
export function countText(count: number): string {
  const [whole, fraction] = String(Number(count.toFixed(1))).split(".") as [string, string?];
  const grouped = count >= 10_000 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return fraction ? `${grouped}.${fraction}` : grouped;
}

/**
 * An exact share in prose with three significant digits, of its distance to 100 % when it is close to that.
 */
export function percentText(share: number): string {
  const percent = share * 100;
  const tail = Math.min(percent, 100 - percent);
  if (tail <= 0) return `${percent > 50 ? 100 : 0} %`;
  if (percent < 1e-5) return `${Number(percent.toPrecision(3)).toExponential()} %`;
  return `${shorten(fixed(percent, Math.max(0, decimalsOf(tail) + 1)))} %`;
}

/**
 * Seconds as vegeta prints them: Go's text, rounded to the next smaller unit (vegeta v12, lib/reporters.go,
 * round).
 */
export function vegetaDuration(seconds: number): string {
  const ns = Math.round(seconds * SECOND);
  const sizes = [HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND, 1];
  const step = sizes[sizes.findIndex((size) => ns >= size) + 1] ?? 1;
  return goText(Math.round(ns / step) * step);
}

/** Seconds with their uncertainty in the same unit, no finer than vegeta's resolution of that unit. */
export function printDuration(estimate: Estimate): Printed {
  const half = halfWidth(estimate);
  if (half === 0) return { text: vegetaDuration(estimate.value), spread: "" };
  const largest = Math.max(estimate.value, half) * SECOND;
  let place = GO_UNITS.findIndex(({ size }) => largest >= size);
  if (place < 0) place = GO_UNITS.length - 1;
  const parts = (at: number) => {
    const { size, name } = GO_UNITS[at] as GoUnit;
    const finest = name === "ns" ? 0 : 3;
    const decimals = Math.min(finest, decimalsOf((half * SECOND) / size));
    return { size, name, decimals, value: fixed((estimate.value * SECOND) / size, decimals) };
  };
  let { size, name, decimals, value } = parts(place);
  // Rounded up to the next unit: 999.96ms with one decimal is 1.0000s.
  if (Number(value) >= 1000 && place > 0) ({ size, name, decimals, value } = parts(place - 1));
  // At the finest resolution the ± has fewer than two digits left; it is rounded up then, never to nothing.
  const wide = (half * SECOND) / size;
  const capped = decimals < decimalsOf(wide);
  const spread = fixed(
    capped ? Math.ceil(Number((wide * 10 ** decimals).toPrecision(9))) / 10 ** decimals : wide,
    decimals,
  );
  return { text: withMinutes(value, name), spread: withMinutes(spread, name) };
}

/** A duration in prose, three significant digits: `18.4 s`, `665 ms`, `1m4s`. */
export function proseDuration(seconds: number): string {
  const ns = Math.round(seconds * SECOND);
  return spaced(
    goText(ns < MINUTE ? Math.round(Number(ns.toPrecision(3))) : Math.round(ns / SECOND) * SECOND),
  );
}

/** `18.42s` as `18.42 s`; `1m4s` stays. */
export function spaced(duration: string): string {
  return duration.replace(/^([\d.]+)(ns|µs|ms|s)$/, "$1 $2");
}

/** `33.5 % ± 1.2 %`, `0 (< 0.02 %)`, or only the number if it did not vary. */
export function prose({ text, spread }: Printed): string {
  if (spread === "") return text;
  const limit = /^([<>])(.*)$/.exec(spread);
  return limit ? `${text} (${limit[1]} ${limit[2]})` : `${text} ± ${spread}`;
}

interface GoUnit {
  size: number;
  name: string;
}

const GO_UNITS: readonly GoUnit[] = [
  { size: SECOND, name: "s" },
  { size: MILLISECOND, name: "ms" },
  { size: MICROSECOND, name: "µs" },
  { size: 1, name: "ns" },
];

/** Whole nanoseconds as Go's time.Duration prints them: `1h0m5s`, `33.05s`, `400µs`, `0s`. */
export function goText(ns: number): string {
  if (ns === 0) return "0s";
  if (ns >= MINUTE) {
    const hours = Math.floor(ns / HOUR);
    const minutes = Math.floor((ns % HOUR) / MINUTE);
    const seconds = shorten(((ns % MINUTE) / SECOND).toFixed(9));
    return `${hours > 0 ? `${hours}h` : ""}${minutes}m${seconds}s`;
  }
  const { size, name } = GO_UNITS.find((unit) => ns >= unit.size) as GoUnit;
  return `${shorten((ns / size).toFixed(9))}${name}`;
}

function print(estimate: Estimate, { scale, suffix, decimals }: Style): Printed {
  const half = halfWidth(estimate) * scale;
  const value = estimate.value * scale;
  if (half === 0) return { text: `${fixed(value, decimals)}${suffix}`, spread: "" };
  // None seen in a random run is not none: the interval's upper end is what is known.
  if (value === 0) {
    return { text: `0${suffix}`, spread: `<${limitText(estimate.high * scale, Math.ceil)}${suffix}` };
  }
  const digits = decimalsOf(half);
  return { text: `${fixed(value, digits)}${suffix}`, spread: `${fixed(half, digits)}${suffix}` };
}

/**
 * A limit rounded away from what it limits, with two significant digits (of the distance to 100 for a floor).
 */
function limitText(limit: number, away: (value: number) => number): string {
  const digits = decimalsOf(away === Math.floor ? 100 - limit : limit);
  // Twelve digits first, so that 2 is not 2.0000000000000004 and rounded up to 2.1.
  const steps = away(Number((limit * 10 ** digits).toPrecision(12)));
  return shorten(fixed(steps / 10 ** digits, digits));
}

/** vegeta's ratio has two decimals; more where they would hide that it is not 0 or 100 %. */
function ratioText(share: number): string {
  const percent = share * 100;
  const tail = Math.min(percent, 100 - percent);
  if (tail <= 0) return `${fixed(percent, 2)}%`;
  const text = fixed(percent, Math.max(2, decimalsOf(tail)));
  return `${text.replace(/(\.\d\d\d*?)0+$/, "$1")}%`;
}

/** Seconds of a minute and more as Go writes them: `83.5` seconds are `1m23.5`. */
function withMinutes(number: string, unit: string): string {
  if (unit !== "s" || Number(number) < 60) return `${number}${unit}`;
  const decimals = number.split(".")[1] ?? "";
  const whole = Math.floor(Number(number));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return `${hours > 0 ? `${hours}h` : ""}${minutes}m${whole % 60}${decimals && `.${decimals}`}s`;
}

/** Without the zeros that end a fraction. */
function shorten(number: string): string {
  return number.includes(".") ? number.replace(/\.?0+$/, "") : number;
}
