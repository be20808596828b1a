import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LimitError } from "../../src/engine/limit-error.js";
import { Simulation } from "../../src/engine/simulation.js";
import { DAY, LONGEST_NS } from "../../src/engine/time.js";
import {
  type Action,
  logOf,
  type Make,
  type Program,
  plain,
  real,
  realCalendar,
  used,
} from "./plain-calendar.js";

// Short delays make many equal times.
const delayNs = fc.oneof({ weight: 4, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(1_000) });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("after" as const), delayNs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("at" as const), aheadNs: delayNs }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("start" as const), timer: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("cancel" as const), handle: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("many" as const),
      events: fc.integer({ min: 50, max: 300 }),
      spreadNs: fc.integer({ min: 1, max: 200 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("cancelEvery" as const), stride: fc.integer({ min: 1, max: 3 }) }),
  },
);

// Reactions rarely have many actions: a program that doubles itself soon reaches the limit and is dull.
const program: fc.Arbitrary<Program> = fc.record({
  timerDelaysNs: fc.array(delayNs, { minLength: 1, maxLength: 5 }),
  reactions: fc.array(fc.array(action, { maxLength: 2 }), { minLength: 1, maxLength: 8 }),
  slices: fc.array(fc.record({ actions: fc.array(action, { maxLength: 12 }), lengthNs: fc.nat(40) }), {
    minLength: 1,
    maxLength: 6,
  }),
});

