// Which settings two resolved scenarios have not in common.

import type { ChangedSetting } from "./comparison.js";

/** In the order of A's settings, then what only B has. Lists are compared element by element. */
export function changedSettings(a: unknown, b: unknown, path: readonly string[] = []): ChangedSetting[] {
  if (isTree(a) && isTree(b) && Array.isArray(a) === Array.isArray(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => changedSettings(a[key], b[key], [...path, key]));
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  return [{ path: path.join("."), a: a ?? null, b: b ?? null }];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
