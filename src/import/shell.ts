// Splits a shell script into commands: logical lines, comments, quotes, continuations, assignments.
//
// Not modelled: everything that the shell would have to run or decide: substitutions, subshells, conditions.
// Operators are handed on to be reported. Variables are known if the script itself assigns them before.

import { type ParseEntry, parse } from "shell-quote";
import { ImportError, type Place, type Source, unexpected } from "./note.js";

/** One simple command. */
export interface Command extends Place {
  words: string[];
  /** Variables that it finds: those exported before and those assigned in front of it. */
  environment: Record<string, string>;
  /** The operators after it that do more than end it, with the words they take: `> log`, `&&`. */
  operators: string[];
  /** An operator that makes the words unreliable, such as `(` of a substitution. */
  unreadable: string | undefined;
}

const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;
const ENDS = new Set([";", "&"]);
const JOINS = new Set(["&&", "||", "|", "|&"]);
const REDIRECTS = new Set([">", ">>", "<", ">&", "&>", "&>>", ">|", "<&", "<>"]);

/**
 * The commands of a script in order, which begins at line number `first`. Throws an ImportError for a quote
 * that is not closed.
 */
export function shellCommands(source: Source, first = 1): Command[] {
  const variables = new Map<string, string>();
  const exported: Record<string, string> = {};
  const assign = (environment: Record<string, string>) => {
    for (const [name, value] of Object.entries(environment)) variables.set(name, value);
  };
  return logicalLines(source).flatMap(({ text, line }) => {
    const lookUp = (name: string) => (name === "" ? "$" : (variables.get(name) ?? `$${name}`));
    const place = { file: source.file, line: line + first - 1 };
    const commands = split(entriesOf(text, lookUp, place), place);
    for (const { words, environment } of commands) {
      if (words.length === 0) assign(environment);
      if (words[0] !== "export") continue;
      assign(assignments(words.slice(1)));
      // `export NAME` without a value exports what was assigned before.
      for (const name of words.slice(1).map((word) => word.split("=")[0] as string)) {
        const value = variables.get(name);
        if (value !== undefined) exported[name] = value;
      }
    }
    return commands.map((command) => ({ ...command, environment: { ...exported, ...command.environment } }));
  });
}

function entriesOf(text: string, lookUp: (name: string) => string, place: Place): ParseEntry[] {
  try {
    return parse(text, lookUp) as ParseEntry[];
  } catch (error) {
    // Of a variable's braces that are empty or not closed.
    throw new ImportError(place, "", (error as Error).message);
  }
}

/** Lines without comments, with continued ones and quoted line ends joined. */
function logicalLines({ file, text: raw }: Source): { text: string; line: number }[] {
  const text = raw.replaceAll("\r\n", "\n");
  const lines: { text: string; line: number }[] = [];
  let current = "";
  let line = 1;
  let started = 1;
  let quote = "";
  for (let position = 0; position < text.length; position++) {
    const character = text[position] as string;
    if (character === "\n") line++;
    if (character === "\\" && quote !== "'") {
      const next = text[++position] ?? "";
      if (next === "\n") line++;
      else current += character + next;
    } else if (quote === "" && character === "#") {
      // Within a word it is an ordinary character to a shell, which shell-quote is told by a backslash.
      if (current === "" || /[\s;&|]$/.test(current)) position = endOfLine(text, position) - 1;
      else current += "\\#";
    } else if (quote === "" && character === "\n") {
      lines.push({ text: current, line: started });
      current = "";
      started = line;
    } else {
      if (quote === "" && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = "";
      current += character;
    }
  }
  if (quote !== "")
    throw unexpected({ file, line: started }, "", `a closing ${quote}`, "the end of the file");
  return [...lines, { text: current, line: started }].filter((each) => each.text.trim() !== "");
}

function endOfLine(text: string, position: number): number {
  const end = text.indexOf("\n", position);
  return end < 0 ? text.length : end;
}

function split(entries: ParseEntry[], place: Place): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let operators: string[] = [];
  let unreadable: string | undefined;
  const end = () => {
    if (words.length + operators.length > 0 || unreadable)
      commands.push(command(words, operators, unreadable, place));
    words = [];
    operators = [];
    unreadable = undefined;
  };
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] as ParseEntry;
    if (typeof entry === "string") words.push(entry);
    else if ("comment" in entry) continue;
    else if (entry.op === "glob") words.push((entry as { pattern: string }).pattern);
    else if (ENDS.has(entry.op)) end();
    else if (JOINS.has(entry.op)) {
      operators.push(entry.op);
      end();
    } else if (REDIRECTS.has(entry.op)) {
      // The number of a descriptor before the operator, as in `2>&1`, is a word to shell-quote.
      const descriptor = /^\d$/.test(words.at(-1) ?? "") ? words.pop() : "";
      operators.push(`${descriptor}${entry.op} ${String(entries[++index] ?? "")}`);
    } else unreadable ??= entry.op;
  }
  end();
  return commands;
}

function command(
  words: string[],
  operators: string[],
  unreadable: string | undefined,
  place: Place,
): Command {
  const start = words.findIndex((word) => !ASSIGNMENT.test(word) && word !== "env");
  const name = start < 0 ? words.length : start;
  return {
    ...place,
    words: words.slice(name),
    environment: assignments(words.slice(0, name)),
    operators,
    unreadable,
  };
}

function assignments(words: string[]): Record<string, string> {
  const matches = words.map((word) => ASSIGNMENT.exec(word)).filter((match) => match !== null);
  return Object.fromEntries(matches.map(([, name, value]) => [name, value]));
}
