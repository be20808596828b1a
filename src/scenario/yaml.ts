// The only file that knows the YAML library: text to a tree with places, and plain objects to text.

import {
  type Alias,
  Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { type Problem, ScenarioError } from "./error.js";
import { type Entry, type List, type Mapping, type Node, type Place, pathText, type Scalar } from "./tree.js";

/** Values that aliases may multiply into. A few lines can ask for billions ("billion laughs"). */
const MOST_ALIASED_VALUES = 1_000_000;
/** Mappings and lists inside each other; all that walk a tree recurse, and their stack is finite. */
const MOST_LEVELS = 200;

/**
 * Reads one YAML 1.2 document; `file` is how messages call it. Anchors, aliases and merge keys (`<<`) are
 * allowed. An empty document is a scalar null. Throws a ScenarioError with all syntax errors, or with all
 * keys written twice.
 */
export function parseYaml(file: string, text: string): Node {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const lines = new LineCounter();
  return read(source, lines, (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  });
}

/** Reads the value of a command-line option: the same language, but everything stands at one place. */
export function parseYamlValue(place: Place, text: string): Node {
  return read(text, new LineCounter(), () => place);
}

/** A comment to be put above the key at `path`, or with an empty path at the top of the file. */
export interface Comment {
  path: readonly (string | number)[];
  text: string;
}

/** Block style, keys in the order of the object, long texts unbroken: the same object gives the same text. */
export function toYaml(value: object, comments: readonly Comment[] = []): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  for (const { path, text } of comments) {
    const comment = text.replace(/^/gm, " ");
    if (path.length === 0) document.commentBefore = comment;
    else commentKey(document, path, comment);
  }
  return document.toString({ lineWidth: 0, nullStr: "null" });
}

function commentKey(document: Document, path: readonly (string | number)[], comment: string) {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  const commented = isMap(parent)
    ? parent.items.map(({ key }) => key).find((key) => isScalar(key) && key.value === last)
    : isSeq(parent) && parent.items[last as number];
  if (!isNode(commented)) throw new Error(`no key ${pathText(path)} to put a comment above`);
  commented.commentBefore = comment;
}

type PlaceAt = (offset: number) => Place;
type YamlNode = ParsedNode | null;

function read(source: string, lineCounter: LineCounter, placeAt: PlaceAt): Node {
  const reading: Reading = {
    placeAt,
    problems: [],
    anchors: new Map(),
    targets: new Map(),
    open: new Set(),
    path: [],
    aliasedValues: 0,
  };
  const document = parse(source, lineCounter);
  if (!document) throw new ScenarioError([problem(reading, 0, "nested too deeply")]);
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    throw new ScenarioError(complaints.map((error) => problem(reading, error.pos[0], complaintText(error))));
  }
  const root = convert(reading, document.contents, 0);
  if (reading.problems.length > 0) throw new ScenarioError(reading.problems);
  return root;
}

