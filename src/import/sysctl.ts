// From the output of `sysctl` (or a sysctl.conf) to the kernel section of a scenario.
//
// Modelled: net.core.somaxconn. Not modelled: everything of TCP, which plays no part while nginx reaches the
// application over a unix socket.

import { type Imported, type Note, note, type Source, unexpected } from "./note.js";

const LINE = /^\s*-?([\w./-]+)\s*[=:]\s*(.*?)\s*$/;
const COMPLAINT = /^sysctl: /;
const MODELLED = new Set(["net.core.somaxconn"]);

/**
 * Reads lines of the form `key = value`, `key: value` or `key=value`; vectors are separated by tabs. `tcp`
 * tells whether nginx reaches the application over TCP. Throws an ImportError with file and line.
 */
export function importSysctl({ file, text }: Source, { tcp }: { tcp: boolean }): Imported {
  const sysctl: Record<string, number> = {};
  const notes: Note[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const place = { file, line: index + 1 };
    if (/^\s*([#;]|$)/.test(content)) continue;
    if (COMPLAINT.test(content)) {
      notes.push(note(place, content.trim(), "not-modelled", "sysctl could not read this key"));
      continue;
    }
    const match = LINE.exec(content);
    if (!match)
      throw unexpected(place, "", 'a line such as "net.core.somaxconn = 128"', `"${content.trim()}"`);
    // sysctl(8) takes slashes for dots.
    const key = (match[1] as string).replaceAll("/", ".");
    const value = match[2] as string;
    if (MODELLED.has(key)) sysctl[key] = wholeNumber(value, key, place);
    else notes.push(note(place, `${key} = ${value.replaceAll(/\s+/g, " ")}`, ...effect(key, tcp)));
  }
  return { scenario: Object.keys(sysctl).length === 0 ? {} : { kernel: { sysctl } }, notes };
}

function wholeNumber(value: string, key: string, place: { file: string; line: number }): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw unexpected(place, key, "a whole number", `"${value}"`);
}

function effect(key: string, tcp: boolean): [Note["kind"], string] {
  if (key.startsWith("fs.")) return ["not-modelled", "numbers of descriptors are taken as sufficient"];
  if (!key.startsWith("net.")) return ["no-effect", "concerns neither sockets nor TCP"];
  if (tcp) return ["not-modelled", "TCP to the application is not modelled yet"];
  return ["no-effect", "nginx reaches the application over a unix socket"];
}
