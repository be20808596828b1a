// A caller that keeps connections, gives requests processor time and leaves when it likes, by a script: what no
// client does yet, or does too late to be seen by itself.

import { app } from "../../../models/app.js";
import type { Actions } from "../../../models/gunicorn/actions.js";
import { gunicorn } from "../../../models/gunicorn/gunicorn.js";
import { kernel } from "../../../models/linux/kernel.js";
import { EINPROGRESS, errnoName, OK } from "../../../src/component/errno.js";
import { type World, world } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";

const SECOND = 1e9;

/** At so many seconds: a new connection with its first request, the next request on it, or its end. */
export interface Step {
  at: number;
  open?: string;
  send?: string;
  leave?: string;
  /** Something happens to the gunicorn. */
  act?: (actions: Actions) => void;
  /** Seconds that the application waits and computes. */
  sleep?: number;
  cpu?: number;
  /** Seconds that it takes to send its body. */
  upload?: number;
  /** The connection is to be kept; the request comes later than the connection. */
  keep?: boolean;
  silent?: boolean;
}

export interface Played {
  /** `1.000 a 200 kept`: seconds, connection, what happened. */
  log: string[];
  /** The cause of the request that ended so, by connection. */
  causes: Record<string, string>;
  world: World;
  /** Requests that were sent, and those whose caller left before the answer. */
  sent: number;
  left: number;
  /** The highest level of a gauge. */
  peak(name: string): number;
}

export function play(settings: object, steps: Step[], { untilS = 100, seed = "1" } = {}): Played {
  const built = world(streams(seed, 0), () => ({}));
  built.build(kernel, kernel.settings.parse({ profile: "linux-6.18" }));
  built.build(app, app.settings.parse({ sleep: "0s" }));
  const bind = (settings as { bind?: string }).bind ?? "unix:/run/g.sock";
  built.build(gunicorn, gunicorn.settings.parse({ overhead: "0s", ...settings, bind }));
  const { sim, connections, requests, recorder } = built;
  const bodies = steps.some(({ upload }) => upload !== undefined) ? requests.withBodies() : undefined;
  const route = built.network.route(bind, "the test");
  const names: string[] = [];
  const rows = new Map<string, number>();
  const log: string[] = [];
  const causes: Record<string, string> = {};
  const wanted = new Set<string>();
  const counts = { sent: 0, left: 0 };

  function note(row: number, what: string): string {
    const name = names[row] as string;
    log.push(`${(sim.now / SECOND).toFixed(3)} ${name} ${what}`);
    const request = connections.request[row] as number;
    if (request >= 0) causes[name] = recorder.causes[requests.cause[request] as number]?.id ?? "";
    return name;
  }
  function left(row: number): void {
    rows.delete(names[row] as string);
    connections.closedByCaller(row, sim.now);
  }
  const caller = connections.register({
    responded(row, status) {
      const name = note(row, `${status}${connections.isKept(row) ? " kept" : ""}`);
      if (connections.isKept(row) && wanted.has(name)) connections.rests(row);
      else left(row);
    },
    hungUp(row) {
      note(row, "hung up");
      left(row);
    },
    reset(row) {
      note(row, "reset");
      left(row);
    },
    gone: () => {},
    peerClosed: (row) => void note(row, "closed after its caller"),
    connected: () => {},
    connectFailed(row, errno) {
      note(row, errnoName(errno));
      rows.delete(names[row] as string);
      connections.closed(row);
    },
    dismissed(row) {
      note(row, "dismissed");
      left(row);
    },
  });
  function born({ sleep = 0, cpu = 0, upload }: Step): number {
    counts.sent++;
    const request = requests.born(sim.now, Math.round(sleep * SECOND), Math.round(cpu * SECOND));
    if (bodies && upload !== undefined) {
      bodies.bytes[request] = 100_000;
      bodies.uploadNs[request] = Math.round(upload * SECOND);
    }
    return request;
  }

  const act = sim.event("step", (number) => {
    const step = steps[number] as Step;
    if (step.open !== undefined) open(step, step.open);
    else if (step.act) step.act(built.get(gunicorn).actions);
    else if (step.send !== undefined) send(step, rows.get(step.send));
    else leave(rows.get(step.leave as string));
  });
  function open(step: Step, name: string): void {
    const row = connections.opened(caller, born(step), 0);
    names[row] = name;
    rows.set(name, row);
    if (step.keep) {
      wanted.add(name);
      connections.wantsMore(row);
    }
    if (step.silent) connections.awaitsData(row);
    const errno = route.server.connect(row);
    if (errno === OK || errno === EINPROGRESS) return;
    note(row, errnoName(errno));
    rows.delete(name);
    connections.closed(row);
  }
  function send(step: Step, row: number | undefined): void {
    if (row === undefined || (connections.request[row] as number) >= 0) return;
    connections.carries(row, born(step), 0);
    if (!route.server.sent?.(row)) throw new Error("sent to a connection that is closed");
  }
  function leave(row: number | undefined): void {
    if (row === undefined) return;
    const rests = (connections.request[row] as number) < 0;
    left(row);
    if (rests) route.server.dropped?.(row);
    else {
      counts.left++;
      route.server.abandoned(row);
    }
  }

  steps.forEach((step, number) => {
    act.at(Math.round(step.at * SECOND), number);
  });
  built.start();
  sim.run(untilS * SECOND);
  return {
    log,
    causes,
    world: built,
    ...counts,
    peak: (name) => built.gauges.find((gauge) => gauge.name === name)?.peak ?? Number.NaN,
  };
}
