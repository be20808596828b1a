// From nginx.conf to the nginx section of a scenario.
//
// Modelled: `listen`, the application's address, and the settings of nginx-directives.ts with the inheritance
// of nginx: what an inner block sets replaces the outer one's. Everything else is noted, with its file and
// line.

import { parseAddress } from "../component/address.js";
import { type Directive, directiveText, type Files, parseNginxConf } from "./nginx-conf.js";
import { LISTEN_PARAMETERS, parameterRule, type Rule, ruleOf, type Upstream } from "./nginx-directives.js";
import { type ReadGroup, readGroup } from "./nginx-group.js";
import { type ReadHeaders, readHeaders } from "./nginx-headers.js";
import { type ReadLimits, readLimits } from "./nginx-limits.js";
import { type RequestRoute, requestRoute } from "./nginx-route.js";
import {
  ImportError,
  type Imported,
  type Note,
  type NoteKind,
  note,
  type Source,
  unexpected,
} from "./note.js";

export interface ImportedNginx extends Imported {
  /** Whether nginx reaches the application, or clients reach nginx, over TCP. */
  tcp: boolean;
}

/**
 * Imports a main configuration file. `target` is the address that clients connect to, if it is known: it
 * chooses among several servers. `cores` are the processors, if they are known. Throws an ImportError with
 * file and line.
 */
export function importNginx(
  source: Source,
  files: Files,
  options: { target?: string; cores?: number } = {},
): ImportedNginx {
  const main = parseNginxConf(source, files);
  const route = requestRoute(source, main, options.target);
  const upstream = {
    tcp: route.servers.some(({ family }) => family === "tcp"),
    servers: route.servers.length,
    connections: connectionsOf(main),
    cores: options.cores,
  };
  const group = readGroup(route.group, route.pass, route.servers);
  const limits = readLimits(route.levels);
  const headers = readHeaders(route.levels);
  const listen = route.listen?.args[0];
  const whole = { name: "main", args: [], file: source.file, line: 1, block: main };
  const settings = inheritedSettings([whole, ...main.filter(isEvents), ...route.levels], upstream);
  if (settings.worker_processes === "auto") settings.worker_processes = options.cores;
  const nginx = {
    ...(route.listen && { listen: listenOf(route.listen) }),
    ...group.settings,
    ...limits.settings,
    ...headers.settings,
    ...settings,
  };
  // Without a listen nginx takes port 80.
  const tcp = upstream.tcp || parseAddress(listen ?? "*:80").family === "tcp";
  return { scenario: { nginx }, notes: leftOut(main, route, upstream, { group, limits, headers }), tcp };
}

/** `listen` with its parameters; an address alone if it has none that matters. */
function listenOf(directive: Directive): unknown {
  const [address, ...parameters] = directive.args;
  const settings: Record<string, unknown> = {};
  for (const parameter of parameters) {
    const { effect, form } = parameterRule(LISTEN_PARAMETERS, parameter);
    if (effect !== "setting" || !form) continue;
    const [name, ...values] = parameter.split("=") as [string, ...string[]];
    const value = form.read(values);
    if (value === undefined) throw unexpected(directive, `listen … ${name}`, form.expected, `"${parameter}"`);
    settings[name] = value;
  }
  return Object.keys(settings).length > 0 ? { address, ...settings } : address;
}

function isEvents({ name }: Directive): boolean {
  return name === "events";
}

/** The connections of a worker: 512 unless set (ngx_event.c DEFAULT_CONNECTIONS). */
function connectionsOf(main: Directive[]): number {
  const events = main.filter(isEvents).flatMap(({ block }) => block ?? []);
  return Number(events.find(({ name }) => name === "worker_connections")?.args[0] ?? 512);
}

/** Whether a setting belongs outside of all blocks (nginx.c ngx_core_commands). */
function isOfMain({ name }: Directive): boolean {
  return name === "worker_processes";
}

/** Whether a setting belongs into the block `events` (ngx_event.c ngx_event_core_commands). */
function isOfEvents({ name }: Directive): boolean {
  return name === "worker_connections" || name === "accept_mutex";
}

