// Ephemeral ports of one network namespace, as connect() without bind takes them.
//
// Modelled: the budget is per destination: local address, remote address, remote port. Every state of the
// caller's end holds its port: connected, FIN_WAIT2, TIME_WAIT (net/ipv4/inet_hashtables.c
// __inet_check_established); bound and reserved ports are passed by. No usable port is EADDRNOTAVAIL from
// connect(). A TIME_WAIT entry that the walk meets is recycled when tcp_tw_reuse allows it, long before the
// ports run out. FIN_WAIT2 without a process lives tcp_fin_timeout, at least 3.5 retransmission timeouts,
// and is never recycled; of a longer timeout than 60 s what exceeds 60 s counts twice and the rest not at
// all (net/ipv4/tcp.c __tcp_close and tcp_timer.c tcp_keepalive_timer subtract 60 s both times; measured:
// Linux 6.18, 2026-11: 70 s hold a port for 20.4 s, 90 s for 62.5 s). The peer's FIN turns it into a
// TIME_WAIT of 60 s; data or a reset from the peer remove it at once. An end that closes second, aborts or
// is reset leaves nothing. The server's TIME_WAIT entry never blocks the port and goes when the port is used
// again (net/ipv4/tcp_minisocks.c tcp_timewait_state_process). A source address is one more destination, with
// IP_BIND_ADDRESS_NO_PORT as any other, without as one for all servers, whose TIME_WAITs are never recycled
// (measured: Linux 6.18, 2026-11; see bound-ports.ts).
// Not modelled: the round trip between FIN and its acknowledgement.

import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import { MILLISECOND } from "../../src/engine/time.js";
import type { Gauge } from "../../src/metrics/gauge.js";
import { boundPorts } from "./bound-ports.js";
import { portSearch } from "./port-search.js";
import { CONNECTED, FIN_WAIT2, FREE, ORPHAN, portShortage, STATES, TIME_WAIT } from "./port-shortage.js";
import type { Destination, PortSettings, PortTable } from "./port-table.js";
import type { Entries, TimeWaits } from "./time-wait.js";
import { reuse } from "./time-wait-reuse.js";

const NOBODY = -1;
// tcp_fin_time, include/net/tcp.h: 3.5 times the smallest retransmission timeout, 204 ms on loopback.
const SHORTEST_FIN_WAIT2_NS = 714 * MILLISECOND;

