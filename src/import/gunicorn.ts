// From gunicorn's command lines to the gunicorn sections of a scenario.
//
// Modelled: the flags of gunicorn-flags.ts, as argparse reads them (`--flag value`, `--flag=value`, `-w4`,
// unique beginnings of long names, the last one wins); the configuration file that -c names, or else
// gunicorn.conf.py, in the folder of the script (gunicorn-conf.ts); GUNICORN_CMD_ARGS; WEB_CONCURRENCY for
// the number of workers. What stands on the command line wins over GUNICORN_CMD_ARGS, that over the file, and
// the file over WEB_CONCURRENCY (gunicorn/app/base.py Application.load_config).
// Not modelled: configuration in a module (python:NAME). What is left out is noted, each with its line.

import { parseAddress } from "../component/address.js";
import { type Literal, pythonStatements } from "./gunicorn-conf.js";
import { type Flag, flagOf, flagOfSetting, flagsNamed } from "./gunicorn-flags.js";
import type { Files } from "./nginx-conf.js";
import { ImportError, type Imported, type Note, note, type Place, type Source, unexpected } from "./note.js";
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

/** What one source says of a gunicorn: its command line, a file, a variable; and all of them together. */
interface Reading {
  place: Place;
  /** A setting that is there and undefined is one that the models do not know. */
  settings: Record<string, unknown>;
  binds: string[];
  name: string | undefined;
  /** The configuration file that it names, and what is said of one that cannot be read. */
  config: { file: string; note: Note } | undefined;
  notes: Note[];
}

/**
 * Imports a shell script with one or several command lines; `files` reads configuration files. Throws an
 * ImportError with file and line.
 */