/** Undefined when the parser's stack was exhausted. */
function parse(source: string, lineCounter: LineCounter) {
  try {
    // Keys written twice are found below, with their path and in linear time.
    return parseDocument(source, { lineCounter, prettyErrors: false, uniqueKeys: false });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function complaintText({ code, message }: { code: string; message: string }): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here; a scenario is one document";
  return `not valid YAML: ${message.replace(/\.$/, "")}`;
}

/** The state of one walk through the library's nodes. */
interface Reading {
  placeAt: PlaceAt;
  problems: Problem[];
  /** The latest node of each anchor, and what each alias meant when it was first met. */
  anchors: Map<string, YamlNode>;
  targets: Map<Alias, YamlNode>;
  /** Nodes that the walk is inside of. */
  open: Set<YamlNode>;
  path: PropertyKey[];
  /** The outermost alias that the walk is following. */
  via?: string | undefined;
  aliasedValues: number;
}

/** `emptyAt` is the place of a value that is not written. */
function convert(reading: Reading, node: YamlNode, emptyAt: number): Node {
  if (node === null) return nothing(reading, emptyAt);
  const offset = node.range[0];
  if (isAlias(node)) return follow(reading, node);
  if (node.anchor && reading.via === undefined) reading.anchors.set(node.anchor, node);
  if (reading.via !== undefined && ++reading.aliasedValues > MOST_ALIASED_VALUES) {
    if (reading.aliasedValues === MOST_ALIASED_VALUES + 1) {
      report(reading, offset, `aliases make more than ${MOST_ALIASED_VALUES} values`);
    }
    return nothing(reading, offset);
  }
  if (isScalar(node)) {
    const written = node.value !== null || node.source !== "";
    const value = node.value as string | number | boolean | null;
    return { kind: "scalar", place: placeOf(reading, written ? offset : emptyAt), value };
  }
  if (reading.path.length >= MOST_LEVELS) {
    report(reading, offset, `more than ${MOST_LEVELS} levels`);
    return nothing(reading, offset);
  }
  reading.open.add(node);
  const converted = isMap(node) ? convertMap(reading, node as YAMLMap.Parsed) : convertList(reading, node);
  reading.open.delete(node);
  return converted;
}

function convertList(reading: Reading, list: YAMLSeq.Parsed): List {
  const offset = list.range[0];
  const items = list.items.map((item, index) => below(reading, index, () => convert(reading, item, offset)));
  return { kind: "list", place: placeOf(reading, offset), items };
}

function convertMap(reading: Reading, map: YAMLMap.Parsed): Mapping {
  const entries = new Map<string, Entry>();
  const merged: Mapping[] = [];
  for (const { key, value } of map.items as Pair<ParsedNode, YamlNode>[]) {
    const offset = key?.range[0] ?? map.range[0];
    const text = keyText(key);
    if (text === undefined) {
      report(reading, offset, "a key must be a plain text");
      continue;
    }
    const node = below(reading, text, () => convert(reading, value, offset));
    const first = entries.get(text);
    if (text === "<<" && isScalar(key) && key.type === "PLAIN") {
      merged.push(...mappingsToMerge(reading, node, offset));
    } else if (first) {
      below(reading, text, () => report(reading, offset, `written twice${firstText(first.key)}`));
    } else {
      entries.set(text, { key: placeOf(reading, offset), value: node });
    }
  }
  // Keys of the mapping itself win over merged ones, earlier merged ones over later ones.
  for (const source of merged) {
    for (const [text, entry] of source.entries) if (!entries.has(text)) entries.set(text, entry);
  }
  return { kind: "mapping", place: placeOf(reading, map.range[0]), entries };
}

function mappingsToMerge(reading: Reading, node: Node, offset: number): Mapping[] {
  const nodes = node.kind === "list" ? node.items : [node];
  const mappings = nodes.filter((candidate) => candidate.kind === "mapping");
  if (mappings.length < nodes.length) {
    below(reading, "<<", () => report(reading, offset, "expected a mapping or a list of mappings to merge"));
  }
  return mappings;
}

/** The value that an alias stands for: its places are those of the anchor's text, `via` names the alias. */
function follow(reading: Reading, alias: Alias.Parsed): Node {
  const offset = alias.range[0];
  if (!reading.targets.has(alias)) reading.targets.set(alias, reading.anchors.get(alias.source) ?? null);
  const target = reading.targets.get(alias) ?? null;
  if (target === null || reading.open.has(target)) {
    const name = `*${alias.source}`;
    const text = target
      ? `${name} contains itself`
      : `no anchor &${alias.source} stands above; write "${name}" in quotes if it is a text`;
    report(reading, offset, text);
    return nothing(reading, offset);
  }
  const outer = reading.via;
  reading.via ??= viaText(alias.source, reading.placeAt(offset));
  const node = convert(reading, target, offset);
  reading.via = outer;
  return node;
}

function below<T>(reading: Reading, step: PropertyKey, work: () => T): T {
  reading.path.push(step);
  const result = work();
  reading.path.pop();
  return result;
}

function nothing(reading: Reading, offset: number): Scalar {
  return { kind: "scalar", place: placeOf(reading, offset), value: null };
}

function placeOf({ placeAt, via }: Reading, offset: number): Place {
  const place = placeAt(offset);
  return via === undefined || place.line === undefined ? place : { ...place, via };
}

function report(reading: Reading, offset: number, text: string) {
  reading.problems.push(problem(reading, offset, text));
}

function problem({ placeAt, path }: Reading, offset: number, text: string): Problem {
  const { file, line, column } = placeAt(offset);
  const position = line === undefined || column === undefined ? {} : { line, column };
  return { file, ...position, path: pathText(path), text };
}

/** Keys are text as written: `502` and `1.10` stay what they are. */
function keyText(key: ParsedNode | null): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function viaText(anchor: string, { line, column }: Place): string {
  return line === undefined ? `*${anchor}` : `*${anchor} at ${line}:${column}`;
}

function firstText({ line, column }: Place): string {
  return line === undefined ? "" : `; the first is at ${line}:${column}`;
}
