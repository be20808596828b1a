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
import { type Component, component } from "../src/component/component.js";
import { SettingError } from "../src/component/setting-error.js";
import {
  count,
  declare,
  delegate,
  duration,
  fragment,
  number,
  rate,
  section,
  withJsonSchema,
} from "../src/component/settings.js";
import type { World } from "../src/component/world.js";
import { app } from "./app.js";
import { clients } from "./clients/clients.js";
import { gunicorn } from "./gunicorn/gunicorn.js";
import { kernel } from "./linux/kernel.js";

/** Something that can be done to the parts of one section. */
interface Action {
  part: Component;
  help: string;
  shape: z.ZodRawShape;
  /** Throws a SettingError at `path` for what this part cannot do. */
  prepare(face: unknown, given: unknown, path: Path): () => void;
}

type Path = readonly (string | number)[];

interface Event {
  at: number;
  do: string;
  action: Action;
  [given: string]: unknown;
}

/** Declares one; `prepare` answers what is to be done at the time. */
function action<Settings, Face, Shape extends z.ZodRawShape>(
  part: Component<Settings, Face>,
  help: string,
  shape: Shape,
  prepare: (face: Face, given: z.output<z.ZodObject<Shape>>, path: Path) => () => void,
): Action {
  return { part: part as unknown as Component, help, shape, prepare: prepare as Action["prepare"] };
}

const worker = count({
  least: 1,
  help: "number of the worker by age, the oldest is 1; without it the oldest that is up",
}).optional();
const HOW_LONG = { for: duration({ help: "how long" }) };

const ACTIONS: Record<string, Record<string, Action>> = {
  gunicorn: {
    reload: action(gunicorn, "HUP: new workers, and SIGTERM to the old ones", {}, (of) => of.actions.reload),
    stop: action(gunicorn, "TERM: the master and its workers end", {}, (of) => of.actions.stop),
    start: action(gunicorn, "a master is started after it was stopped", {}, (of) => of.actions.start),
    restart: action(
      gunicorn,
      "stop, and start when the master has gone",
      { pause: duration({ help: "time between the two", default: "0s" }) },
      (of, { pause }) =>
        () =>
          of.actions.restart(pause),
    ),
    add_worker: action(gunicorn, "TTIN: one worker more", {}, (of) => of.actions.addWorker),
    remove_worker: action(gunicorn, "TTOU: one worker less", {}, (of) => of.actions.removeWorker),
    crash: action(
      gunicorn,
      "SIGKILL to a worker",
      { worker },
      (of, given) => () => of.actions.crash(given.worker),
    ),
    hang: action(
      gunicorn,
      "a worker does nothing at all",
      { worker, ...HOW_LONG },
      (of, given) => () => of.actions.hang(given.for, given.worker),
    ),
  },
  clients: {
    rate: action(
      clients,
      "another rate: all phases times a factor, or each at this mean",
      {
        factor: number({ above: 0, help: "the scenario's own rates times this" }).optional(),
        rate: rate({ help: "mean rate from now on" }).optional(),
      },
      ({ actions: { rate: change } }, { factor, rate: perSecond }, path) => {
        if (!change)
          throw new SettingError([...path, "do"], "expected clients with arrivals, got a closed loop");
        if (factor !== undefined && perSecond === undefined) return () => change({ factor });
        if (perSecond !== undefined && factor === undefined) return () => change({ perSecond });
        throw new SettingError([...path], 'expected either "factor" or "rate"');
      },
    ),
  },
  app: {
    slow: action(
      app,
      "the application takes longer for every request from now on",
      { factor: number({ above: 0, help: "its own times, times this" }) },
      (of, { factor }) =>
        () =>
          of.actions.slow(factor),
    ),
  },
  kernel: {
    sysctl: action(
      kernel,
      "a sysctl is written; a listening socket keeps its backlog until the next listen()",
      { "net.core.somaxconn": count({ least: 0, most: 2 ** 31 - 1, help: "longest backlog of listen()" }) },
      (of, given) => () => of.setSomaxconn(given["net.core.somaxconn"]),
    ),
  },
};

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

function build(world: World, event: Event): void {
  const path = ["events", world.all(events).length];
  const run = event.action.prepare(partOf(world, event, path), event, path);
  // A run does not go on for the sake of an event.
  const clock = world.sim.timer(`${event.do} at ${event.at} ns`, event.at, run, { isBackground: true });
  world.onStart(() => clock.start(0));
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
