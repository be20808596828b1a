// From nginx.conf to the nginx section of a scenario.
//
// Modelled: `listen`, the application's address, and the settings of nginx-directives.ts with the inheritance
// of nginx: what an inner block sets replaces the outer one's. Everything else is noted, with its file and
// line.

import { type Directive, directiveText, type Files, parseNginxConf } from "./nginx-conf.js";
import {
  LISTEN_PARAMETERS,
  parameterRule,
  type Rule,
  ruleOf,
  SERVER_PARAMETERS,
  type Upstream,
} from "./nginx-directives.js";
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
  /** Whether nginx reaches the application over TCP. */
  tcp: boolean;
}

/**
 * Imports a main configuration file. `target` is the address that clients connect to, if it is known: it
 * chooses among several servers. Throws an ImportError with file and line.
 */
export function importNginx(source: Source, files: Files, options: { target?: string } = {}): ImportedNginx {
  const main = parseNginxConf(source, files);
  const route = requestRoute(source, main, options.target);
  const upstream = {
    tcp: route.servers.some(({ family }) => family === "tcp"),
    servers: route.servers.length,
  };
  const [application] = route.servers;
  const listen = route.listen?.args[0];
  const nginx = {
    ...(listen !== undefined && { listen }),
    ...(application?.family === "unix" && { upstream: { servers: [application.text] } }),
    ...inheritedSettings([...main.filter(isEvents), ...route.levels], upstream),
  };
  return { scenario: { nginx }, notes: leftOut(main, route, upstream), tcp: upstream.tcp };
}

function isEvents({ name }: Directive): boolean {
  return name === "events";
}

/** Whether a setting belongs into the block `events` (ngx_event.c ngx_event_core_commands). */
function isOfEvents({ name }: Directive): boolean {
  return name === "worker_connections";
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
function leftOut(main: Directive[], route: RequestRoute, upstream: Upstream): Note[] {
  const notes: Note[] = [];
  const inside = new Set([...route.levels, ...(route.group ? [route.group] : [])]);
  const place = ({ file, line }: Directive) => `${file}:${line}`;
  visit(main);
  return notes;

  function add(directive: Directive, kind: NoteKind, text: string): void {
    notes.push(note(directive, directiveText(directive), kind, text));
  }

  function visit(block: Directive[], parent?: Directive): void {
    for (const directive of block) {
      if (isEvents(directive) || inside.has(directive)) visit(directive.block ?? [], directive);
      else if (directive.name === "server" && parent && parent === route.group) groupServer(directive);
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
    if (!parent) return false;
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

  function groupServer(directive: Directive): void {
    const { servers } = route;
    const index = (route.group?.block ?? []).filter(({ name }) => name === "server").indexOf(directive);
    if (servers[index]?.family === "tcp")
      add(directive, "not-modelled", "TCP to the application is not modelled yet");
    else if (index > 0) add(directive, "not-modelled", `every request goes to ${servers[0]?.text}`);
    parameters(directive, SERVER_PARAMETERS);
  }

  function passed(directive: Directive): void {
    if (/^https:/i.test(directive.args[0] ?? "")) add(directive, "not-modelled", "TLS is not modelled");
    if (!route.group && upstream.tcp)
      add(directive, "not-modelled", "TCP to the application is not modelled yet");
  }

  function listener(directive: Directive): void {
    if (directive !== route.listen)
      add(directive, "not-modelled", `every request comes by ${route.listen?.args[0]}`);
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
