// Things of which there are several are told apart by name: in random streams, in labels, in messages.

import type { Component } from "../component/component.js";
import { SettingError } from "../component/setting-error.js";

interface Named {
  name?: string | undefined;
}

/**
 * Names those of several that have none by their place in the list, so that `clients.1` is the second
 * population. A single one needs no name. Throws a SettingError if another is named by that number.
 */
export function withNames(
  settings: Record<string, unknown>,
  components: readonly Component[],
): Record<string, unknown> {
  const named = { ...settings };
  for (const { section, occurs } of components) {
    const list = settings[section] as Named[] | undefined;
    if (occurs !== "many" || list === undefined || list.length < 2) continue;
    named[section] = list.map((one, index) => {
      if (one.name !== undefined) return one;
      const name = String(index);
      const other = list.findIndex((candidate) => candidate.name === name);
      if (other >= 0) {
        const text = `expected another name, since ${section}.${index} has none and is called "${name}" then`;
        throw new SettingError([section, other, "name"], text);
      }
      return { ...one, name };
    });
  }
  return named;
}