export function importGunicorn(source: Source, files: Pick<Files, "read"> = NO_FILES): ImportedGunicorn {
  const notes: Note[] = [];
  const readings: Reading[] = [];
  for (const command of shellCommands(source)) {
    const program = command.words.findIndex((word) => PROGRAM.test(word));
    const isGunicorn = program >= 0 && command.words.slice(0, program).every((word) => WRAPPER.test(word));
    noteShell(command, isGunicorn, notes);
    if (isGunicorn) {
      const reading = readCommand(command, command.words.slice(program + 1), files);
      notes.push(...reading.notes);
      readings.push(reading);
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

const NO_FILES = { read: () => undefined };
const DEFAULT_FILE = "gunicorn.conf.py";

function readCommand(command: Command, args: readonly string[], files: Pick<Files, "read">): Reading {
  const { WEB_CONCURRENCY: concurrency, GUNICORN_CMD_ARGS: inherited, PORT: port } = command.environment;
  const assumed = readingAt(command);
  if (concurrency) setFlag(assumed, "--workers", concurrency, `WEB_CONCURRENCY=${concurrency}`);
  const variable = readingAt(command);
  if (inherited) readWords(variable, wordsIn(inherited, command));
  const line = readingAt(command);
  readWords(line, args);
  const config = line.config ?? variable.config;
  const conf = readFile(command, config?.file ?? DEFAULT_FILE, files);
  // Of several -c one counts.
  const unread = [line.config?.note, variable.config?.note];
  const levels = [assumed, conf, variable, line].filter((one) => one !== undefined);
  const all = readingAt(command);
  for (const { settings, binds, name, notes } of levels) {
    Object.assign(all.settings, settings);
    if (binds.length > 0) all.binds = binds;
    all.name = name ?? all.name;
    all.notes.push(...notes.filter((one) => conf === undefined || !unread.includes(one)));
  }
  for (const [key, value] of Object.entries(all.settings)) if (value === undefined) delete all.settings[key];
  if (all.binds.length === 0) {
    // gunicorn/config.py Bind: the environment variable PORT, or else this.
    addBind(all, port ? `0.0.0.0:${port}` : "127.0.0.1:8000");
    if (config && !conf) {
      const text = `taken, since there is no --bind and the configuration file is not read`;
      all.notes.push(note(command, `bind ${all.binds[0]}`, "not-modelled", text));
    }
  }
  all.settings.bind = all.binds.length === 1 ? all.binds[0] : all.binds;
  return all;
}

function readingAt({ file, line }: Place): Reading {
  return { place: { file, line }, settings: {}, binds: [], name: undefined, config: undefined, notes: [] };
}

/** The words of a variable's value, which gunicorn splits as a shell does (gunicorn/config.py shlex). */
function wordsIn(text: string, { file, line }: Place): string[] {
  return shellCommands({ file, text }, line).flatMap(({ words }) => words);
}

function readWords(reading: Reading, args: readonly string[]): void {
  const words = [...args];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") break;
    if (/^--|^-[A-Za-z]/.test(word)) readFlag(reading, word, words);
    else if (word.includes("$"))
      reading.notes.push(note(reading.place, word, "not-modelled", "its value is not in the file"));
  }
}

/** What a configuration file says; undefined if it cannot be read. */
function readFile({ file: script }: Place, named: string, files: Pick<Files, "read">): Reading | undefined {
  const path = named.replace(/^file:/, "");
  const file = path.startsWith("/") ? path : script.slice(0, script.lastIndexOf("/") + 1) + path;
  const text = files.read(file);
  if (text === undefined) return undefined;
  const reading = readingAt({ file, line: 1 });
  for (const { line, text: directive, assigned } of pythonStatements({ file, text })) {
    reading.place = { file, line };
    if (assigned) readSetting(reading, assigned, directive);
    else if (/^(import|from)\s/.test(directive)) continue;
    else reading.notes.push(note(reading.place, directive, "not-modelled", UNREAD));
  }
  return reading;
}

const UNREAD = "is not read: only assignments of numbers, texts and lists are";

/** One assignment of a configuration file. */
function readSetting(
  reading: Reading,
  { name, value }: { name: string; value: Literal },
  directive: string,
): void {
  const flag = flagOfSetting(name);
  if (flag === undefined) {
    const text = "no setting of gunicorn that decides on requests";
    reading.notes.push(note(reading.place, directive, "no-effect", text));
  } else if (name === "bind") {
    reading.binds = [];
    for (const one of Array.isArray(value) ? value : [value]) addBind(reading, String(one));
  } else if (flagOf(flag).takes === "nothing" && flagOf(flag).effect === "setting") {
    reading.settings[flagOf(flag).key as string] = value === true;
  } else setFlag(reading, flag, String(value), directive);
}

/** Reads one flag and its value; what belongs to the next flag goes back to `rest`. */
function readFlag(reading: Reading, word: string, rest: string[]): void {
  const { place } = reading;
  const isLong = word.startsWith("--");
  const equals = word.indexOf("=");
  const written = isLong ? word.slice(0, equals < 0 ? undefined : equals) : word.slice(0, 2);
  const attached = isLong
    ? equals < 0
      ? undefined
      : word.slice(equals + 1)
    : word.slice(2).replace(/^=/, "") || undefined;
  const [name, ...others] = flagsNamed(written);
  if (name === undefined) throw unexpected(place, "gunicorn", "a flag of gunicorn", `"${written}"`);
  if (others.length > 0) {
    throw unexpected(place, "gunicorn", `one of ${[name, ...others].join(", ")}`, `"${written}"`);
  }
  const { takes } = flagOf(name);
  if (takes === "value") {
    const value = attached ?? rest.shift();
    if (value === undefined || (attached === undefined && /^-[^\d]/.test(value))) {
      throw unexpected(place, name, "a value", value === undefined ? "the end of the command" : `"${value}"`);
    }
    setFlag(reading, name, value, attached === undefined ? `${written} ${value}` : word);
    return;
  }
  if (attached !== undefined && takes === "nothing") {
    // Letters without values may be written together: -DR.
    if (isLong) throw unexpected(place, name, "no value", `"${attached}"`);
    rest.unshift(`-${attached}`);
  }
  setFlag(reading, name, "", isLong ? word : written);
}

/** Writes a setting, or notes why not. `directive` is how it stands in the file. */
function setFlag(reading: Reading, name: string, value: string, directive: string): void {
  const { place, settings, notes } = reading;
  const flag = flagOf(name);
  if (flag.effect === "setting" && value.includes("$")) {
    throw unexpected(
      place,
      name,
      "a value that can be read here",
      `"${value}", which is not assigned in the file`,
    );
  }
  if (name === "--name") reading.name = value;
  if (name === "--bind") {
    addBind(reading, value);
    return;
  }
  if (name === "--config") {
    const missing = note(place, directive, "not-modelled", flag.text);
    reading.config = { file: value, note: missing };
    notes.push(missing);
    return;
  }
  const read = checkedValue(flag, name, value, place);
  if (flag.effect !== "setting") notes.push(note(place, directive, flag.effect, flag.text));
  else if (flag.unknown?.holds(value)) {
    settings[flag.key as string] = undefined;
    notes.push(note(place, directive, "not-modelled", flag.unknown.text));
  } else settings[flag.key as string] = read;
}

function checkedValue({ form }: Flag, name: string, value: string, place: Place): unknown {
  if (!form) return value;
  const read = form.read(value);
  if (read === undefined) throw unexpected(place, name, form.expected, `"${value}"`);
  return read;
}

const BIND_EXPECTED = 'an address such as "127.0.0.1:8000" or "unix:/run/app.sock"';

/** gunicorn/util.py parse_address: unix:PATH, unix://PATH, tcp://, an empty host, port 8000 without one. */
function addBind({ binds, place }: Reading, text: string): void {
  if (/^fd:\/\/|,/.test(text)) throw unexpected(place, "--bind", BIND_EXPECTED, `"${text}"`);
  const bind = text
    .replace(/^unix:\/\//, "unix:")
    .replace(/^tcp:\/\//, "")
    .replace(/^:/, "*:");
  const hasPort = bind.startsWith("unix:") || /(^|:)\d+$/.test(bind);
  binds.push(parseAddress(hasPort ? bind : `${bind}:8000`).text);
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
