// A scenario as it was written: every key and value knows its place, also after files were laid over each
// other and options were applied. Validation sees the plain value; messages look the place up here.

/** Where something was written. A command-line option has no lines; its `path` is what it sets. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
  /** How the text at this place came to be used elsewhere: `*defaults at 7:7`. */
  via?: string;
  path?: string;
}

export interface Scalar {
  kind: "scalar";
  place: Place;
  value: string | number | boolean | null;
}

export interface List {
  kind: "list";
  place: Place;
  items: Node[];
}

export interface Entry {
  key: Place;
  value: Node;
}

export interface Mapping {
  kind: "mapping";
  place: Place;
  entries: Map<string, Entry>;
}

export type Node = Scalar | List | Mapping;

/** The value without its places. */
export function plain(node: Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** What stands at a path, if anything. A key is taken whole, so it may contain dots. */
export function lookup(root: Node, path: readonly PropertyKey[]): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) node = node && child(node, step)?.value;
  return node;
}

/**
 * The place of a path's key or value. What is not there has the place of its nearest parent: of the parent's
 * key, or of the list element or file that it is missing from.
 */
export function locate(root: Node, path: readonly PropertyKey[], part: "key" | "value"): Place {
  let node = root;
  let key = root.place;
  for (const step of path) {
    const next = child(node, step);
    if (!next) return key;
    node = next.value;
    key = next.key;
  }
  return part === "key" ? key : node.place;
}

/** `kernel.sysctl.net.core.somaxconn`, `clients.0.timeout`: as an option would address it. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join(".");
}

/** The `name` of a mapping, by which elements of a list are told apart. */
export function nameOf(node: Node): string | undefined {
  const name = node.kind === "mapping" ? node.entries.get("name")?.value : undefined;
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : undefined;
}

function child(node: Node, step: PropertyKey): Entry | undefined {
  if (node.kind === "mapping") return node.entries.get(String(step));
  const item = node.kind === "list" ? node.items[Number(step)] : undefined;
  return item && { key: item.place, value: item };
}
