// Random settings, as a scenario's file has them.

import fc from "fast-check";

export const few = (most: number) => fc.integer({ min: 0, max: most });
export const milliseconds = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((value) => `${value}ms`);
export const onOff = fc.constantFrom("on", "off");
export const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.record({ value }, { requiredKeys: [] });

/** Drops what is not set: the scenario then has the default. */
export const sparse = (given: Record<string, fc.Arbitrary<unknown>>, always: string[] = []) =>
  fc.record(given, { requiredKeys: always });
