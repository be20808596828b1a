// gunicorn.conf.py: what its top-level assignments of literals say.
//
// Modelled: `name = literal`, where a literal is a number in any of Python's bases, a string, True, False,
// None, or a list or tuple of those, over several lines if it has brackets; comments; the last assignment
// wins. Not modelled: everything else that Python would have to run (expressions, conditions, functions). It
// is handed on with its line, blocks as a whole, to be told.

import type { Source } from "./note.js";

export type Literal = string | number | boolean | null | Literal[];

export interface Statement {
  line: number;
  /** As it stands in the file, its first line. */
  text: string;
  /** What is assigned to what; undefined for a statement that is not read. */
  assigned: { name: string; value: Literal } | undefined;
}

/** The statements of the file at its top level, in order; text that stands alone (a docstring) is none. */
export function pythonStatements({ text }: Source): Statement[] {
  const statements: Statement[] = [];
  for (const { line, text: whole } of logicalLines(text)) {
    // What is indented belongs to the block above.
    if (/^\s/.test(whole)) continue;
    const tokens = tokensOf(whole);
    if (tokens?.length === 1 && tokens[0]?.kind === "string") continue;
    statements.push({ line, text: whole.split("\n")[0] as string, assigned: assignment(tokens) });
  }
  return statements;
}

interface Token {
  kind: "string" | "number" | "name" | "sign";
  text: string;
}

const NAME = /^[A-Za-z_]\w*/;
const NUMBER = /^(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(\.\d*)?([eE][+-]?\d+)?)(?!\w)/;
const STRING =
  /^(?:[rRuU]?)("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')/;
const SIGN = /^[=[\](),-]/;
const BLANK = /^(\s+|#[^\n]*|\\\n)/;

/** Undefined for a text with something else in it. */
function tokensOf(whole: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let rest = whole; rest !== ""; ) {
    const blank = BLANK.exec(rest);
    const found = blank ?? STRING.exec(rest) ?? NUMBER.exec(rest) ?? NAME.exec(rest) ?? SIGN.exec(rest);
    if (!found) return undefined;
    const [text] = found;
    rest = rest.slice(text.length);
    if (blank) continue;
    const kind = STRING.test(text)
      ? "string"
      : NUMBER.test(text)
        ? "number"
        : NAME.test(text)
          ? "name"
          : "sign";
    tokens.push({ kind, text });
  }
  return tokens;
}

function assignment(tokens: readonly Token[] | undefined): Statement["assigned"] {
  const [name, equals, ...rest] = tokens ?? [];
  if (name?.kind !== "name" || equals?.text !== "=") return undefined;
  const value = literal(rest);
  return value === undefined || rest.length > 0 ? undefined : { name: name.text, value };
}

const WORDS: Record<string, boolean | null> = { True: true, False: false, None: null };
const CLOSING: Record<string, string> = { "[": "]", "(": ")" };

/** Takes a literal from the front; undefined if there is none. */
function literal(tokens: Token[]): Literal | undefined {
  const token = tokens.shift();
  if (token === undefined) return undefined;
  if (token.kind === "string") {
    // Neighbouring strings are one.
    const next = tokens[0]?.kind === "string" ? literal(tokens) : "";
    return stringOf(token.text) + (next as string);
  }
  if (token.kind === "number") return numberOf(token.text);
  if (token.kind === "name") return Object.hasOwn(WORDS, token.text) ? WORDS[token.text] : undefined;
  if (token.text === "-") {
    const next = literal(tokens);
    return typeof next === "number" ? -next : undefined;
  }
  const closing = CLOSING[token.text];
  return closing === undefined ? undefined : listOf(tokens, closing);
}

function listOf(tokens: Token[], closing: string): Literal | undefined {
  const list: Literal[] = [];
  let commas = 0;
  while (tokens[0]?.text !== closing) {
    const one = literal(tokens);
    if (one === undefined) return undefined;
    list.push(one);
    if (tokens[0]?.text === ",") {
      commas++;
      tokens.shift();
    } else if (tokens[0]?.text !== closing) return undefined;
  }
  tokens.shift();
  // Brackets around one value are no tuple.
  return closing === ")" && list.length === 1 && commas === 0 ? list[0] : list;
}

function numberOf(text: string): number {
  return Number(text.replaceAll("_", ""));
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\n": "" };

function stringOf(text: string): string {
  const [, quoted] = STRING.exec(text) as unknown as [string, string];
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  const inner = quoted.slice(width, -width);
  if (/^[rR]/.test(text)) return inner;
  return inner.replaceAll(/\\([\s\S])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
}

/** Lines with those joined that brackets, quotes or a backslash hold together; without empty ones. */
function logicalLines(text: string): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = [];
  const lines = text.replaceAll("\r\n", "\n");
  let line = 1;
  for (let rest = lines; rest !== ""; ) {
    const length = lengthOf(rest);
    const whole = rest.slice(0, length);
    if (!/^\s*(#[^\n]*)?\s*$/.test(whole)) found.push({ line, text: whole.trimEnd() });
    line += whole.split("\n").length - 1;
    rest = rest.slice(length);
  }
  return found;
}

/** Length of the first logical line with its line end. */
function lengthOf(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const skipped = STRING.exec(rest) ?? /^(#[^\n]*|\\\n)/.exec(rest);
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    const character = text[at++] as string;
    if ("[({".includes(character)) depth++;
    else if ("])}".includes(character)) depth--;
    else if (character === "\n" && depth <= 0) return at;
  }
  return text.length;
}
