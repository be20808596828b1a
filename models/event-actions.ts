// What can be done to the parts of a scenario by the clock, and how it may turn out to do nothing.
//
// Modelled: signals and accidents of gunicorn, the rate of clients, a slower application, somaxconn.
// Not modelled: other sysctls, changes of nginx's configuration.

import type * as z from "zod";
import type { Component } from "../src/component/component.js";
import { SettingError } from "../src/component/setting-error.js";
import { count, duration, number, rate } from "../src/component/settings.js";
import type { World } from "../src/component/world.js";
import { app } from "./app.js";
import { clients } from "./clients/clients.js";
import { gunicorn } from "./gunicorn/gunicorn.js";
import { kernel } from "./linux/kernel.js";

/** Why something did nothing; undefined if it did something. */
type Useless = string | undefined;
/** What is done at the time; where only the rest of the run can tell, the answer is asked for at its end. */
export type Act = () => Useless | (() => Useless);

/** Something that can be done to the parts of one section. */
export interface Action {
  part: Component;
  help: string;
  shape: z.ZodRawShape;
  /** Throws a SettingError at its path for what this part cannot do. */
  prepare(face: unknown, given: unknown, at: Place): Act;
}

interface Place {
  world: World;
  path: readonly (string | number)[];
}

/** Declares one; `prepare` answers what is to be done at the time. */
function action<Settings, Face, Shape extends z.ZodRawShape>(
  part: Component<Settings, Face>,
  help: string,
  shape: Shape,
  prepare: (face: Face, given: z.output<z.ZodObject<Shape>>, at: Place) => Act,
): Action {
  return { part: part as unknown as Component, help, shape, prepare: prepare as Action["prepare"] };
}

const worker = count({
  least: 1,
  help: "number of the worker by age, the oldest is 1; without it the oldest that is up",
}).optional();

const unless = (did: boolean, why: string): Useless => (did ? undefined : why);
const NO_MASTER = "no master was running";

export const ACTIONS: Record<string, Record<string, Action>> = {
  gunicorn: {
    reload: action(
      gunicorn,
      "HUP: new workers, and SIGTERM to the old ones",
      {},
      (of) => () => unless(of.actions.reload(), NO_MASTER),
    ),
    stop: action(
      gunicorn,
      "TERM: the master and its workers end",
      {},
      (of) => () => unless(of.actions.stop(), NO_MASTER),
    ),
    start: action(
      gunicorn,
      "a master is started after it was stopped",
      {},
      (of) => () => unless(of.actions.start(), "its master was running"),
    ),
    restart: action(
      gunicorn,
      "stop, and start when the master has gone",
      { pause: duration({ help: "time between the two", default: "0s" }) },
      (of, { pause }) =>
        () => {
          of.actions.restart(pause);
          return undefined;
        },
    ),
    add_worker: action(
      gunicorn,
      "TTIN: one worker more",
      {},
      (of) => () => unless(of.actions.addWorker(), NO_MASTER),
    ),
    remove_worker: action(
      gunicorn,
      "TTOU: one worker less",
      {},
      (of) => () => unless(of.actions.removeWorker(), "there was no worker that could be spared"),
    ),
    crash: action(
      gunicorn,
      "SIGKILL to a worker",
      { worker },
      (of, given) => () => unless(of.actions.crash(given.worker), nobody(given.worker)),
    ),
    hang: action(
      gunicorn,
      "a worker does nothing at all",
      { worker, for: duration({ help: "how long" }) },
      (of, given) => () => unless(of.actions.hang(given.for, given.worker), nobody(given.worker)),
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
      ({ isClosed, actions: { rate: change } }, { factor, rate: perSecond }, { path }) => {
        if ((factor === undefined) === (perSecond === undefined))
          throw new SettingError([...path], 'expected either "factor" or "rate"');
        if (!change) {
          const expected = isClosed
            ? "expected clients with arrivals, got a closed loop"
            : "expected clients whose arrivals have a rate, got bursts or traces only";
          throw new SettingError([...path, "do"], expected);
        }
        const changed = factor === undefined ? { perSecond: perSecond as number } : { factor };
        return () => unless(change(changed), "its clients had sent their last request at a rate");
      },
    ),
  },
  app: {
    slow: action(
      app,
      "the application takes longer for every request from now on",
      { factor: number({ above: 0, help: "its own times, times this" }) },
      (of, { factor }, { world: { requests } }) =>
        () => {
          of.actions.slow(factor);
          const { sent } = requests;
          return () => unless(requests.sent > sent, "no request was sent after it");
        },
    ),
  },
  kernel: {
    sysctl: action(
      kernel,
      "a sysctl is written; a listening socket keeps its backlog until the next listen()",
      { "net.core.somaxconn": count({ least: 0, most: 2 ** 31 - 1, help: "longest backlog of listen()" }) },
      (of, given) => () => {
        of.setSomaxconn(given["net.core.somaxconn"]);
        const { listens } = of;
        const why = "nothing called listen() after it, and what listens keeps its backlog";
        return () => unless(of.listens > listens, why);
      },
    ),
  },
};

/** Why nothing was done to a worker. */
function nobody(place: number | undefined): string {
  return place === undefined ? "no worker was up" : `there was no worker ${place}`;
}
