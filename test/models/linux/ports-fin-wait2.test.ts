import { describe, expect, test } from "vitest";
import { SECOND } from "../../../src/engine/time.js";
import { type Changed, kernel, towards } from "./ports-support.js";

/** One port, closed first by the caller of connection 7 at 0 s. */
function closedFirst(changed: Changed = {}) {
  const one = kernel({ rangeHigh: 40_000, ...changed });
  const destination = towards(one);
  const port = one.ports.allocate(destination);
  one.ports.finWait2(port, 7);
  /** Whether connect() gets the port at this time. */
  const isFree = (seconds: number) => {
    let again = -1;
    one.world.sim.run(Math.round(seconds * SECOND));
    one.at(seconds, () => {
      again = one.ports.allocate(destination);
      if (again >= 0) one.ports.free(again);
    });
    one.world.sim.run(Math.round(seconds * SECOND));
    return again === port;
  };
  return { ...one, destination, port, isFree };
}

describe("a caller that closes while the peer still works", () => {
  // Above 60 s the kernel waits twice for what is above 60 s. Measured on Linux 6.18, 2026-11, with the granules of the
  // timers: 70 s hold the port for 20.43 s, 90 s for 62.53 s.
  test.each([
    [60, 60],
    [5, 5],
    [0, 0.714],
    [61, 2],
    [70, 20],
    [90, 60],
    [120, 120],
  ])("with tcp_fin_timeout = %d holds the port for %d s", (fin, seconds) => {
    const one = closedFirst({ finTimeoutNs: fin * SECOND });
    expect(one.times.finWait2.value).toBe(1);
    expect([one.isFree(seconds - 0.001), one.isFree(seconds)]).toEqual([false, true]);
    expect(one.times.finWait2.value).toBe(0);
  });

  // 1,250 jiffies lie in granules of 64: floor((0 + 1,250 + 64) / 64) * 64 = 1,280 jiffies of 4 ms.
  test("holds it until the next granule of 256 ms: 5 s at HZ=250", () => {
    const one = closedFirst({ finTimeoutNs: 5 * SECOND, timers: "jiffies" });
    expect([one.isFree(5.119), one.isFree(5.12)]).toEqual([false, true]);
  });

  test("cannot recycle it, whatever tcp_tw_reuse is", () => {
    const one = closedFirst({ twReuse: 1 });
    expect([one.isFree(59), one.isFree(60)]).toEqual([false, true]);
  });

  test("waits 60 s more when the peer closes in time, and can recycle that", () => {
    const one = closedFirst({ finTimeoutNs: 20 * SECOND });
    one.at(10, () => one.ports.peerClosed(one.port, 7));
    expect([one.isFree(69.999), one.isFree(70)]).toEqual([false, true]);
    const recycled = closedFirst({ twReuse: 1 });
    recycled.at(10, () => recycled.ports.peerClosed(recycled.port, 7));
    expect([recycled.isFree(11), recycled.isFree(11.001)]).toEqual([false, true]);
    expect(recycled.counter("TWRecycled")).toBe(1);
  });

  test("waits 60 s as well when the peer closes while a long tcp_fin_timeout has a full socket", () => {
    const one = closedFirst({ finTimeoutNs: 600 * SECOND });
    one.at(10, () => one.ports.peerClosed(one.port, 7));
    expect([one.isFree(69.999), one.isFree(70)]).toEqual([false, true]);
  });

  test.each([60, 600])("has the port at once when the peer writes, with tcp_fin_timeout = %d", (fin) => {
    const one = closedFirst({ finTimeoutNs: fin * SECOND });
    one.at(10, () => one.ports.peerWrote(one.port, 7));
    expect([one.isFree(9.999), one.isFree(10)]).toEqual([false, true]);
    one.world.sim.run();
    expect([one.times.timeWait.peak, one.times.finWait2.value]).toEqual([0, 0]);
  });

  test("is left alone by a peer that wakes up when the port is another connection's", () => {
    const one = closedFirst({ finTimeoutNs: 5 * SECOND });
    one.world.sim.run(6 * SECOND);
    const again = one.ports.allocate(one.destination);
    expect([again, one.ports.lastDisplaced]).toEqual([one.port, 7]);
    one.ports.peerWrote(one.port, 7);
    one.ports.finWait2(one.port, 8);
    one.ports.peerClosed(one.port, 7);
    one.ports.peerWrote(one.port, 7);
    expect([one.times.finWait2.value, one.times.timeWait.value]).toEqual([1, 0]);
    one.ports.peerWrote(one.port, 8);
    expect([one.ports.allocate(one.destination), one.ports.lastDisplaced]).toEqual([one.port, -1]);
  });

  test("displaces its peer once", () => {
    const one = closedFirst({ finTimeoutNs: 5 * SECOND });
    one.world.sim.run(6 * SECOND);
    one.ports.free(one.ports.allocate(one.destination));
    expect([one.ports.allocate(one.destination), one.ports.lastDisplaced]).toEqual([one.port, -1]);
  });

  test("displaces nobody once the peer has gone", () => {
    const one = closedFirst({ finTimeoutNs: 5 * SECOND });
    one.world.sim.run(6 * SECOND);
    one.ports.peerClosed(one.port, 7);
    expect([one.ports.allocate(one.destination), one.ports.lastDisplaced]).toEqual([one.port, -1]);
  });
});

