// Which settings two resolved scenarios have not in common.

import type { ChangedSetting } from "./comparison.js";

/** In the order of A's settings, then what only B has. Lists are compared element by element. */
export function changedSettings(a: unknown, b: unknown): ChangedSetting[] {
  return changesBetween(a, b, []).map(({ path, a: was, b: is }) => {
    return { path: path.join("."), a: was ?? null, b: is ?? null };
  });
}

/** The same with the path step by step, since keys may have dots; undefined where one has none. */
export interface SettingChange {
  path: readonly string[];
  a: unknown;
  b: unknown;
}

export function changesBetween(a: unknown, b: unknown, path: readonly string[] = []): SettingChange[] {
  if (isTree(a) && isTree(b) && Array.isArray(a) === Array.isArray(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => changesBetween(a[key], b[key], [...path, key]));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, a, b }];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