describe("the calendar", () => {
  test("random programs leave the log of a plain array ordered by (time, sequence)", () => {
    fc.assert(
      fc.property(program, (made) => {
        expect(logOf(real, made)).toEqual(logOf(plain, made));
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  test("one that was reset leaves the log of one that is new", () => {
    fc.assert(
      fc.property(program, (made) => {
        expect(logOf(used, made)).toEqual(logOf(plain, made));
      }),
      { seed: 2, numRuns: 400 },
    );
  });

  test("equal times run in scheduling order across the heap and several timers", () => {
    const sim = new Simulation();
    const order: number[] = [];
    const happened = (subject: number) => order.push(subject);
    const event = sim.event("event", happened);
    const [ten, alsoTen, twenty] = [10, 10, 20].map((ns) => sim.timer(`after ${ns} ns`, ns, happened));
    sim
      .event("later", () => {
        // All of these happen at 20 ns: twenty was started at 0.
        event.after(10, 2);
        alsoTen?.start(3);
        ten?.start(4);
        event.at(20, 5);
        alsoTen?.start(6);
      })
      .at(10, 0);
    event.at(20, 0);
    twenty?.start(1);
    sim.run();
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(sim.now).toBe(20);
  });

  test("a handler that schedules for the same instant is followed by what was scheduled before", () => {
    const sim = new Simulation();
    const order: number[] = [];
    const event = sim.event("event", (subject) => {
      order.push(subject);
      if (subject < 2) event.after(0, subject + 10);
    });
    for (const subject of [0, 1, 2]) event.at(5, subject);
    sim.run();
    expect(order).toEqual([0, 1, 2, 10, 11]);
  });

  test("a slice includes what happens at its end, and leaves the clock at the last event", () => {
    const sim = new Simulation();
    const order: number[] = [];
    const event = sim.event("event", (subject) => order.push(subject));
    for (const ns of [3, 7, 8]) event.at(ns, ns);
    sim.run(7);
    expect([order, sim.now, sim.executed, sim.isPending]).toEqual([[3, 7], 7, 2, true]);
    sim.run(7);
    expect(sim.executed).toBe(2);
    sim.run(100);
    expect([order, sim.now, sim.isPending]).toEqual([[3, 7, 8], 8, false]);
  });

  test("a cancelled event and a stopped timer move neither the clock nor the count", () => {
    const sim = new Simulation();
    const never = () => expect.unreachable();
    const event = sim.event("event", never);
    const timer = sim.timer("timer", 50, never);
    event.cancel(event.at(100, 0));
    timer.stop(timer.start(0));
    expect(sim.isPending).toBe(false);
    sim.run();
    expect([sim.now, sim.executed]).toEqual([0, 0]);
  });

  test("a lone event is refused while it is pending, and a second kind of it is as any event", () => {
    const sim = new Simulation();
    const order: number[] = [];
    const lone = sim.lone("arrived", (subject) => order.push(subject));
    const other = sim.lone("arrived too", (subject) => order.push(subject));
    lone.at(5, 1);
    for (const subject of [2, 3]) other.at(5, subject);
    expect(() => lone.at(6, 4)).toThrow("arrived: expected one at a time, but one is pending");
    sim.run();
    lone.after(1, 5);
    sim.run();
    expect([order, sim.now, sim.executed, sim.isPending]).toEqual([[1, 2, 3, 5], 6, 4, false]);
  });

  test("an error of a handler leaves a calendar that goes on", () => {
    const sim = new Simulation();
    const order: number[] = [];
    const event = sim.event("event", (subject) => {
      if (subject === 1) throw new Error("a bug of the model");
      order.push(subject);
    });
    for (const subject of [0, 1, 2]) event.at(subject, subject);
    expect(() => sim.run()).toThrow("a bug of the model");
    sim.run();
    expect(order).toEqual([0, 2]);
  });
});

describe("a pause after a number of events", () => {
  test("comes even between two of one instant; what is left happens in the same order", () => {
    const sim = new Simulation();
    const order: number[] = [];
    const event = sim.event("event", (subject) => order.push(subject));
    const timer = sim.timer("timer", 5, (subject) => order.push(subject));
    for (const subject of [0, 1]) event.at(5, subject);
    timer.start(2);
    event.at(5, 3);
    expect([sim.run(undefined, 1), order]).toEqual([false, [0]]);
    expect([sim.run(undefined, 2), order]).toEqual([false, [0, 1, 2]]);
    expect([sim.run(undefined, 2), order]).toEqual([true, [0, 1, 2, 3]]);
  });

  test("changes nothing: random programs leave the log of a plain array however often they pause", () => {
    const paused =
      (mostEvents: number): Make =>
      (delaysNs, happened) => {
        const { sim, calendar } = realCalendar(delaysNs, happened);
        return Object.defineProperty(calendar, "run", {
          value: (untilNs?: number) => {
            for (let before = sim.executed; !sim.run(untilNs, mostEvents); before = sim.executed)
              expect(sim.executed - before).toBe(mostEvents);
          },
        });
      };
    fc.assert(
      fc.property(program, fc.integer({ min: 1, max: 9 }), (made, mostEvents) => {
        expect(logOf(paused(mostEvents), made)).toEqual(logOf(plain, made));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test("does not go on for background timers, also where a cancelled event lies behind them", () => {
    const ended = (mostEvents?: number) => {
      const sim = new Simulation();
      const event = sim.event("event", () => {});
      const timeWait = sim.timer("TIME_WAIT", 60, () => {}, { isBackground: true });
      sim.event("closed", (subject) => timeWait.start(subject)).at(1, 0);
      event.cancel(event.at(1000, 0));
      while (!sim.run(undefined, mostEvents));
      return [sim.now, sim.executed];
    };
    expect(ended()).toEqual([1, 1]);
    expect(ended(1)).toEqual([1, 1]);
  });
});

describe("what cannot be scheduled is refused with a sentence", () => {
  const sim = new Simulation();
  const event = sim.event("served", () => {});
  const lone = sim.lone("served", () => {});
  event.at(5, 0);
  sim.run();
  const BEYOND =
    'expected at most 2^53 ns, about 104 days of simulated time; at 0.0 days "served" is due after that';

  test.each([
    [-1, "served: expected a delay of 0 ns or more, got -1"],
    [Number.NaN, "served: expected a delay of 0 ns or more, got NaN"],
    [LONGEST_NS, BEYOND],
    [Number.POSITIVE_INFINITY, BEYOND],
  ])("after a delay of %d ns", (delayNs, message) => {
    for (const kind of [event, lone]) expect(() => kind.after(delayNs, 0)).toThrow(message);
  });

  test.each([
    [4, "served: 4 ns is in the past at 5 ns"],
    [Number.NaN, "served: NaN ns is in the past at 5 ns"],
    [105 * DAY, BEYOND],
  ])("at a time of %d ns", (timeNs, message) => {
    for (const kind of [event, lone]) expect(() => kind.at(timeNs, 0)).toThrow(message);
  });

  test.each([-1, Number.NaN])("a timer of %d ns", (delayNs) => {
    expect(() => sim.timer("timeout", delayNs, () => {})).toThrow(
      `timeout: expected a delay of 0 ns or more, got ${delayNs}`,
    );
  });

  test("a timer that would expire after the longest run", () => {
    const timer = sim.timer("timeout", LONGEST_NS, () => {});
    expect(() => timer.start(0)).toThrow(/about 104 days of simulated time; at 0\.0 days "timeout" is due/);
    expect(timer.isRunning).toBe(false);
  });

  test("what a user can cause is a LimitError, which tells the simulated time", () => {
    const long = new Simulation();
    const { after, at } = long.event("served", () => after(60 * DAY, 0));
    const timer = long.timer("timeout", 105 * DAY, () => {});
    at(60 * DAY, 0);
    expect(() => long.run()).toThrow(LimitError);
    expect(() => timer.start(0)).toThrow(/at 60\.0 days "timeout" is due after that: raise the rate/);
    expect(() => timer.start(0)).toThrow(LimitError);
  });

  test("nothing refused is left behind, and the last nanosecond is still within", () => {
    expect(sim.isPending).toBe(false);
    event.at(LONGEST_NS, 0);
    sim.run();
    expect(sim.now).toBe(LONGEST_NS);
  });

  test("the 65536th kind of event", () => {
    const crowded = new Simulation();
    for (let kind = 1; kind <= 65_535; kind++) crowded.event(`kind ${kind}`, () => {});
    const tooMany = () => crowded.event("refused", () => {});
    expect(tooMany).toThrow('expected at most 65535 kinds of events; "refused" is one more');
    expect(tooMany).toThrow(LimitError);
  });
});