describe("tcp_max_tw_buckets", () => {
  test("10 holds exactly 10, and all other ports are free at once", () => {
    const one = kernel({ maxTwBuckets: 10 });
    const destination = towards(one);
    for (let index = 0; index < 20_000; index++) one.ports.timeWait(one.ports.allocate(destination));
    expect([one.times.timeWait.value, one.counter("TCPTimeWaitOverflow"), one.counter("TW")]).toEqual([
      10, 19_990, 10,
    ]);
    expect(one.ports.used(destination).value).toBe(10);
  });

  test("0 holds none", () => {
    const one = kernel({ maxTwBuckets: 0 });
    one.ports.timeWait(one.ports.allocate(towards(one)));
    expect(one.times.timeWait.peak).toBe(0);
  });

  // 16,384 of a machine with 4 GiB: below the 28,232 ports of the default range.
  test("below the size of the range lets TIME_WAIT alone exhaust nothing", () => {
    const one = kernel({ rangeLow: 32_768, rangeHigh: 60_999, maxTwBuckets: 16_384 });
    const destination = towards(one);
    for (let index = 0; index < 100_000; index++) one.ports.timeWait(one.ports.allocate(destination));
    expect(one.counter("TCPTimeWaitOverflow")).toBe(100_000 - 16_384);
  });

  test("counts both ends of a local connection", () => {
    const one = kernel({ maxTwBuckets: 3 });
    const destination = towards(one);
    for (let index = 0; index < 2; index++) {
      const port = one.ports.allocate(destination);
      one.ports.timeWait(port);
      one.ports.serverTimeWait(port);
    }
    expect([one.times.timeWait.value, one.counter("TCPTimeWaitOverflow")]).toEqual([3, 1]);
  });

  test("counts small FIN_WAIT2 entries, which turn into TIME_WAIT even at the limit", () => {
    const one = kernel({ maxTwBuckets: 2 });
    const destination = towards(one);
    const [first, second, third] = [0, 1, 2].map(() => one.ports.allocate(destination)) as [
      number,
      number,
      number,
    ];
    one.ports.finWait2(first, 1);
    one.ports.timeWait(second);
    one.ports.finWait2(third, 3);
    expect([one.times.finWait2.value, one.times.timeWait.value, one.counter("TCPTimeWaitOverflow")]).toEqual([
      1, 1, 1,
    ]);
    one.ports.peerClosed(first, 1);
    expect([one.times.finWait2.value, one.times.timeWait.value, one.counter("TW")]).toEqual([0, 2, 2]);
  });

  test("does not count the full socket of a long tcp_fin_timeout before it has shrunk", () => {
    const one = kernel({ maxTwBuckets: 1, finTimeoutNs: 70 * SECOND });
    const destination = towards(one);
    for (let connection = 0; connection < 3; connection++) {
      one.ports.finWait2(one.ports.allocate(destination), connection);
    }
    expect([one.times.finWait2.value, one.counter("TCPTimeWaitOverflow")]).toEqual([3, 0]);
    one.world.sim.run(10 * SECOND);
    expect([one.times.finWait2.value, one.counter("TCPTimeWaitOverflow")]).toEqual([1, 2]);
    expect(one.ports.used(destination).value).toBe(1);
  });

  test("is each network namespace's own", () => {
    const levels = [10, 20].map((maxTwBuckets) => {
      const one = kernel({ maxTwBuckets });
      const destination = towards(one);
      for (let index = 0; index < 50; index++) one.ports.timeWait(one.ports.allocate(destination));
      return one.times.timeWait.value;
    });
    expect(levels).toEqual([10, 20]);
  });
});
