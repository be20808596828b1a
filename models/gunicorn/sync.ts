// gunicorn's sync workers around their listening sockets.
//
// Modelled: a worker handles one connection at a time and takes the next one the instant it is free: the
// oldest of the only socket, or in rounds one of each (rounds.ts; gunicorn/workers/sync.py run_for_one); a
// worker learns nothing of a peer that has gone before it writes, so abandoned requests are executed in full;
// a connection that was accepted without data holds its worker until the data comes; no heartbeat while a
// request runs; a killed worker's request gets no answer, or from 22.0 on a 500, since SystemExit is caught
// as any other error (gunicorn/workers/sync.py handle); max_requests; from 26.0 on the lingering close,
// during which the worker waits for the proxy to close (gunicorn/util.py close_graceful).
// What a request takes, and what idle workers do that are woken for nothing: execution.ts.
// Not modelled: that on a unix socket the same one often wins twice; a response that had begun when its
// worker was killed; a peer that has its answer and does not close, which costs 2 s from 26.0 on: nginx and
// the clients here close at once.

import type { World } from "../../src/component/world.js";
import { MICROSECOND, MILLISECOND } from "../../src/engine/time.js";
import { NO_TIMER } from "../../src/engine/timer.js";
import { isAtLeast } from "../version.js";
import { execution } from "./execution.js";
import { workerBodies } from "./request-body.js";
import { rounds, selectNs } from "./rounds.js";
import { alike, type Crew, crewsOf } from "./sync-crews.js";
import { ABORTED, IDLE, LEAVING, LINGERING, READING, SERVING, SILENT, STUCK, syncRows } from "./sync-rows.js";
import { type ClassDeclaration, type Employment, loser, oneAtATime, silenceNs } from "./worker-class.js";

const HTTP_OK = 200;
// Measured: 0.15 to 0.3 ms a request behind nginx, gunicorn 26.1.0, Linux 6.18, two cores, 2026-11.
const LINGER_NS = 200 * MICROSECOND;

export const syncWorkers: ClassDeclaration = {
  ...oneAtATime,
  text: ({ workers }) => `${workers} sync ${workers === 1 ? "worker" : "workers"}, one request each`,
  // Measured: 6-8 ms from the end of a worker to the first answer of its successor, all versions, Linux 6.18,
  // two cores, 2026-11.
  bootNs: 8 * MILLISECOND,
  // Measured: 0.5-0.6 ms, gunicorn 20.1.0, unix socket, clients on the same two cores, Linux 6.18, 2026-11.
  overheadNs: 550 * MICROSECOND,
  build: alike(build),
};