export function portTable(world: World, timeWaits: TimeWaits, settings: PortSettings): PortTable {
  const { name, within = "", finTimeoutNs, searchCostNsPerPort, rangeText, twReuseText } = settings;
  const { timeWaitNs } = timeWaits;
  const { sim } = world;
  const startOf = world.hidden(`${name}.ports.start`);
  const stepOf = world.hidden(`${name}.ports.step`);
  const search = portSearch(settings, startOf, stepOf);
  const { rowOf } = search;
  const recycled = world.recorder.tally("netstat.TWRecycled");
  // By handle. The peers, kept as one more than their numbers, only once somebody has given up a connection.
  const ends = { state: new Uint8Array(0), peer: new Int32Array(0) };
  // By destination.
  const used: Gauge[] = [];
  const recycles: boolean[] = [];
  const serverSides: (Entries | undefined)[] = [];
  const addresses: string[] = [];
  const serverEntries = new Map<TimeWaits, Entries>();

  const timeWaitEntries = timeWaits.entries({
    name: "TIME_WAIT",
    lengthNs: timeWaitNs,
    level: timeWaits.timeWait,
    isBucket: true,
    expired: left,
  });
  // What tcp_fin_timeout has above 60 s is spent twice: as a full socket and as a small entry.
  const longestNs = Math.max(finTimeoutNs, SHORTEST_FIN_WAIT2_NS);
  const isLong = longestNs > timeWaitNs;
  const finWait2Ns = isLong ? longestNs - timeWaitNs : longestNs;
  const orphans = timeWaits.entries({
    name: "orphans",
    lengthNs: finWait2Ns,
    level: timeWaits.finWait2,
    isBucket: false,
    expired: shrink,
  });
  const finWait2Entries = timeWaits.entries({
    name: "FIN_WAIT2",
    lengthNs: finWait2Ns,
    level: timeWaits.finWait2,
    isBucket: true,
    expired: left,
  });
  const bound = boundPorts(search, {
    sticks: settings.bindMarkSticks,
    isFree: (port) => ends.state[port] === FREE,
  });
  const recycling = reuse(settings, (port, handle) => {
    if (timeWaitEntries.handle(port) === handle) bound.ripe(port);
  });
  const { applies, began, ripen } = recycling;
  const shortage = portShortage(world, settings);

  function destination(declared: Destination): number {
    const { address, loopback, server, binds } = declared;
    const row = search.destination();
    bound.declared(row, binds !== undefined);
    shortage.declared(declared);
    const rows = (row + 1) * search.slots;
    addresses.push(address);
    used.push(world.gauge(`ports towards ${address}${within}`, search.ports));
    recycles.push(!binds && applies(loopback));
    serverSides.push(server && entriesOfServers(server));
    if (rows > ends.state.length) {
      const capacity = Math.max(rows, ends.state.length * 2);
      ends.state = grown(ends.state, new Uint8Array(capacity));
      for (const one of [timeWaitEntries, finWait2Entries, orphans, ...serverEntries.values()])
        one.reserve(capacity);
    }
    const ports = search.ports === 1 ? "1 port" : `${search.ports} ports`;
    world.limits.push({
      text: binds
        ? `${ports} to bind() at ${binds.address}${within}`
        : `${ports} towards ${address}${within}`,
      settings: binds?.settings ?? [rangeText, twReuseText],
    });
    return row;
  }

  function entriesOfServers(server: TimeWaits): Entries {
    const known = serverEntries.get(server);
    if (known) return known;
    const entries = server.entries({
      name: `TIME_WAIT of servers that ${name} calls`,
      lengthNs: server.timeWaitNs,
      level: server.timeWait,
      isBucket: true,
      expired: () => {},
    });
    entries.reserve(ends.state.length);
    serverEntries.set(server, entries);
    return entries;
  }

  function allocate(row: number): number {
    if (recycles[row]) ripen(sim.now);
    const port = search.find(row);
    table.lastCostNs = Math.round(search.probes * searchCostNsPerPort);
    table.lastDisplaced = NOBODY;
    if (port < 0) {
      table.lastCause = shortage.met(row);
      return -1;
    }
    if (ends.state[port] === TIME_WAIT) {
      timeWaitEntries.stop(port);
      recycled.count++;
    } else {
      const level = used[row] as Gauge;
      level.set(level.value + 1);
      if (port < ends.peer.length) table.lastDisplaced = takePeer(port);
    }
    serverSides[row]?.stop(port);
    become(row, port, CONNECTED);
    bound.taken(row, port);
    return port;
  }

  function takePeer(port: number): number {
    const connection = (ends.peer[port] as number) - 1;
    ends.peer[port] = 0;
    return connection;
  }

  function hasPeer(port: number, connection: number): boolean {
    return port < ends.peer.length && ends.peer[port] === connection + 1;
  }

  function free(port: number): void {
    expectConnected(port, "freed");
    left(port);
  }

  function timeWait(port: number): void {
    expectConnected(port, "put into TIME_WAIT");
    if (timeWaitEntries.start(port, !recycles[rowOf(port)])) entered(port);
    else left(port);
  }

  function serverTimeWait(port: number): void {
    serverSides[rowOf(port)]?.start(port, false);
  }

  function finWait2(port: number, connection: number): void {
    expectConnected(port, "put into FIN_WAIT2");
    if (port >= ends.peer.length) ends.peer = grown(ends.peer, new Int32Array(ends.state.length));
    ends.peer[port] = connection + 1;
    if (isLong) {
      become(rowOf(port), port, ORPHAN);
      orphans.start(port, false);
    } else shrink(port);
  }

  /** The full socket has become a small entry, if there is room for one. */
  function shrink(port: number): void {
    if (finWait2Entries.start(port, false)) become(rowOf(port), port, FIN_WAIT2);
    else left(port);
  }

  function peerClosed(port: number, connection: number): void {
    if (!hasPeer(port, connection)) return;
    takePeer(port);
    if (finWait2Entries.stop(port)) {
      timeWaitEntries.follow(port, !recycles[rowOf(port)]);
      entered(port);
    } else if (orphans.stop(port)) {
      become(rowOf(port), port, CONNECTED);
      timeWait(port);
    }
  }

  function peerWrote(port: number, connection: number): void {
    if (!hasPeer(port, connection)) return;
    takePeer(port);
    if (finWait2Entries.stop(port) || orphans.stop(port)) left(port);
  }

  function entered(port: number): void {
    const row = rowOf(port);
    become(row, port, TIME_WAIT);
    if (recycles[row]) began(sim.now, port, timeWaitEntries.handle(port));
  }

  /** Nothing is left of the connection at the caller's end. */
  function left(port: number): void {
    const row = rowOf(port);
    become(row, port, FREE);
    bound.left(row, port);
    const level = used[row] as Gauge;
    level.set(level.value - 1);
  }

  function become(row: number, port: number, next: number): void {
    shortage.moved(row, ends.state[port] as number, next);
    ends.state[port] = next;
  }

  function expectConnected(port: number, what: string): void {
    if (ends.state[port] !== CONNECTED) throw notConnected(port, what);
  }

  function notConnected(port: number, what: string): Error {
    const is = STATES[ends.state[port] as number];
    return new Error(
      `port ${search.portOf(port)} towards ${addresses[rowOf(port)]}: ${what} while it is ${is}`,
    );
  }

  const table: PortTable = {
    lastCostNs: 0,
    lastDisplaced: NOBODY,
    lastCause: 0,
    preferred() {
      const { ports, probes } = search.preferred();
      return { ports, costNs: probes * searchCostNsPerPort };
    },
    destination,
    allocate,
    free,
    timeWait,
    serverTimeWait,
    finWait2,
    peerClosed,
    peerWrote,
    bind: search.bind,
    portOf: search.portOf,
    used: (row) => used[row] as Gauge,
  };
  world.onReset(() => {
    search.reset();
    bound.reset();
    recycling.reset();
    ends.state.fill(FREE);
    ends.peer.fill(0);
    table.lastCostNs = 0;
    table.lastDisplaced = NOBODY;
    table.lastCause = 0;
  });
  return table;
}
