import { describe, expect, test } from "vitest";
import { MICROSECOND, SECOND } from "../../../src/engine/time.js";
import { type Changed, exhaust, kernel, towards } from "./ports-support.js";

const DEFAULT_RANGE = { rangeLow: 32_768, rangeHigh: 60_999 };
const SEEDS = Array.from({ length: 20 }, (_, seed) => String(seed));

function numbers(changed: Changed, count: number, seed = "1"): number[] {
  const one = kernel(changed, seed);
  const destination = towards(one);
  return Array.from({ length: count }, () => one.ports.portOf(one.ports.allocate(destination)));
}

describe("the budget of ephemeral ports", () => {
  test("is one for each destination, and no port of it is given twice", () => {
    const one = kernel();
    const destinations = ["127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.2:8000"].map((to) => towards(one, to));
    for (const destination of destinations) {
      const given = new Set<number>();
      expect(exhaust(one, destination, (port) => given.add(one.ports.portOf(port)))).toBe(100);
      expect([...given].sort()).toEqual(Array.from({ length: 100 }, (_, index) => 40_000 + index));
      expect(one.ports.used(destination).value).toBe(100);
    }
  });

  test("is one more for a source address bound with IP_BIND_ADDRESS_NO_PORT", () => {
    const one = kernel();
    expect(exhaust(one, towards(one, "127.0.0.1:8000"))).toBe(100);
    expect(exhaust(one, towards(one, "127.0.0.1:8000 from 127.0.0.9"))).toBe(100);
  });

  test.each([
    ["32768 to 60999, from 4.2 on", { ...DEFAULT_RANGE }, 28_232],
    ["32768 to 61000, up to 4.1", { rangeLow: 32_768, rangeHigh: 61_000, walk: "sequential" }, 28_233],
    [
      "5 of 100 reserved, and others elsewhere",
      { reserved: [1, 40_000, 40_011, 40_012, 40_050, 40_099, 41_000] },
      95,
    ],
    ["1 port", { rangeHigh: 40_000 }, 1],
    ["2 ports", { rangeHigh: 40_001 }, 2],
    ["3 ports", { rangeHigh: 40_002 }, 2],
    ["3 ports, up to 4.5", { rangeHigh: 40_002, walk: "even" }, 3],
  ] satisfies [string, Changed, number][])("%s", (_, changed, count) => {
    const one = kernel(changed);
    expect(exhaust(one, towards(one))).toBe(count);
  });

  test.each([
    [99, [98, 99]],
    [101, [100, 101]],
  ])("of %d ports, an odd number, is one less for some walks", (size, either) => {
    const counts = SEEDS.map((seed) => {
      const one = kernel({ rangeHigh: 40_000 + size - 1 }, seed);
      return exhaust(one, towards(one));
    });
    expect(new Set(counts)).toEqual(new Set(either));
  });

  test("has no port that a socket is bound to, whatever the destination", () => {
    const one = kernel();
    const before = towards(one, "127.0.0.1:8000");
    one.ports.bind(40_007);
    one.ports.bind(8_000);
    for (const destination of [before, towards(one, "127.0.0.2:8000")]) {
      const given: number[] = [];
      expect(exhaust(one, destination, (port) => given.push(one.ports.portOf(port)))).toBe(99);
      expect(given).not.toContain(40_007);
    }
  });

  test("says which destinations ran out", () => {
    const one = kernel();
    const [first] = ["127.0.0.1:8000", "127.0.0.2:8000"].map((to) => towards(one, to));
    exhaust(one, first as number);
    const cause = one.world.recorder.causes[one.ports.lastCause];
    expect(cause?.text()).toBe("no free port to 127.0.0.1:8000 (100 connected)");
    expect(cause?.settings[0]).toBe("net.ipv4.ip_local_port_range = 40000 40099");
  });

  test.each([
    [{ waiting: 0, orphaned: 0 }, "100 connected", []],
    [{ waiting: 51, orphaned: 49 }, "51 in TIME_WAIT, 49 in FIN_WAIT2", ["net.ipv4.tcp_tw_reuse = 0"]],
    [
      { waiting: 30, orphaned: 60 },
      "60 in FIN_WAIT2, 30 in TIME_WAIT, 10 connected",
      ["net.ipv4.tcp_fin_timeout = 60"],
    ],
  ])("says what holds them: %o", ({ waiting, orphaned }, held, settings) => {
    const one = kernel();
    const row = towards(one);
    exhaust(one, row, (port) => {
      const taken = one.ports.used(row).value;
      if (taken <= waiting) one.ports.timeWait(port);
      else if (taken <= waiting + orphaned) one.ports.finWait2(port, 7);
    });
    const cause = one.world.recorder.causes[one.ports.lastCause];
    expect(cause?.text()).toBe(`no free port to 127.0.0.1:8000 (${held})`);
    expect(cause?.settings).toEqual(
      expect.arrayContaining(["net.ipv4.ip_local_port_range = 40000 40099", ...settings]),
    );
    expect(cause?.settings).toHaveLength(1 + settings.length);
  });

  test("refuses to free a port that is not connected", () => {
    const one = kernel();
    const port = one.ports.allocate(towards(one));
    one.ports.free(port);
    expect(() => one.ports.free(port)).toThrow(
      /^port 40\d\d\d towards 127.0.0.1:8000: freed while it is free$/,
    );
  });
});

