// From gunicorn's command lines to the gunicorn sections of a scenario.
//
// Modelled: the flags of gunicorn-flags.ts, as argparse reads them (`--flag value`, `--flag=value`, `-w4`,
// unique beginnings of long names, the last one wins), and WEB_CONCURRENCY for the number of workers.
// Not modelled: configuration files, GUNICORN_CMD_ARGS. What is left out is noted, each with its line.

import { parseAddress } from "../component/address.js";
import { type Flag, flagOf, flagsNamed } from "./gunicorn-flags.js";
import { ImportError, type Imported, type Note, note, type Source, unexpected } from "./note.js";
import { type Command, shellCommands } from "./shell.js";

export interface ImportedGunicorn extends Imported {
  /** Whether one of them listens on TCP. */
  tcp: boolean;
}

/** Words that may stand before the name of the program. */
const WRAPPER = /^(exec|nohup|setsid|command|time|sudo|poetry|pipenv|uv|run|-m|(.*\/)?python[\d.]*)$/;
const PROGRAM = /^(.*\/)?gunicorn3?$/;
/** Commands around it that change nothing in a prediction. */
const HARMLESS = new Set([
  "cd",
  "set",
  "export",
  "echo",
  "wait",
  "sleep",
  "source",
  ".",
  "mkdir",
  "rm",
  "trap",
]);

/** One gunicorn as it is read. */
interface Reading {
  command: Command;
  settings: Record<string, unknown>;
  binds: string[];
  name: string | undefined;
  /** Flags that were given, by long name. */
  given: Set<string>;
  notes: Note[];
}

/** Imports a shell script with one or several command lines. Throws an ImportError with file and line. */
export function importGunicorn(source: Source): ImportedGunicorn {
  const notes: Note[] = [];
  const readings: Reading[] = [];
  for (const command of shellCommands(source)) {
    const program = command.words.findIndex((word) => PROGRAM.test(word));
    const isGunicorn = program >= 0 && command.words.slice(0, program).every((word) => WRAPPER.test(word));
    noteShell(command, isGunicorn, notes);
    if (isGunicorn) {
      const given = new Set<string>();
      const reading = { command, settings: {}, binds: [], name: undefined, given, notes };
      readings.push(readCommand(reading, command.words.slice(program + 1)));
    }
  }
  if (readings.length === 0) {
    throw unexpected({ file: source.file, line: 1 }, "", "a gunicorn command line", "none");
  }
  const names = distinctNames(readings);
  const sections = readings.map(({ settings: { bind, ...others } }, index) => ({
    ...(readings.length > 1 && { name: names[index] }),
    ...(bind !== undefined && { bind }),
    ...others,
  }));
  const tcp = readings.some(({ binds }) => binds.some((bind) => parseAddress(bind).family === "tcp"));
  return { scenario: { gunicorn: sections.length === 1 ? sections[0] : sections }, notes, tcp };
}

/** What the shell would do besides starting gunicorn is told, not done. */
function noteShell(command: Command, isGunicorn: boolean, notes: Note[]): void {
  const { words, operators, unreadable } = command;
  const text = words.join(" ");
  if (isGunicorn && unreadable) {
    throw new ImportError(
      command,
      "gunicorn",
      `the shell's "${unreadable}" is not evaluated; write out what it gives`,
    );
  }
  if (!isGunicorn && words.length > 0) {
    if (HARMLESS.has(words[0] as string))
      notes.push(note(command, text, "no-effect", "this command is not run"));
    else notes.push(note(command, text, "not-modelled", "only gunicorn is started"));
  }
  for (const operator of operators) {
    notes.push(
      note(command, operator, "no-effect", "a shell operator; the commands on both sides are read alike"),
    );
  }
}

function readCommand(reading: Reading, args: readonly string[]): Reading {
  const { command, notes } = reading;
  const { WEB_CONCURRENCY: concurrency, GUNICORN_CMD_ARGS: inherited, PORT: port } = command.environment;
  if (concurrency) setFlag(reading, "--workers", concurrency, `WEB_CONCURRENCY=${concurrency}`);
  if (inherited) notes.push(note(command, `GUNICORN_CMD_ARGS=${inherited}`, "not-modelled", "is not read"));
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") break;
    if (/^--|^-[A-Za-z]/.test(word)) readFlag(reading, word, words);
    else if (word.includes("$"))
      notes.push(note(command, word, "not-modelled", "its value is not in the file"));
  }
  if (reading.binds.length === 0) {
    // gunicorn/config.py Bind: the environment variable PORT, or else this.
    addBind(reading, port ? `0.0.0.0:${port}` : "127.0.0.1:8000");
    if (reading.given.has("--config")) {
      const text = `taken, since there is no --bind and the configuration file is not read`;
      notes.push(note(command, `bind ${reading.binds[0]}`, "not-modelled", text));
    }
  }
  return reading;
}

