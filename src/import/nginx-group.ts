// From an upstream block, or the address of a proxy_pass, to the servers of a scenario.
//
// Modelled: the servers with their parameters, the balancing method, zone, keepalive. Not modelled: what a
// host name stands for, which is taken as one address. What is left out is noted.

import type { Address } from "../component/address.js";
import { type Directive, directiveText } from "./nginx-conf.js";
import { ruleOf } from "./nginx-directives.js";
import { COUNT, type Form, TIME } from "./nginx-forms.js";
import { type Note, type NoteKind, note, unexpected } from "./note.js";

export interface ReadGroup {
  /** The section `nginx.upstream`, or `nginx.proxy_pass` where there is no upstream block. */
  settings: { upstream: Record<string, unknown> } | { proxy_pass: string };
  notes: Note[];
}

/** What is read, or why it is left out. */
type Reading = { value: unknown } | { kind: NoteKind; text: string } | { expected: string };

const value = (read: unknown): Reading => ({ value: read });
const formed = (form: Form, word: string): Reading => {
  const read = form.read([word]);
  return read === undefined ? { expected: form.expected } : value(read);
};
const missing = (text: string): Reading => ({ kind: "not-modelled", text });

/** Parameters of `server` after the address: the form of their value, or undefined for a mere word. */
const SERVER_PARAMETERS: Record<string, Form | undefined> = {
  weight: COUNT,
  max_fails: COUNT,
  fail_timeout: TIME,
  max_conns: COUNT,
  backup: undefined,
  down: undefined,
};

const HASHED: Record<string, string> = {
  $request_uri: "uri",
  $uri: "uri",
  $remote_addr: "remote_addr",
  $binary_remote_addr: "binary_remote_addr",
};

/** Directives of an upstream block, and the setting that they write. */
const DIRECTIVES: Record<string, { setting: string; read(args: readonly string[]): Reading }> = {
  zone: { setting: "zone", read: () => value(true) },
  least_conn: { setting: "balance", read: () => value("least_conn") },
  ip_hash: { setting: "balance", read: () => value("ip_hash") },
  hash: {
    setting: "balance",
    read([variable = "", method]) {
      const key = Object.hasOwn(HASHED, variable) ? HASHED[variable] : undefined;
      if (key === undefined) return missing("only the URI and the client's address are hashed");
      return value({ hash: { key, ...(method === "consistent" && { consistent: true }) } });
    },
  },
  random: {
    setting: "balance",
    read(args) {
      const method = ["random", ...args].join(" ");
      if (/least_time/.test(method)) return missing("times of servers are not compared");
      return value(method);
    },
  },
  keepalive: { setting: "keepalive", read: ([connections = ""]) => formed(COUNT, connections) },
  keepalive_requests: { setting: "keepalive_requests", read: ([requests = ""]) => formed(COUNT, requests) },
  keepalive_time: { setting: "keepalive_time", read: ([time = ""]) => formed(TIME, time) },
  keepalive_timeout: { setting: "keepalive_timeout", read: ([time = ""]) => formed(TIME, time) },
  least_time: { setting: "balance", read: () => missing("times of servers are not compared") },
};

/** `servers` are the addresses of the group's servers, in their order. Throws an ImportError. */
export function readGroup(
  group: Directive | undefined,
  pass: Directive,
  servers: readonly Address[],
): ReadGroup {
  const notes: Note[] = [];
  if (!group) {
    noteName(pass, servers[0] as Address, notes);
    return { settings: { proxy_pass: `http://${(servers[0] as Address).text}` }, notes };
  }
  const upstream: Record<string, unknown> = { servers: [] };
  const remaining = [...servers];
  for (const directive of group.block ?? []) {
    if (directive.name === "server")
      (upstream.servers as unknown[]).push(readServer(directive, remaining.shift() as Address, notes));
    else readDirective(directive, upstream, notes);
  }
  return { settings: { upstream }, notes };
}

function readServer(directive: Directive, address: Address, notes: Note[]): unknown {
  const parameters: Record<string, unknown> = {};
  noteName(directive, address, notes);
  for (const parameter of directive.args.slice(1)) {
    const [name = "", ...rest] = parameter.split("=");
    if (!Object.hasOwn(SERVER_PARAMETERS, name)) {
      notes.push(note(directive, `server … ${parameter}`, "not-modelled", "not known to recvq"));
      continue;
    }
    const form = SERVER_PARAMETERS[name];
    const read = form ? form.read([rest.join("=")]) : parameter === name || undefined;
    if (read === undefined) throw unexpected(directive, name, form?.expected ?? "no value", `"${parameter}"`);
    parameters[name] = read;
  }
  return Object.keys(parameters).length === 0 ? address.text : { address: address.text, ...parameters };
}

function readDirective(directive: Directive, upstream: Record<string, unknown>, notes: Note[]): void {
  const { name, args } = directive;
  if (!Object.hasOwn(DIRECTIVES, name)) {
    const { effect, text } = ruleOf(name);
    notes.push(
      note(directive, directiveText(directive), effect === "setting" ? "not-modelled" : effect, text),
    );
    return;
  }
  const { setting, read } = DIRECTIVES[name] as (typeof DIRECTIVES)[string];
  // Of several methods nginx takes the last.
  const reading = read(args);
  if ("value" in reading) upstream[setting] = reading.value;
  else if ("expected" in reading) throw unexpected(directive, name, reading.expected, `"${args.join(" ")}"`);
  else notes.push(note(directive, directiveText(directive), reading.kind, reading.text));
}

/** Every address of a host name is a server of its own, which only a resolver knows. */
function noteName(directive: Directive, { family, host = "" }: Address, notes: Note[]): void {
  if (family === "unix" || /^\[|^[\d.]+$/.test(host)) return;
  const text =
    "a name is taken as one address; if it has several, as localhost with IPv6 has, list them as `resolves`";
  notes.push(note(directive, directiveText(directive), "not-modelled", text));
}
