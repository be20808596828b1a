// What there is to say of a single value when two graphs of objects are compared.

import { Timer } from "../../src/engine/timer.js";

/** Own properties of a function that are the same for all of the same text. */
export const NOT_STATE: ReadonlySet<string | symbol> = new Set(["length", "name", "arguments", "caller"]);

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** What two objects must have in common to be compared at all. */
export function kindOf(value: object): string {
  if (typeof value === "function" || Array.isArray(value)) return Array.isArray(value) ? "array" : "function";
  return Object.prototype.toString.call(value);
}

/** Something that a place holds which nobody uses: no row, no time, nothing yet. */
export function isBlank(value: unknown): boolean {
  return typeof value === "number" ? !(value > 0 && value < Number.POSITIVE_INFINITY) : !value;
}

/** Functions, timers, kinds of events, and what `once` keeps of these: no run leaves a trace in them. */
export function isMadeWhenNeeded(value: unknown): boolean {
  if (typeof value === "function" || value instanceof Timer) return true;
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const values = Object.values(value);
  return (
    values.some((one) => isMadeWhenNeeded(one)) &&
    values.every((one) => typeof one === "string" || isMadeWhenNeeded(one))
  );
}

export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value === "function") return `function ${value.name}`;
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (isObject(value)) return value.constructor?.name ?? "object";
  return Object.is(value, -0) ? "-0" : String(value);
}