/** The values that hold in the innermost of nested blocks. */
function inheritedSettings(levels: Directive[], upstream: Upstream): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const level of levels) {
    const own = new Set<string>();
    for (const directive of level.block ?? []) {
      const rule = ruleOf(directive.name);
      const value = checkedValue(directive, rule);
      if (effectOf(rule, directive.args, upstream).effect !== "setting") continue;
      if (own.has(directive.name))
        throw new ImportError(directive, directive.name, "is set twice in this block");
      own.add(directive.name);
      settings[directive.name] = value;
    }
  }
  return settings;
}

function effectOf(rule: Rule, args: readonly string[], upstream: Upstream): Pick<Rule, "effect" | "text"> {
  return rule.unless?.holds(args, upstream) ? rule.unless : rule;
}

/** What the rule's form reads; nginx would not start with anything else. */
function checkedValue({ name, args, ...place }: Directive, { form }: Rule): unknown {
  if (!form) return undefined;
  const value = form.read(args);
  if (value !== undefined) return value;
  throw unexpected(place, name, form.expected, args.length === 0 ? "nothing" : `"${args.join(" ")}"`);
}

/** A note for every directive that is not in the scenario. */
function leftOut(
  main: Directive[],
  route: RequestRoute,
  upstream: Upstream,
  read: { group: ReadGroup; limits: ReadLimits; headers: ReadHeaders },
): Note[] {
  const notes: Note[] = [];
  const known = new Map([...read.limits.notes, ...read.headers.notes]);
  const inside = new Set(route.levels);
  const place = ({ file, line }: Directive) => `${file}:${line}`;
  visit(main);
  return notes;

  function add(directive: Directive, kind: NoteKind, text: string): void {
    notes.push(note(directive, directiveText(directive), kind, text));
  }

  function visit(block: Directive[], parent?: Directive): void {
    for (const directive of block) {
      if (isEvents(directive) || inside.has(directive)) visit(directive.block ?? [], directive);
      else if (directive === route.group) notes.push(...read.group.notes);
      else if (known.has(directive)) noteKnown(directive);
      else if (directive === route.pass) passed(directive);
      else if (directive.name === "listen") listener(directive);
      else if (directive.block && Object.hasOwn(BLOCKS, directive.name)) otherBlock(directive);
      else byRule(directive, parent);
    }
  }

  function byRule(directive: Directive, parent: Directive | undefined): void {
    const rule = ruleOf(directive.name);
    checkedValue(directive, rule);
    const { effect, text } = effectOf(rule, directive.args, upstream);
    if (effect !== "setting") add(directive, effect, text);
    else if (!isInPlace(directive, parent))
      throw new ImportError(directive, directive.name, "not allowed here");
  }

  function isInPlace(directive: Directive, parent: Directive | undefined): boolean {
    if (!parent || isOfMain(directive)) return !parent && isOfMain(directive);
    return isOfEvents(directive) ? isEvents(parent) : route.levels.includes(parent);
  }

  function otherBlock(directive: Directive): void {
    const { kind, taken } = BLOCKS[directive.name] as (typeof BLOCKS)[string];
    add(
      directive,
      kind,
      taken === undefined ? "no request goes there" : `every request goes to ${place(route[taken])}`,
    );
  }

  function passed(directive: Directive): void {
    if (/^https:/i.test(directive.args[0] ?? "")) add(directive, "not-modelled", "TLS is not modelled");
    if (!route.group) notes.push(...read.group.notes);
  }

  function noteKnown(directive: Directive): void {
    const left = known.get(directive);
    if (left) notes.push(left);
  }

  function listener(directive: Directive): void {
    // Blocks of other servers are noted as a whole, so this is another address of the same server.
    if (directive !== route.listen)
      add(directive, "no-effect", `every request is taken to come by ${route.listen?.args[0]}`);
    else parameters(directive, LISTEN_PARAMETERS);
  }

  function parameters(directive: Directive, table: Record<string, Rule>): void {
    for (const parameter of directive.args.slice(1)) {
      const { effect, text } = effectOf(parameterRule(table, parameter), [parameter], upstream);
      if (effect !== "setting") notes.push(note(directive, `${directive.name} … ${parameter}`, effect, text));
    }
  }
}

/** Blocks beside those that requests take. `taken` is the one they take instead. */
const BLOCKS: Record<string, { kind: NoteKind; taken?: "server" | "location" }> = {
  server: { kind: "not-modelled", taken: "server" },
  location: { kind: "not-modelled", taken: "location" },
  upstream: { kind: "no-effect" },
};
