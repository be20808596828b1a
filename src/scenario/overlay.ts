// `extends`: a scenario laid over another. Mappings are merged key by key, lists and everything else replaced
// as a whole, and null removes a key.

import { whyUnreadable } from "../component/table.js";
import { ScenarioError } from "./error.js";
import { brief, problemAt, problemFrom } from "./explain.js";
import { relativeTo } from "./paths.js";
import type { Shape } from "./shape.js";
import type { Entry, Mapping, Node } from "./tree.js";
import { parseYaml } from "./yaml.js";

export interface Reader {
  /** The text of a file. Throws with a message or an errno as `code`. */
  read(path: string): string;
  shape: Shape;
  /** Completes "expected" for a file that is empty or no mapping. */
  expected: string;
}

/** The file and all that it extends, merged; every value keeps its place. Throws a ScenarioError. */
export function readWithBases(name: string, reader: Reader): Mapping {
  const text = readText(name, reader, (reason) => {
    throw new ScenarioError([problemFrom({ file: name }, [], `cannot be read: ${reason}`)]);
  });
  return parseChain([name], text, reader);
}

/** Parses the last file of a chain in which each file extends the next. */
function parseChain(chain: readonly string[], text: string, reader: Reader): Mapping {
  const root = parseYaml(chain.at(-1) as string, text);
  if (root.kind !== "mapping") {
    const empty = root.kind === "scalar" && root.value === null;
    const expected = `expected ${reader.expected}`;
    const text = empty ? `empty; ${expected}` : `${expected}, got ${brief(root)}`;
    throw new ScenarioError([problemAt(root, [], "value", text)]);
  }
  const link = root.entries.get("extends");
  if (!link) return root;
  root.entries.delete("extends");
  return laidOver(followLink(chain, link.value, reader), root, reader.shape);
}

function followLink(chain: readonly string[], link: Node, reader: Reader): Mapping {
  const fail = (text: string): never => {
    throw new ScenarioError([problemFrom(link.place, ["extends"], text)]);
  };
  if (link.kind !== "scalar" || typeof link.value !== "string" || link.value === "") {
    return fail(`expected the name of a scenario file, got ${brief(link)}`);
  }
  const base = relativeTo(chain.at(-1) as string, link.value);
  const next = [...chain, base];
  if (chain.some((earlier) => relativeTo("", earlier) === base)) fail(`a cycle: ${next.join(" -> ")}`);
  const text = readText(base, reader, (reason) => fail(`cannot read ${base}: ${reason}`));
  return parseChain(next, text, reader);
}

function readText(file: string, { read }: Reader, fail: (reason: string) => never): string {
  try {
    return read(file);
  } catch (error) {
    return fail(whyUnreadable(error) ?? (error instanceof Error ? error.message : String(error)));
  }
}

/** A file laid over another, as if it extended it; a mapping inside of it over another. */
export function laidOver(base: Mapping, over: Mapping, shape: Shape | undefined): Mapping {
  if (shape?.exclusive && ![...over.entries.keys()].every((key) => base.entries.has(key))) return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (!below) entries.set(key, entry);
    else if (entry.value.kind === "scalar" && entry.value.value === null) entries.delete(key);
    else entries.set(key, { key: entry.key, value: merge(below.value, entry.value, shape?.at(key)) });
  }
  return { kind: "mapping", place: over.place, entries };
}

function merge(base: Node, over: Node, shape: Shape | undefined): Node {
  return base.kind === "mapping" && over.kind === "mapping" ? laidOver(base, over, shape) : over;
}
