// Text with units, as operators write it, to one unit inside: nanoseconds, events per second, bytes, shares.
// Every parser answers undefined for what it does not understand; nothing is guessed.

import { DAY, HOUR, LONGEST_NS, MICROSECOND, MILLISECOND, MINUTE, SECOND } from "../engine/time.js";

const DURATION_UNITS: Record<string, number> = {
  ns: 1,
  us: MICROSECOND,
  µs: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
  d: DAY,
};

const RATE_UNITS: Record<string, number> = {
  s: 1,
  sec: 1,
  m: 1 / 60,
  min: 1 / 60,
  h: 1 / 3600,
  d: 1 / 86400,
};

const BYTE_UNITS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** One event a nanosecond: the clock knows nothing shorter. */
const MOST_PER_SECOND = SECOND;

const NUMBER = String.raw`\d+(?:\.\d+)?(?:e[+-]?\d+)?`;
const DURATION = new RegExp(`^(?:${NUMBER}\\s*(?:ns|us|µs|ms|s|min|m|h|d)\\s*)+$`);
const DURATION_PART = new RegExp(`(${NUMBER})\\s*(ns|us|µs|ms|s|min|m|h|d)`, "g");
const RATE = new RegExp(`^(${NUMBER})\\s*/\\s*(s|sec|min|m|h|d)$`);
const BYTES = new RegExp(`^(${NUMBER})\\s*(B|kB|MB|GB|KiB|MiB|GiB)$`);

/** `"250ms"`, `"30s"`, `"1h30m"` in whole nanoseconds. `"0"` alone needs no unit, as in sysctl and nginx. */
export function parseDurationNs(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "0") return 0;
  if (!DURATION.test(trimmed)) return undefined;
  let totalNs = 0;
  for (const [, number, unit] of trimmed.matchAll(DURATION_PART)) {
    totalNs += Number(number) * (DURATION_UNITS[unit as string] as number);
  }
  const wholeNs = Math.round(totalNs);
  return wholeNs <= LONGEST_NS ? wholeNs : undefined;
}

/** `"200/s"`, `"12000/min"` in events per second, at most one a nanosecond. */
export function parseRatePerSecond(text: string): number | undefined {
  const match = RATE.exec(text.trim());
  if (!match) return undefined;
  const perSecond = Number(match[1]) * (RATE_UNITS[match[2] as string] as number);
  return perSecond <= MOST_PER_SECOND ? perSecond : undefined;
}

/** What a well-formed duration or rate is that exceeds the limit; undefined for any other text. */
export function exceeded(text: string): { what: "a duration" | "a rate"; limit: string } | undefined {
  const trimmed = text.trim();
  if (DURATION.test(trimmed) && parseDurationNs(trimmed) === undefined) {
    const days = Math.floor(LONGEST_NS / DAY);
    return { what: "a duration", limit: `at most ${days} days (2^53 ns)` };
  }
  if (RATE.test(trimmed) && parseRatePerSecond(trimmed) === undefined) {
    return { what: "a rate", limit: `at most ${MOST_PER_SECOND}/s (one a nanosecond)` };
  }
  return undefined;
}

/** `"2kB"` is 2000 bytes and `"2KiB"` 2048. */
export function parseBytes(text: string): number | undefined {
  const match = BYTES.exec(text.trim());
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (BYTE_UNITS[match[2] as string] as number));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Up to here operators write whole seconds: `proxy_read_timeout 600s`. */
const MOST_SECONDS = 9999;

/** A short text that parses back to exactly this duration: `250ms`, `1.5s`, `600s`, `3h`. */
export function durationText(durationNs: number): string {
  if (durationNs === 0) return "0s";
  if (durationNs % SECOND === 0 && durationNs <= MOST_SECONDS * SECOND) return `${durationNs / SECOND}s`;
  for (const [unit, sizeNs] of [
    ["h", HOUR],
    ["m", MINUTE],
    ["s", SECOND],
    ["ms", MILLISECOND],
    ["us", MICROSECOND],
  ] as const) {
    const value = durationNs / sizeNs;
    const digits = unit === "h" || unit === "m" ? 0 : 3;
    const text = String(Number(value.toFixed(digits)));
    if (value >= 1 && Math.round(Number(text) * sizeNs) === durationNs) return `${text}${unit}`;
  }
  return `${durationNs}ns`;
}
