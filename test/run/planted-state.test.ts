// A comparison of worlds that cannot tell them apart is no check: each kind of thing that a component may
// forget to put back is planted here, and found.

import { expect, test } from "vitest";
import * as z from "zod";
import { component } from "../../src/component/component.js";
import type { World } from "../../src/component/world.js";
import { columns } from "../../src/engine/columns.js";
import { SECOND } from "../../src/engine/time.js";
import { assembleForMany } from "../../src/scenario/assemble.js";
import { type Comparison, compareState, type Exemption } from "../support/same-state.js";

/** What a component does when something happens, and how it resets itself, if it does. */
interface Planted {
  happens(timeNs: number): void;
  reset?(): void;
}

type Plant = (world: World, settings: { list: number[] }) => Planted;

class Counter {
  private count = 0;

  more(): number {
    this.count += 1;
    return this.count;
  }
}

const counters = new WeakMap<World, { count: number }>();

const FORGOTTEN: Record<string, { plant: Plant; path: string }> = {
  "a variable": {
    path: "{plant}.count: 0 expected, 3 found",
    plant() {
      let count = 0;
      return { happens: () => void count++ };
    },
  },
  "a variable of a block": {
    path: ".count: 0 expected, 3 found",
    plant() {
      const made: Planted[] = [];
      for (let count = 0, isFirst = true; isFirst; isFirst = false)
        made.push({ happens: () => void count++ });
      return made[0] as Planted;
    },
  },
  "a private field": {
    path: "{plant}.counter.count: 0 expected, 3 found",
    plant() {
      const counter = new Counter();
      return { happens: () => counter.more() };
    },
  },
  "a row of a column": {
    path: "{plant}.rows.since[5]: 0 expected, 2000000000 found",
    plant() {
      const rows = columns({ since: Float64Array });
      return {
        happens: (timeNs) => {
          rows.since[5] = timeNs;
        },
      };
    },
  },
  "a column that has grown": {
    path: "{plant}.rows.since: 1024 elements expected, 3000 found: 0, 0, 0 ...",
    plant() {
      const rows = columns({ since: Float64Array });
      return {
        happens: (timeNs) => {
          rows.reserve(2_999);
          rows.since[2_500] = timeNs;
        },
      };
    },
  },
  "an entry": {
    path: '{plant}.entries["a"]: 0 expected, 2000000000 found',
    plant() {
      const entries = new Map([["a", 0]]);
      return { happens: (timeNs) => void entries.set("a", timeNs) };
    },
  },
  "one more entry": {
    path: "{plant}.entries: 0 entries expected, 3 found: 0, 1000000000, 2000000000 ...",
    plant() {
      const entries = new Map<number, number>();
      return { happens: (timeNs) => void entries.set(timeNs, timeNs) };
    },
  },
  "one more element": {
    path: "{plant}.all: 0 elements expected, 3 found: 0, 1, 2 ...",
    plant() {
      const all = new Set<number>();
      return { happens: () => void all.add(all.size) };
    },
  },
  "which of two objects": {
    path: "{plant}.which.now: another Object than elsewhere in its place",
    plant() {
      const two = [{ rate: 1 }, { rate: 1 }] as const;
      const which: { now: object } = { now: two[0] };
      return {
        happens: () => {
          which.now = two[1];
        },
      };
    },
  },
  "which of two functions": {
    path: "{plant}.now: another function other than elsewhere in its place",
    plant() {
      const one = () => 1;
      const other = () => 2;
      let now = one;
      return {
        happens: () => {
          if (now() === 1) now = other;
        },
      };
    },
  },
  "a setting": {
    path: "{plant}.settings.list[1]: 2 expected, 0 found",
    plant(_, settings) {
      return {
        happens: () => {
          settings.list[1] = 0;
        },
      };
    },
  },
  "what a WeakMap keeps of the world": {
    path: "world(in a WeakMap).count: 0 expected, 3 found",
    plant(world) {
      counters.set(world, { count: 0 });
      return { happens: () => void (counters.get(world) as { count: number }).count++ };
    },
  },
  "a zero's sign": {
    path: "{plant}.state.sign: 0 expected, -0 found",
    plant() {
      const state = { sign: 0 };
      return {
        happens: () => {
          state.sign *= -1;
        },
      };
    },
  },
};

const EXEMPTIONS: Exemption[] = [
  { path: /^world\.sim\.pauseAt$|\{columns\}\.capacity$/, reason: "no state of a run" },
];

test.for(Object.entries(FORGOTTEN))("%s that is not put back is found", ([, { plant, path }]) => {
  const found = compare(plant).differences.map((one) => `${one.path}: ${one.what}`);
  expect(found.filter((one) => one.endsWith(path))).not.toEqual([]);
  expect(found).toHaveLength(1);
});

const PUT_BACK: Record<string, Plant> = {
  "what is put back": () => {
    let count = 0;
    return {
      happens: () => void count++,
      reset() {
        count = 0;
      },
    };
  },
  "what has grown, and is cleared": () => {
    const rows = columns({ since: Float64Array, worker: Int32Array }, { worker: -1 });
    const list: number[] = [];
    return {
      happens(timeNs) {
        rows.reserve(2_999);
        rows.since[2_500] = timeNs;
        list.push(timeNs);
      },
      reset() {
        rows.clear();
        list.fill(0);
      },
    };
  },
  "what is made when it is needed": (world) => {
    const made: { event?: object; draw?: () => number } = {};
    return {
      happens() {
        made.draw ??= () => world.sim.now;
        made.event ??= made.draw;
      },
    };
  },
};

test.for(Object.entries(PUT_BACK))("%s is no difference", ([, plant]) => {
  expect(compare(plant).differences).toEqual([]);
});

test("what is made when it is needed is told of by itself", () => {
  const made = compare(PUT_BACK["what is made when it is needed"] as Plant).made.map(({ path }) => path);
  expect(made).toEqual([expect.stringMatching(/\.made\.draw$/), expect.stringMatching(/\.made\.event$/)]);
});

/** A world in which it happens three times, then reset, compared with one in which nothing has happened. */
function compare(plant: Plant): Comparison {
  const used = assembled(plant);
  used.world.start();
  used.world.sim.run();
  used.reset(1);
  used.world.start();
  const fresh = assembled(plant, 1);
  fresh.world.start();
  return compareState(fresh, used, EXEMPTIONS);
}

function assembled(plant: Plant, replication = 0) {
  const planted = component({
    section: "planted",
    occurs: "once",
    help: "",
    settings: z.object({ list: z.array(z.number()) }),
    build(world, settings) {
      const { happens, reset } = plant(world, settings);
      const due = world.sim.event("it happens", (time) => happens(time * SECOND));
      if (reset) world.onReset(reset);
      world.onStart(() => {
        for (const time of [0, 1, 2]) due.at(time * SECOND, time);
      });
    },
  });
  const run = { seed: "1", replication, table: () => ({}) };
  return assembleForMany({ planted: { list: [1, 2] } }, [planted as never], run);
}
