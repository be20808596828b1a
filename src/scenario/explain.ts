// From what validation found to what the user is told: path, expected, got.

import { distance } from "fastest-levenshtein";
import type * as z from "zod";
import { exceeded } from "../component/units.js";
import type { Problem } from "./error.js";
import { knownTo } from "./not-modelled.js";
import { locate, lookup, type Node, type Place, pathText } from "./tree.js";

/** Texts in messages are cut after so many characters. */
const LONGEST_TEXT = 60;

/**
 * One problem for each mistake: the first of several complaints about one value. Relies on the convention of
 * component/settings.ts: a message completes "expected …", and that of unknown keys is the list of the known
 * ones.
 */
export function explain(issues: readonly z.core.$ZodIssue[], root: Node): Problem[] {
  const first = issues.filter(
    ({ path }, index) => issues.findIndex((other) => pathText(other.path) === pathText(path)) === index,
  );
  return first.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      const known = issue.message.split(" ").filter((key) => key !== "");
      return issue.keys.map((key) =>
        problemAt(root, [...issue.path, key], "key", unknownKey([...issue.path, key], known)),
      );
    }
    if (issue.code === "invalid_key") {
      const expected = issue.issues[0]?.message ?? issue.message;
      return [problemAt(root, issue.path, "key", `unknown key; expected ${expected}`)];
    }
    const got = lookup(root, issue.path);
    if (!got) return [problemAt(root, issue.path, "key", `missing; expected ${issue.message}`)];
    return [
      problemAt(root, issue.path, "value", `expected ${expectedOf(issue.message, got)}, got ${brief(got)}`),
    ];
  });
}

/** A problem with what stands at a path, at the place of its key or value. */
export function problemAt(
  root: Node,
  path: readonly PropertyKey[],
  part: "key" | "value",
  text: string,
): Problem {
  return problemFrom(locate(root, path, part), path, text);
}

/** A problem at a known place. An option that sets exactly this path need not be told so. */
export function problemFrom(place: Place, path: readonly PropertyKey[], text: string): Problem {
  const { file, line, column, via } = place;
  const position = line === undefined || column === undefined ? {} : { line, column };
  const told = pathText(path);
  return {
    file,
    ...position,
    path: told === place.path ? "" : told,
    text: via === undefined ? text : `${text} (used by ${via})`,
  };
}

/** What a schema expected; a value of the right form that is too large is told the limit. */
function expectedOf(message: string, got: Node): string {
  const over = got.kind === "scalar" && typeof got.value === "string" ? exceeded(got.value) : undefined;
  return over && message.startsWith(over.what) ? `${over.what} of ${over.limit}` : message;
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): string {
  const owner = knownTo(path);
  if (owner !== undefined) return `known to ${owner}, but not modelled yet`;
  const key = String(path.at(-1));
  const near = nearest(key, known);
  if (near !== undefined) return `unknown key; did you mean "${near}"?`;
  return known.length > 0 ? `unknown key; known are ${known.join(", ")}` : "unknown key; none is known here";
}

/** The closest known key, if at most a third of the letters differ: more is not a slip of the finger. */
function nearest(key: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const candidate of known) {
    const difference = distance(key.toLowerCase(), candidate.toLowerCase());
    if (difference < fewest) [best, fewest] = [candidate, difference];
  }
  return best;
}

/** A value as messages show it: texts in quotes, mappings and lists as `{…}` and `[…]`. */
export function brief(node: Node): string {
  if (node.kind === "mapping") return node.entries.size > 0 ? "{…}" : "{}";
  if (node.kind === "list") return node.items.length > 0 ? "[…]" : "[]";
  if (node.value === null) return "nothing";
  if (typeof node.value !== "string") return String(node.value);
  const text = node.value.length > LONGEST_TEXT ? `${node.value.slice(0, LONGEST_TEXT)}…` : node.value;
  return JSON.stringify(text);
}
