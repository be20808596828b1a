// What happens by the clock: a deployment, an accident, a change of the load.
//
// Modelled: everything below that can be done to a part while the scenario runs.
// Not modelled: reactions to what is going on (autoscaling, health checks): each event has its time.
//
//   events:
//     - { at: 30s, do: gunicorn.reload }
//     - { at: 60s, do: gunicorn.blue.crash, worker: 2 }     # of several gunicorns the one named blue
//     - { at: 90s, do: kernel.sysctl, net.core.somaxconn: 1024 }

import * as z from "zod";
import { component } from "../src/component/component.js";
import { SettingError } from "../src/component/setting-error.js";
import { declare, delegate, duration, fragment, section, withJsonSchema } from "../src/component/settings.js";
import { durationText } from "../src/component/units.js";
import type { World } from "../src/component/world.js";
import { SECOND } from "../src/engine/time.js";
import { ACTIONS, type Action } from "./event-actions.js";
import { gunicorn } from "./gunicorn/gunicorn.js";

interface Event {
  at: number;
  do: string;
  action: Action;
  [given: string]: unknown;
}

const KNOWN = Object.entries(ACTIONS).flatMap(([part, actions]) =>
  Object.keys(actions).map((name) => `${part}.${name}`),
);
const EXPECTED = `one of ${KNOWN.join(", ")}`;

const at = duration({ help: "time since the start of the run" });

/** All settings of an event with this action. */
function eventSection(part: string, name: string, { shape, help }: Action) {
  // Of several parts the name stands between: gunicorn.blue.reload.
  const form = new RegExp(`^${part}(\\.[^.]+)?\\.${name}$`);
  const what = z.string({ error: EXPECTED }).regex(form, { error: EXPECTED }).meta({ description: help });
  return section({ at, do: what, ...shape });
}

function actionOf(text: unknown): [part: string, name: string, found: Action] | undefined {
  const [part = "", ...rest] = String(text).split(".");
  const name = rest.at(-1) ?? "";
  if (rest.length > 2 || !Object.hasOwn(ACTIONS, part)) return undefined;
  const found = Object.hasOwn(ACTIONS[part] as object, name) ? ACTIONS[part]?.[name] : undefined;
  return found && [part, name, found];
}

const settings: z.ZodType<Event> = declare(
  withJsonSchema(
    z.unknown().transform((input, context) => {
      const written = (input as { do?: unknown } | null)?.do;
      const found = actionOf(written);
      if (!found) {
        const isMapping = typeof input === "object" && input !== null && !Array.isArray(input);
        const message = isMapping ? EXPECTED : "an event such as { at: 30s, do: gunicorn.reload }";
        context.addIssue({ code: "custom", message, input: written, path: isMapping ? ["do"] : [] });
        return z.NEVER;
      }
      const read = delegate(eventSection(...found), input, context);
      return read === z.NEVER ? z.NEVER : { ...read, action: found[2] };
    }),
    () => ({
      anyOf: Object.entries(ACTIONS).flatMap(([part, actions]) =>
        Object.entries(actions).map(([name, one]) => fragment(eventSection(part, name, one))),
      ),
    }),
  ),
  undefined,
  { help: "something that happens at a time of the clock" },
) as z.ZodType as z.ZodType<Event>;

export const events = component({
  section: "events",
  occurs: "many",
  help: "what happens by the clock: reloads, crashes, changes of the load",
  settings,
  build,
});

function build(world: World, event: Event): Planned {
  const path = ["events", world.all(events).length];
  const part = partOf(world, event, path);
  const act = event.action.prepare(part, event, { world, path });
  world.changes.push("something happens by the clock");
  const name = `${event.do} at ${durationText(event.at)}`;
  const tooLate = () => `the run ended at ${seconds(world.sim.now)}`;
  let useless: ReturnType<typeof act> = tooLate;
  const happen = () => {
    useless = act();
  };
  // A run does not go on for the sake of an event.
  const clock = world.sim.timer(name, event.at, happen, { isBackground: true });
  world.onStart(() => {
    checkWorker(world, { event, part }, path);
    clock.start(0);
  });
  world.onReset(() => {
    useless = tooLate;
  });
  world.notices.push(() => {
    const why = typeof useless === "function" ? useless() : useless;
    return why && `the event ${name} did nothing: ${why}`;
  });
  return { event, part };
}

function seconds(ns: number): string {
  return `${Number((ns / SECOND).toFixed(3))}s`;
}

/** An event and the part that it is about. */
interface Planned {
  event: Event;
  part: unknown;
}

/**
 * Throws a SettingError for the number of a worker that there is at no time: each reload doubles the workers
 * until the old ones have gone, and each add_worker is one more.
 */
function checkWorker(world: World, { event, part }: Planned, path: (string | number)[]): void {
  if (typeof event.worker !== "number") return;
  const before = world.all(events).filter((other) => other.part === part && other.event.at <= event.at);
  const times = (action: Action | undefined) => before.filter((one) => one.event.action === action).length;
  const own = world.all(gunicorn).find((one) => one === part)?.workers as number;
  const most = own * (1 + times(ACTIONS.gunicorn?.reload)) + times(ACTIONS.gunicorn?.add_worker);
  if (event.worker <= most) return;
  throw new SettingError([...path, "worker"], `expected a worker from 1 to ${most}, got ${event.worker}`);
}

/** The part that an event is about. Throws a SettingError at `path`. */
function partOf(world: World, { action: { part }, do: what }: Event, path: (string | number)[]): unknown {
  const known = world.all(part) as { name?: string | undefined }[];
  const [section, name] = what.split(".").length > 2 ? what.split(".") : [what.split(".")[0], undefined];
  const found =
    name === undefined ? (known.length === 1 ? known[0] : undefined) : known.find((one) => one.name === name);
  if (found) return found;
  const names = known.flatMap((one) => (one.name === undefined ? [] : [`${section}.${one.name}`]));
  const expected =
    known.length === 0
      ? `expected a section "${section}" in the scenario`
      : names.length === 0
        ? `expected "${section}" without a name`
        : `expected ${names.join(" or ")}`;
  throw new SettingError([...path, "do"], `${expected}, got "${what}"`);
}
