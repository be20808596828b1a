// From limit_req and limit_conn, and their zones, to the settings of the same names.
//
// Modelled: keys that are alike for every request (constants, names and addresses of the server) and the
// client's address; what an inner block sets replaces the outer one's; a key that is always empty limits
// nothing (src/http/modules/ngx_http_limit_req_module.c, ngx_http_limit_conn_module.c). Not modelled: other
// keys. What is left out is noted.

import { type Directive, directiveText } from "./nginx-conf.js";
import { ImportError, type Note, type NoteKind, note, unexpected } from "./note.js";

export interface ReadLimits {
  settings: Record<string, unknown>;
  /** The directives that were read, with a note for each that is not in the settings. */
  notes: Map<Directive, Note | undefined>;
}

type Left = { kind: NoteKind; text: string };
type Zone = { key?: "server" | "client"; left?: Left };

const CLIENT = new Set(["binary_remote_addr", "remote_addr"]);
const SERVER = new Set(["server_name", "host", "http_host", "server_addr", "server_port", "scheme"]);
const OTHER_KEY: Left = { kind: "not-modelled", text: "only the server and the client's address are keys" };
const EMPTY_KEY: Left = {
  kind: "no-effect",
  text: "the server has no name, and an empty key limits nothing",
};
const UNUSED: Left = { kind: "no-effect", text: "no limit uses this zone" };

/** `levels` are the blocks from http down to the location. Throws an ImportError. */
export function readLimits(levels: readonly Directive[]): ReadLimits {
  const read: ReadLimits = { settings: {}, notes: new Map() };
  const server = levels[1];
  const isNamed = (server?.block ?? []).some(({ name, args }) => name === "server_name" && args[0] !== "");
  for (const limit of ["limit_req", "limit_conn"] as const) readLimit(limit, levels, isNamed, read);
  return read;
}

function readLimit(
  limit: "limit_req" | "limit_conn",
  levels: readonly Directive[],
  isNamed: boolean,
  { settings, notes }: ReadLimits,
): void {
  const declared = named(levels[0], `${limit}_zone`);
  const zones = new Map<string, Zone & { setting: object; used: boolean }>();
  for (const directive of declared) {
    const setting = limit === "limit_req" ? requestZone(directive) : connectionZone(directive);
    if (zones.has(setting.name))
      throw new ImportError(directive, directive.name, `zone "${setting.name}" is declared twice`);
    zones.set(setting.name, { ...zoneKey(directive, isNamed), setting, used: false });
  }
  // The innermost block that has any replaces those of all others.
  const innermost = levels.map((level) => named(level, limit)).findLast((found) => found.length > 0) ?? [];
  const uses: object[] = [];
  for (const directive of innermost) {
    const use = limit === "limit_req" ? requestLimit(directive) : connectionLimit(directive);
    const zone = zones.get(use.zone);
    if (!zone) throw new ImportError(directive, limit, `zone "${use.zone}" is not declared`);
    notes.set(directive, zone.left && noteOf(directive, zone.left));
    if (zone.left) continue;
    zone.used = true;
    uses.push(use);
  }
  for (const level of levels)
    for (const directive of named(level, limit))
      if (!innermost.includes(directive))
        notes.set(directive, noteOf(directive, { kind: "no-effect", text: "an inner block replaces it" }));
  const [...all] = zones.values();
  for (const [index, directive] of declared.entries()) {
    const { left, used } = all[index] as (typeof all)[number];
    notes.set(directive, left || !used ? noteOf(directive, left ?? UNUSED) : undefined);
  }
  if (uses.length === 0) return;
  settings[`${limit}_zone`] = all.filter(({ used }) => used).map(({ setting, key }) => ({ ...setting, key }));
  settings[limit] = uses;
}

function named(block: Directive | undefined, name: string): Directive[] {
  return (block?.block ?? []).filter((directive) => directive.name === name);
}

function noteOf(directive: Directive, { kind, text }: Left): Note {
  return note(directive, directiveText(directive), kind, text);
}

/** Which requests share a limit: of several variables the finest decides. */
function zoneKey({ args: [key = ""] }: Directive, isNamed: boolean): Zone {
  const variables = [...key.matchAll(/\$\{?(\w+)\}?/g)].map(([, variable]) => variable as string);
  if (!variables.every((variable) => CLIENT.has(variable) || SERVER.has(variable)))
    return { left: OTHER_KEY };
  if (/^\$\{?server_name\}?$/.test(key) && !isNamed) return { left: EMPTY_KEY };
  return { key: variables.some((variable) => CLIENT.has(variable)) ? "client" : "server" };
}

function requestZone(directive: Directive): { name: string; rate: string } {
  const name = zoneName(directive);
  const rate = parameter(directive, "rate") ?? "1r/s";
  const match = /^(0*[1-9]\d*)(r\/[sm])?$/.exec(rate);
  if (!match) throw unexpected(directive, "rate", 'a rate such as "10r/s"', `"${rate}"`);
  return { name, rate: `${Number(match[1])}${match[2] ?? "r/s"}` };
}

function connectionZone(directive: Directive): { name: string } {
  return { name: zoneName(directive) };
}

function zoneName(directive: Directive): string {
  const name = parameter(directive, "zone")?.split(":")[0];
  if (name) return name;
  throw unexpected(directive, directive.name, 'a parameter such as "zone=one:10m"', "none");
}

function requestLimit(directive: Directive) {
  const zone = parameter(directive, "zone");
  if (!zone) throw unexpected(directive, directive.name, 'a parameter such as "zone=one"', "none");
  const burst = positive(directive, "burst", parameter(directive, "burst"));
  const delay = positive(directive, "delay", parameter(directive, "delay"));
  return {
    zone,
    ...(burst !== undefined && { burst }),
    ...(delay !== undefined && { delay }),
    ...(directive.args.includes("nodelay") && { nodelay: true }),
  };
}

function connectionLimit(directive: Directive) {
  const [zone, connections, ...others] = directive.args;
  if (!zone || !connections || others.length > 0)
    throw unexpected(directive, directive.name, "a zone and a number", `"${directive.args.join(" ")}"`);
  return { zone, connections: positive(directive, directive.name, connections) };
}

function parameter({ args }: Directive, name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}

function positive(directive: Directive, name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw unexpected(directive, name, "a whole number above 0", `"${text}"`);
}