describe("the port that connect() gets", () => {
  test("is of the parity of the low end as long as there is one: 50 even ones, then 50 odd ones", () => {
    const parities = numbers({}, 100).map((port) => port % 2);
    expect(parities).toEqual([...Array(50).fill(0), ...Array(50).fill(1)]);
    const odd = numbers({ rangeLow: 40_001, rangeHigh: 40_100 }, 100).map((port) => port % 2);
    expect(odd).toEqual([...Array(50).fill(1), ...Array(50).fill(0)]);
  });

  test("is the next one of the parity without random steps, from a start that depends on the seed", () => {
    const runs = SEEDS.map((seed) => numbers({ randomSteps: false }, 50, seed));
    for (const ports of runs) {
      const steps = ports.slice(1).map((port, index) => (port - (ports[index] as number) + 100) % 100);
      expect(new Set(steps)).toEqual(new Set([2]));
    }
    expect(new Set(runs.map((ports) => ports[0])).size).toBeGreaterThan(10);
  });

  test("lies 2 to 16 ports ahead with random steps, each as likely, when none is in the way", () => {
    const one = kernel({ ...DEFAULT_RANGE });
    const destination = towards(one);
    const counts = new Map<number, number>();
    let last = 0;
    for (let index = 0; index <= 8_000; index++) {
      const port = one.ports.allocate(destination);
      one.ports.free(port);
      const step = (one.ports.portOf(port) - last + 28_232) % 28_232;
      if (index > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
      last = one.ports.portOf(port);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
    // 1,000 each, standard deviation sqrt(8000 / 8 * 7 / 8) = 29.6; five of them.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(148);
  });

  test("of 4.2 to 4.5 is even while the cursor finds one, of 4.1 the next one", () => {
    const even = numbers({ walk: "even" }, 50);
    expect(even.filter((port) => port % 2 === 1)).toEqual([]);
    const next = numbers({ walk: "sequential" }, 100);
    const steps = next.slice(1).map((port, index) => (port - (next[index] as number) + 100) % 100);
    expect(new Set(steps)).toEqual(new Set([1]));
  });

  test.each([
    ["its own", false, 2],
    ["all destinations'", true, 4],
  ])("follows %s cursor", (_, sharedCursor, step) => {
    const one = kernel({ randomSteps: false, sharedCursor });
    const [first, second] = ["127.0.0.1:8000", "127.0.0.2:8000"].map((to) => towards(one, to)) as [
      number,
      number,
    ];
    const before = one.ports.portOf(one.ports.allocate(first));
    one.ports.allocate(second);
    const after = one.ports.portOf(one.ports.allocate(first));
    expect((after - before + 100) % 100).toBe(step);
  });
});

describe("the processor time of a search", () => {
  const costs = (changed: Changed) => {
    const one = kernel({ ...DEFAULT_RANGE, searchCostNsPerPort: 200, ...changed });
    const destination = towards(one);
    const all: number[] = [];
    exhaust(one, destination, () => all.push(one.ports.lastCostNs));
    return [...all, one.ports.lastCostNs];
  };

  test("is that of one port up to half of the range, then that of 14,116 more, and all of it in vain", () => {
    const all = costs({ randomSteps: false });
    expect(all.slice(0, 14_116).every((cost) => cost === 200)).toBe(true);
    // 14,116 in vain and one of the other parity: 14,117 * 0.2 us = 2.8234 ms.
    expect(all.slice(14_116, 28_232).every((cost) => cost === 2_823_400)).toBe(true);
    // 28,232 * 0.2 us = 5.6464 ms; measured: 5.7 ms on Linux 6.18, 2026-11.
    expect(all[28_232]).toBe(5_646_400);
  });

  test("stays small up to 4.1, where the oldest port is found first", () => {
    const all = costs({ walk: "sequential" });
    expect(Math.max(...all.slice(0, -1))).toBe(200);
  });

  test("counts each taken port in the way", () => {
    const one = kernel({ searchCostNsPerPort: MICROSECOND, randomSteps: false });
    const destination = towards(one);
    const held = Array.from({ length: 50 }, () => one.ports.allocate(destination));
    // The cursor is back at the first one: nine in the way, the tenth is free.
    one.ports.free(held[9] as number);
    one.ports.allocate(destination);
    expect(one.ports.lastCostNs).toBe(10 * MICROSECOND);
  });

  test("is whole nanoseconds", () => {
    const one = kernel({ searchCostNsPerPort: 0.15 * SECOND * 1e-6 + 0.3 });
    one.ports.allocate(towards(one));
    expect(one.ports.lastCostNs).toBe(150);
  });
});
