// What Linux keeps of connections is as it was when it had been built, when its world is reset: whatever
// happened before, the same happens then as in a new world.

import fc from "fast-check";
import { expect, test } from "vitest";
import { CALLER, type CallerEnds, callerEnds, SERVER } from "../../../models/linux/caller-ends.js";
import { kernel } from "../../../models/linux/kernel.js";
import { listeningSocket } from "../../../models/linux/listening-socket.js";
import { PROFILE_NAMES } from "../../../models/linux/profiles.js";
import type { Caller } from "../../../src/component/connections.js";
import { EINPROGRESS, OK } from "../../../src/component/errno.js";
import { type World, world } from "../../../src/component/world.js";
import { type OwnStreams, streams } from "../../../src/engine/random.js";
import { SECOND } from "../../../src/engine/time.js";

const some = <Value>(...values: Value[]) => fc.constantFrom(...values);

const settings = fc.record({
  address: some("127.0.0.1:8000", "127.0.0.1:8000", "unix:/run/app.sock"),
  profile: some(...PROFILE_NAMES),
  backlog: fc.nat(3),
  source: some(undefined, { host: "127.0.0.2", bindsWithoutPort: false, setting: "proxy_bind" }),
  sysctl: fc.record({
    "net.core.somaxconn": fc.nat(3),
    "net.ipv4.tcp_max_syn_backlog": some(2, 128),
    "net.ipv4.tcp_syncookies": some(0, 1, 2),
    "net.ipv4.tcp_abort_on_overflow": some(0, 1),
    "net.ipv4.tcp_tw_reuse": some(0, 1),
    "net.ipv4.tcp_fin_timeout": some(1, 90),
    "net.ipv4.tcp_max_tw_buckets": some(3, 1000),
    "net.ipv4.ip_local_port_range": some("40000 40004", "40000 40019"),
  }),
});

const step = fc.record({
  connects: fc.nat(8),
  leaves: fc.nat(2),
  accepts: fc.nat(5),
  /** The socket is closed and listens again, with this limit. */
  listensWith: some(undefined, undefined, undefined, 0, 2, 5),
  seconds: some(0, 0.1, 1, 2.5, 20, 65),
});

type Settings = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

test("in a world that was reset the same happens as in a new one", () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(settings, steps, steps, (given, before, then) => {
      const random = streams("1", 0);
      const used = linux(given, random);
      used.happens(before);
      random.reset(1);
      used.world.reset();
      expect(used.happens(then)).toEqual(linux(given, streams("1", 1)).happens(then));
    }),
    { seed: 1, numRuns: 300 },
  );
});

/** A kernel, something that listens there, and somebody who connects to it. */
function linux({ address, profile, backlog, source, sysctl }: Settings, random: OwnStreams) {
  const one = world(random, () => ({}));
  const { sim, connections, requests, recorder } = one;
  one.build(kernel, kernel.settings.parse({ profile, sysctl }));
  const own = one.get(kernel);
  let queue: { take(): number } | undefined;
  const acceptors = {
    isIdle: () => false,
    accept() {},
    ready() {},
    arrived() {},
    listen: (its: { take(): number }) => {
      queue = its;
    },
  };
  const socket = listeningSocket(one, acceptors, {
    ...{ kernel: own, bind: address, of: "", backlog, backlogText: `backlog = ${backlog}` },
  });
  const closed = recorder.cause({ id: "closed", text: () => "closed", settings: [] });
  one.network.listen(address, [], socket);
  const route = one.network.route(address, "test");
  // With a source address half of the connections are bound to it.
  const sources = source ? [source, undefined] : [undefined];
  const callers = sources.map((each) =>
    registered(callerEnds(one, { kernel: own, routes: [route], source: each })),
  );
  let log: string[] = [];
  const waiting = new Map<number, CallerEnds>();

  function told(row: number, what: string): void {
    waiting.delete(row);
    const cause = requests.cause[connections.request[row] as number];
    log.push(`${sim.now} ns, ${row}: ${what}, cause ${cause}`);
  }
  function registered(ends: CallerEnds) {
    const number = connections.register({
      responded(row) {
        told(row, "responded");
        route.server.answered(row);
        ends.answered(0, row, row % 2 === 0 ? SERVER : CALLER);
        connections.answered(row);
      },
      hungUp() {},
      connected: (row) => void log.push(`${sim.now} ns, ${row}: connected`),
      connectFailed(row, errno) {
        told(row, `failed with ${errno}`);
        ends.failed(row);
        connections.closed(row);
      },
      reset(row) {
        told(row, "reset");
        ends.failed(row);
        connections.closedByCaller(row, sim.now);
      },
      gone: ends.gone,
      peerClosed: ends.peerClosed,
    } satisfies Caller);
    return { ends, number };
  }

  function connect(): void {
    const { ends, number } = callers[requests.sent % callers.length] as (typeof callers)[number];
    const row = connections.opened(number, requests.born(sim.now, 0), -1);
    const errno = ends.take(0, row) || route.server.connect(row);
    log.push(`${sim.now} ns, ${row}: connect() gives ${errno} for ${ends.lastCostNs()} ns`);
    waiting.set(row, ends);
    if (errno !== OK && errno !== EINPROGRESS) connections.caller(row).connectFailed(row, errno);
  }

  function leave(): void {
    const [first] = waiting;
    if (first === undefined) return;
    const [row, ends] = first;
    log.push(`${row} leaves, ${route.server.obstacle(row)} in its way`);
    waiting.delete(row);
    connections.closedByCaller(row, sim.now);
    ends.abandoned(0, row);
  }

  function accept(): void {
    const row = queue?.take() ?? -1;
    if (row < 0) return;
    const its = connections.caller(row);
    if (connections.isCallerOpen(row)) its.responded(row, 200, 0, 0);
    else if (row % 2 === 0) its.gone(row);
    else its.peerClosed?.(row);
    connections.closedByServer(row);
  }

  function listen(somaxconn: number): void {
    socket.unlink(closed);
    socket.close(closed);
    own.setSomaxconn(somaxconn);
    socket.listen();
  }

  /** All that can be seen of it. */
  function happens(steps: readonly Step[]) {
    log = [];
    waiting.clear();
    one.start();
    for (const { connects, leaves, accepts, listensWith, seconds } of steps) {
      for (let count = 0; count < connects; count++) connect();
      for (let count = 0; count < leaves; count++) leave();
      for (let count = 0; count < accepts; count++) accept();
      if (listensWith !== undefined) listen(listensWith);
      sim.run(sim.now + seconds * SECOND);
      log.push(one.gauges.map(({ value }) => value).join());
    }
    return { log, listens: own.listens, setting: own.setting("net.core.somaxconn"), ...seenOf(one) };
  }

  return { world: one, happens };
}

function seenOf({ gauges, limits, bounded, notices, recorder }: World) {
  return {
    gauges: gauges.map(({ name, limit, peak, area }) => ({ name, limit, peak, area })),
    limits,
    bounded: bounded.length,
    notices: notices.map((notice) => notice()),
    causes: recorder.causes.map(({ text, settings }) => [text(), ...settings]),
    tallies: [...recorder.tallies].map(([name, { count }]) => `${name} ${count}`),
  };
}
