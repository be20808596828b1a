// How the arguments of nginx's directives are written, and what a scenario makes of them.

import { parseSizeBytes, parseTimeMs, sizeText, timeText } from "./nginx-units.js";

/** How an argument is written. `read` answers undefined for what nginx would refuse too. */
export interface Form {
  expected: string;
  read(args: readonly string[]): unknown;
}

const only = (read: (word: string) => unknown) => (args: readonly string[]) =>
  args.length === 1 ? read(args[0] as string) : undefined;

export const TIME: Form = { expected: 'a time such as "60s" or "1m"', read: only(time) };
export const SIZE: Form = { expected: 'a size such as "10m"', read: only(size) };
export const COUNT: Form = {
  expected: "a whole number",
  read: only((word) => (/^\d+$/.test(word) ? Number(word) : undefined)),
};
export const PROCESSES: Form = {
  expected: 'a whole number or "auto"',
  read: (args) => (args.length === 1 && args[0] === "auto" ? "auto" : COUNT.read(args)),
};
export const SWITCH: Form = { expected: '"on" or "off"', read: only((word) => oneOf(word, ["on", "off"])) };
export const HTTP_VERSION: Form = {
  expected: '"1.0" or "1.1"',
  read: only((word) => oneOf(word, ["1.0", "1.1"])),
};
export const SOURCE: Form = {
  expected: 'an address such as "10.0.0.9", or "off"',
  read: ([source]) => source,
};
export const TOKENS: Form = {
  expected: '"on", "off" or "build"',
  read: only((word) => oneOf(word, ["on", "off", "build"])),
};

/** As `backlog=` of `listen`, which refuses 0 (ngx_http_core_listen). */
export const ABOVE_0: Form = {
  expected: "a whole number above 0",
  read: only((word) => (/^0*[1-9]\d*$/.test(word) ? Number(word) : undefined)),
};
/** A parameter that is there or not. */
export const WORD: Form = { expected: "no value", read: (args) => (args.length === 0 ? true : undefined) };

const CLASS = /^(error|timeout|invalid_header|http_(403|404|429|500|502|503|504)|non_idempotent|off)$/;
export const CLASSES: Form = {
  expected: 'classes of failures such as "error timeout"',
  read: (args) => (args.length > 0 && args.every((word) => CLASS.test(word)) ? args : undefined),
};

/** The header that tells clients is the second argument. */
export const KEEPALIVE: Form = {
  expected: 'a time such as "75s", and perhaps another one for the header',
  read: ([word, header, ...more]) =>
    word === undefined || more.length > 0 || (header !== undefined && time(header) === undefined)
      ? undefined
      : time(word),
};

function size(text: string): string | undefined {
  const bytes = parseSizeBytes(text);
  return bytes === undefined ? undefined : sizeText(bytes);
}

function time(text: string): string | undefined {
  const timeMs = parseTimeMs(text);
  return timeMs === undefined ? undefined : timeText(timeMs);
}

// Words are compared without case (ngx_conf_set_flag_slot, ngx_conf_set_enum_slot).
function oneOf(word: string, words: readonly string[]): string | undefined {
  return words.find((known) => known === word.toLowerCase());
}