/** Of all gunicorns like this one. */
function build(world: World, first: Employment) {
  const { sim, connections, requests, work } = world;
  const { settings } = first;
  const { answered, swallowsExit } = first.application;
  const lingers = isAtLeast(settings.version, "26.0.0");
  const [lose, bodies] = [loser(world, first), workerBodies(world, first.application, { lingers })];
  // A request is counted before the application runs (gunicorn/workers/sync.py handle_request).
  const isLimited = settings.max_requests > 0;
  const rows = syncRows();
  const handlers = { accept, ready, arrived, started, stop, abort, end, hang, lose };
  const crews = crewsOf(world, rows, first, handlers);
  const several = settings.bind.length > 1 && rounds(world, first, crews.first.queues);
  // A shorter request cannot be killed, however old the last heartbeat is.
  const harmlessNs = silenceNs(settings) - (several ? selectNs(settings) : 0);
  const executing = execution(world, rows, { ...first, wakeNs: settings.wake_cpu }, finish);
  const recovered = sim.event("gunicorn worker recovered", recover);
  const lingered = sim.timer("gunicorn lingering close", LINGER_NS, free);

  function accept(crew: Crew, connection: number): void {
    const worker = woken(crew);
    crew.busy.set(crew.busy.value + 1);
    begin(worker, connection);
  }

  /** A connection has come: one worker goes on, the others have been woken for nothing. */
  function woken(crew: Crew): number {
    const worker = crew.chosen();
    if (several) several.woken(worker);
    if (executing.hasHerd) crew.idle.forEach(executing.wake);
    return worker;
  }

  function begin(worker: number, connection: number): void {
    connections.accepted(connection);
    rows.current[worker] = connection;
    if (connections.hasData(connection)) {
      serve(worker, connection, 0);
      return;
    }
    rows.state[worker] = READING;
    rows.begunNs[worker] = sim.now;
    silence(worker, sim.now);
  }

  /** `besides` is what holds of the worker whatever it does. */
  function serve(worker: number, connection: number, besides: number): void {
    executing.begin(worker, connection, requests.bodies === undefined ? 0 : bodies.begins(connection));
    rows.state[worker] = besides | SERVING;
    rows.begunNs[worker] = sim.now;
    if (executing.isShared || (rows.untilNs[worker] as number) - sim.now > harmlessNs)
      silence(worker, sim.now);
    if (isLimited && --(rows.left[worker] as number) === 0) (rows.state[worker] as number) |= LEAVING;
  }

  /** The request of a connection that was accepted without it has come. */
  function serveLate(worker: number, connection: number): void {
    serve(worker, connection, (rows.state[worker] as number) & ~READING);
  }

  function silence(worker: number, sinceNs: number): void {
    const state = rows.state[worker] as number;
    if ((state & SILENT) !== 0) return;
    rows.state[worker] = state | SILENT;
    crews
      .of(worker)
      .arbiter.silent(rows.number[worker] as number, several ? several.beatNs(worker) : sinceNs);
  }

  function finish(worker: number): void {
    const connection = rows.current[worker] as number;
    if (connections.isDeserted(connection)) wasted(worker, connections.desertedNs(connection));
    if (connections.isCallerOpen(connection)) {
      if (requests.bodies !== undefined && bodies.isLost(connection)) {
        free(worker);
        return;
      }
      const bytes = answered(connections.request[connection] as number);
      connections.caller(connection).responded(connection, HTTP_OK, bytes, 0);
      if (lingers) {
        rows.state[worker] = ((rows.state[worker] as number) & ~SERVING) | LINGERING;
        rows.handle[worker] = lingered.start(worker);
        return;
      }
    } else connections.caller(connection).gone(connection);
    free(worker);
  }

  function wasted(worker: number, fromNs: number): void {
    const wastedNs = sim.now - Math.max(rows.begunNs[worker] as number, fromNs);
    if (wastedNs > 0) work.wastedNs += wastedNs;
  }

  /** The worker closes and takes the next connection. */
  function free(worker: number): void {
    connections.closedByServer(rows.current[worker] as number);
    if ((rows.state[worker] as number) >= LEAVING && !stays(worker)) return;
    const crew = crews.of(worker);
    const next = nextOf(crew, worker);
    if (next >= 0) {
      begin(worker, next);
      return;
    }
    rest(crew, worker);
    crew.busy.set(crew.busy.value - 1);
  }

  function rest(crew: Crew, worker: number): void {
    rows.state[worker] = IDLE;
    crew.idle.push(worker);
  }

  /** It sends a heartbeat again, if it was silent; false if it was to leave and does. */
  function stays(worker: number): boolean {
    const { arbiter, busy } = crews.of(worker);
    const state = rows.state[worker] as number;
    if ((state & SILENT) !== 0) arbiter.beats(rows.number[worker] as number);
    if ((state & LEAVING) === 0) return true;
    rows.state[worker] = 0;
    busy.set(busy.value - 1);
    arbiter.exits(rows.number[worker] as number);
    return false;
  }

  function nextOf(crew: Crew, worker: number): number {
    return several ? several.next(worker) : crew.queue.take();
  }

  function ready(crew: Crew): void {
    const { idle, queues, busy } = crew;
    while (idle.length > 0 && queues.some(({ length }) => length.value > 0)) {
      const worker = woken(crew);
      const connection = nextOf(crew, worker);
      busy.set(busy.value + 1);
      begin(worker, connection);
    }
  }

  /** What it works on ends now, with a 500 or with nothing. */
  function abort(worker: number, cause: number): boolean {
    const state = rows.state[worker] as number;
    if ((state & STUCK) !== 0) {
      rows.state[worker] = state | ABORTED;
      rows.cause[worker] = cause;
      return false;
    }
    if (swallowsExit && (state & (SERVING | READING)) !== 0) {
      rows.state[worker] = state | LEAVING;
      return false;
    }
    end(worker, crews.of(worker).answer, cause);
    return true;
  }

  /** Its process leaves off: nothing of it will happen any more. */
  function end(worker: number, close: (connection: number, cause: number) => void, cause: number): void {
    const state = rows.state[worker] as number;
    const connection = rows.current[worker] as number;
    const crew = crews.of(worker);
    rows.state[worker] = 0;
    // One that was stuck while it was idle counts as busy.
    if (state === IDLE) crew.leave(worker);
    else if (state !== 0) crew.busy.set(crew.busy.value - 1);
    if ((state & STUCK) !== 0) recovered.cancel(rows.handle[worker] as number);
    else if ((state & SERVING) !== 0) executing.stop(worker);
    else if ((state & LINGERING) !== 0) lingered.stop(rows.handle[worker] as number);
    if ((state & SERVING) !== 0) wasted(worker, 0);
    if ((state & LINGERING) !== 0) connections.closedByServer(connection);
    else if ((state & (SERVING | READING)) !== 0) close(connection, cause);
  }

  function stop(worker: number): void {
    const state = rows.state[worker] as number;
    if (state === IDLE) {
      const crew = crews.of(worker);
      crew.leave(worker);
      rows.state[worker] = 0;
      crew.arbiter.exits(rows.number[worker] as number);
    } else if (state !== 0) rows.state[worker] = state | LEAVING;
  }

  function hang(worker: number, forNs: number): void {
    const state = rows.state[worker] as number;
    if (state === 0 || (state & STUCK) !== 0) return;
    if ((state & IDLE) !== 0) {
      const crew = crews.of(worker);
      crew.leave(worker);
      crew.busy.set(crew.busy.value + 1);
    }
    if ((state & SERVING) !== 0) executing.pause(worker);
    if ((state & LINGERING) !== 0) lingered.stop(rows.handle[worker] as number);
    // An idle worker may have sent its last heartbeat a little earlier.
    silence(worker, (state & IDLE) !== 0 ? sim.now : (rows.begunNs[worker] as number));
    (rows.state[worker] as number) |= STUCK;
    rows.handle[worker] = recovered.after(forNs, worker);
    rows.begunNs[worker] = (rows.begunNs[worker] as number) + forNs;
  }

  /** It goes on where it was stuck. */
  function recover(worker: number): void {
    const crew = crews.of(worker);
    const state = (rows.state[worker] as number) & ~STUCK;
    const connection = rows.current[worker] as number;
    rows.state[worker] = state & ~ABORTED;
    rows.handle[worker] = NO_TIMER;
    if ((state & SERVING) !== 0) executing.resume(worker);
    if ((state & ABORTED) !== 0 && abort(worker, rows.cause[worker] as number)) {
      crew.arbiter.exits(rows.number[worker] as number);
    } else if ((state & READING) !== 0) {
      if (connections.hasData(connection)) serveLate(worker, connection);
    } else if ((state & LINGERING) !== 0) free(worker);
    else if ((state & SERVING) === 0 && stays(worker)) {
      rest(crew, worker);
      crew.busy.set(crew.busy.value - 1);
      ready(crew);
    }
  }

  function started(crew: Crew, worker: number): void {
    executing.started(worker);
    rows.left[worker] = crew.limit();
    if (several) several.started(worker);
    rest(crew, worker);
    ready(crew);
  }

  function arrived(connection: number): void {
    if (!connections.isAccepted(connection)) return;
    const worker = rows.reading(connection);
    if (worker < 0) connections.closedByServer(connection);
    else if (((rows.state[worker] as number) & STUCK) === 0) serveLate(worker, connection);
  }

  return crews.join;
}