/** Reads one flag and its value; what belongs to the next flag goes back to `rest`. */
function readFlag(reading: Reading, word: string, rest: string[]): void {
  const { command } = reading;
  const isLong = word.startsWith("--");
  const equals = word.indexOf("=");
  const written = isLong ? word.slice(0, equals < 0 ? undefined : equals) : word.slice(0, 2);
  const attached = isLong
    ? equals < 0
      ? undefined
      : word.slice(equals + 1)
    : word.slice(2).replace(/^=/, "") || undefined;
  const [name, ...others] = flagsNamed(written);
  if (name === undefined) throw unexpected(command, "gunicorn", "a flag of gunicorn", `"${written}"`);
  if (others.length > 0) {
    throw unexpected(command, "gunicorn", `one of ${[name, ...others].join(", ")}`, `"${written}"`);
  }
  const { takes } = flagOf(name);
  if (takes === "value") {
    const value = attached ?? rest.shift();
    if (value === undefined || (attached === undefined && /^-[^\d]/.test(value))) {
      throw unexpected(
        command,
        name,
        "a value",
        value === undefined ? "the end of the command" : `"${value}"`,
      );
    }
    setFlag(reading, name, value, attached === undefined ? `${written} ${value}` : word);
    return;
  }
  if (attached !== undefined && takes === "nothing") {
    // Letters without values may be written together: -DR.
    if (isLong) throw unexpected(command, name, "no value", `"${attached}"`);
    rest.unshift(`-${attached}`);
  }
  setFlag(reading, name, "", isLong ? word : written);
}

/** Writes a setting, or notes why not. `directive` is how it stands in the file. */
function setFlag(reading: Reading, name: string, value: string, directive: string): void {
  const { command, settings, notes } = reading;
  const flag = flagOf(name);
  if (flag.effect === "setting" && value.includes("$")) {
    throw unexpected(
      command,
      name,
      "a value that can be read here",
      `"${value}", which is not assigned in the file`,
    );
  }
  reading.given.add(name);
  if (name === "--name") reading.name = value;
  if (name === "--bind") {
    addBind(reading, value);
    return;
  }
  const read = checkedValue(flag, name, value, command);
  if (flag.effect !== "setting") notes.push(note(command, directive, flag.effect, flag.text));
  else if (flag.unknown?.holds(value)) {
    delete settings[flag.key as string];
    notes.push(note(command, directive, "not-modelled", flag.unknown.text));
  } else settings[flag.key as string] = read;
}

function checkedValue({ form }: Flag, name: string, value: string, command: Command): unknown {
  if (!form) return value;
  const read = form.read(value);
  if (read === undefined) throw unexpected(command, name, form.expected, `"${value}"`);
  return read;
}

const BIND_EXPECTED = 'an address such as "127.0.0.1:8000" or "unix:/run/app.sock"';

/** gunicorn/util.py parse_address: unix:PATH, unix://PATH, tcp://, an empty host, port 8000 without one. */
function addBind({ binds, settings, command }: Reading, text: string): void {
  if (/^fd:\/\/|,/.test(text)) throw unexpected(command, "--bind", BIND_EXPECTED, `"${text}"`);
  const bind = text
    .replace(/^unix:\/\//, "unix:")
    .replace(/^tcp:\/\//, "")
    .replace(/^:/, "*:");
  const hasPort = bind.startsWith("unix:") || /(^|:)\d+$/.test(bind);
  binds.push(parseAddress(hasPort ? bind : `${bind}:8000`).text);
  settings.bind = binds.length === 1 ? binds[0] : binds;
}

/** Names for several: that of --name, or of the socket's file; numbered where they are alike. */
function distinctNames(readings: readonly Reading[]): string[] {
  const taken = new Set<string>();
  return readings.map(({ name, binds }, index) => {
    const file = /([^/:]+?)(\.sock)?$/.exec(binds[0] as string)?.[1];
    const wanted = name ?? file ?? "gunicorn";
    const given = taken.has(wanted) ? `${wanted}-${index + 1}` : wanted;
    taken.add(given);
    return given;
  });
}
