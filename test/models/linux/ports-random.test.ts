import fc from "fast-check";
import { expect, test } from "vitest";
import { portSearch } from "../../../models/linux/port-search.js";
import { LONGEST_NS, SECOND } from "../../../src/engine/time.js";
import { kernel } from "./ports-support.js";

/**
 * The loop of __inet_hash_connect (net/ipv4/inet_hashtables.c, Linux 6.12), port by port; `taken` are offsets.
 * Answers the offset and how many ports were looked at.
 */
function walk(size: number, start: number, taken: ReadonlySet<number>): [found: number, probes: number] {
  const remaining = size > 1 ? size & ~1 : size;
  let offset = (start % remaining) & ~1;
  let probes = 0;
  for (;;) {
    let port = offset;
    for (let passed = 0; passed < remaining; passed += 2, port += 2) {
      if (port >= size) port -= remaining;
      probes++;
      if (!taken.has(port)) return [port, probes];
    }
    offset++;
    if (!((offset & 1) !== 0 && remaining > 1)) return [-1, probes];
  }
}

test("the search finds the port that the kernel's loop finds, and counts as many probes", () => {
  const scenario = fc.record({
    size: fc.integer({ min: 1, max: 140 }),
    start: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    // Which of the held ports is given back between two searches, none in every other.
    releases: fc.array(fc.integer({ min: -1, max: 200 }), { minLength: 150, maxLength: 250 }),
    reserved: fc.uniqueArray(fc.integer({ min: 0, max: 139 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(scenario, ({ size, start, releases, reserved }) => {
      const settings = {
        rangeLow: 1_000,
        rangeHigh: 999 + size,
        walk: "parity",
        sharedCursor: false,
      } as const;
      const search = portSearch(
        { ...settings, reserved: reserved.map((port) => 1_000 + port), randomSteps: false },
        () => start,
        () => 0,
      );
      search.destination();
      const span = size > 1 ? size & ~1 : size;
      let cursor = Math.floor(start * span);
      const taken = new Set(reserved);
      const held: number[] = [];
      for (const release of releases) {
        const [port, probes] = walk(size, cursor, taken);
        const slot = search.find(0);
        expect([slot < 0 ? -1 : search.portOf(slot) - 1_000, search.probes]).toEqual([port, probes]);
        if (slot >= 0) {
          const passed = probes > span / 2 ? probes - span / 2 - 1 : probes - 1;
          cursor += 2 * (passed + 1);
          taken.add(port);
          held.push(slot);
        }
        if (release < 0 || held.length === 0) continue;
        const [back] = held.splice(release % held.length, 1) as [number];
        search.release(back);
        taken.delete(search.portOf(back) - 1_000);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

type State = "connected" | "time-wait" | "fin-wait2";

interface Held {
  destination: number;
  state: State;
  sinceNs: number;
}

interface Life {
  /** An even number, since one of an odd number of ports can be missed. */
  ports: number;
  twReuse: 0 | 1;
  finSeconds: number;
  buckets: number;
  timers: "exact" | "jiffies";
  /** What happens, in which order, and how long after what happened before. */
  steps: { what: number; which: number; afterNs: number }[];
}

/** HZ=250: 5 s are 1,250 jiffies, which end on a multiple of 64 of them, and 60 s 15,000, on one of 512. */
function onTheWheelNs(sinceNs: number, lengthNs: number): number {
  const jiffyNs = 4_000_000;
  const granule = lengthNs === 5 * SECOND ? 64 : 512;
  const last = Math.floor(sinceNs / jiffyNs) + lengthNs / jiffyNs + granule;
  return Math.floor(last / granule) * granule * jiffyNs;
}

/** The plain account of what is held: a map, with every rule written out once more. */
function account({ finSeconds, buckets, timers }: Life) {
  const held = new Map<number, Held>();
  const endsAfterNs = { connected: Infinity, "time-wait": 60 * SECOND, "fin-wait2": finSeconds * SECOND };
  const endNs = ({ state, sinceNs }: Held) =>
    timers === "exact" ? sinceNs + endsAfterNs[state] : onTheWheelNs(sinceNs, endsAfterNs[state]);
  const count = (state: State) => [...held.values()].filter((one) => one.state === state).length;
  return {
    held,
    count,
    expire(nowNs: number) {
      for (const [port, one] of held) if (endNs(one) <= nowNs) held.delete(port);
    },
    /** A port in this state, some one. */
    some(state: State, which: number): number | undefined {
      const all = [...held.keys()].filter((port) => held.get(port)?.state === state);
      return all[which % all.length];
    },
    enter(port: number, state: State, nowNs: number, isLimited: boolean) {
      const isFull = count("time-wait") + count("fin-wait2") >= buckets;
      if (isLimited && isFull) held.delete(port);
      else held.set(port, { ...(held.get(port) as Held), state, sinceNs: nowNs });
    },
    of: (destination: number) => [...held.values()].filter((one) => one.destination === destination),
  };
}

function live(life: Life): void {
  const { ports: size, twReuse, finSeconds, buckets, timers, steps } = life;
  const changed = { twReuse, finTimeoutNs: finSeconds * SECOND, maxTwBuckets: buckets, timers };
  const { ports, times, world } = kernel({ rangeHigh: 39_999 + size, ...changed });
  const destinations = ["127.0.0.1:8000", "127.0.0.2:8000"].map((address) =>
    ports.destination({ address, loopback: true, server: times }),
  );
  const plain = account(life);
  let [allocated, gone] = [0, 0];
  const step = world.sim.event("step", (index) => {
    const { what, which } = steps[index] as Life["steps"][number];
    const nowNs = world.sim.now;
    const before = plain.held.size;
    plain.expire(nowNs);
    gone += before - plain.held.size;
    const isRecyclable = ({ state, sinceNs }: Held) =>
      twReuse === 1 && state === "time-wait" && Math.floor(sinceNs / 1e6) + 1_000 < Math.floor(nowNs / 1e6);
    if (what < 4) {
      const destination = destinations[which % 2] as number;
      const taken = plain.of(destination);
      const port = ports.allocate(destination);
      expect(port < 0).toBe(taken.length === size && !taken.some(isRecyclable));
      if (port >= 0) {
        const holder = plain.held.get(port);
        if (holder) expect([holder.destination, isRecyclable(holder)]).toEqual([destination, true]);
        allocated += holder ? 0 : 1;
        plain.held.set(port, { destination, state: "connected", sinceNs: nowNs });
      }
    } else {
      const held = plain.held.size;
      close(what, which, nowNs);
      gone += held - plain.held.size;
    }
    for (const destination of destinations)
      expect(ports.used(destination).value).toBe(plain.of(destination).length);
    expect(plain.held.size).toBe(allocated - gone);
    expect([times.timeWait.value, times.finWait2.value]).toEqual([
      plain.count("time-wait"),
      plain.count("fin-wait2"),
    ]);
    if (index + 1 < steps.length) step.after((steps[index + 1] as Life["steps"][number]).afterNs, index + 1);
  });

  function close(what: number, which: number, nowNs: number): void {
    const port = plain.some(what < 7 ? "connected" : "fin-wait2", which);
    if (port === undefined) return;
    if (what === 4) ports.free(port);
    if (what === 5) ports.timeWait(port);
    if (what === 6) ports.finWait2(port, port);
    if (what === 7) ports.peerClosed(port, port);
    if (what === 8) ports.peerWrote(port, port);
    if (what === 4 || what === 8) plain.held.delete(port);
    else plain.enter(port, what === 6 ? "fin-wait2" : "time-wait", nowNs, what !== 7);
  }

  step.at(0, 0);
  world.sim.run(LONGEST_NS);
  // Everything that only waits has gone; what is connected is still there.
  const left = destinations.reduce((sum, destination) => sum + ports.used(destination).value, 0);
  expect([left, times.timeWait.value, times.finWait2.value]).toEqual([plain.count("connected"), 0, 0]);
}

test("no port is lost, none is used twice, and none refused that is free, whatever happens", () => {
  const life = fc.record({
    ports: fc.constantFrom(2, 4, 16, 70),
    twReuse: fc.constantFrom(0, 1),
    finSeconds: fc.constantFrom(5, 60),
    buckets: fc.constantFrom(0, 3, 1_000),
    timers: fc.constantFrom("exact", "jiffies"),
    steps: fc.array(
      fc.record({
        what: fc.integer({ min: 0, max: 8 }),
        which: fc.nat(1_000),
        afterNs: fc.oneof(fc.nat(1_000_000), fc.nat(3 * SECOND)),
      }),
      { minLength: 1, maxLength: 400 },
    ),
  });
  fc.assert(fc.property(life as fc.Arbitrary<Life>, live), { seed: 2, numRuns: 200 });
});
