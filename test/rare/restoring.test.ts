// Both ways to take up a path: it goes on as if it had never been left.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { endless } from "../../src/rare/endless.js";
import { filledWay } from "../../src/rare/filled-way.js";
import { NotPlain, type Place, type Walker, type Way } from "../../src/rare/path.js";
import { noMemory, refilled } from "../../src/rare/refilled.js";
import { type ReplayedPlace, replayedWay, walkPath } from "../../src/rare/replayed-way.js";
import { checkRestoring } from "../../src/rare/restore-check.js";
import { queueText, scenarioOf } from "./support.js";

function filled(text: string): Way {
  const memory = noMemory();
  const given = job(text);
  return filledWay(given, refilled(given, -1, memory), memory, () => {});
}

const repeated = (text: string) => replayedWay(job(text), () => {});

const job = (text: string) => ({ ...endless(scenarioOf(text), components, () => ({})).job, queue: 0 });

const NGINX = `
clients: { arrivals: { process: poisson, rate: 48/s, for: 1s } }
nginx: { upstream: { servers: [unix:/run/g.sock] } }
gunicorn: { bind: unix:/run/g.sock, workers: 4, backlog: 40 }
app: { sleep: { lognormal: { mean: 60ms, cv: 1 } } }
`;
const CONSTANT = `
clients: { arrivals: { process: constant, rate: 7/s, for: 1s } }
gunicorn: { bind: "127.0.0.1:8000", workers: 2, backlog: 5, worker_class: gthread, threads: 2 }
app: { sleep: { gamma: { mean: 400ms, cv: 0.7 } }, cpu: 20ms }
kernel: { cores: 2 }
`;

/** Records births of a path, and from which one on its random numbers are those of another branch. */
function recorder(splitAt: number | undefined, last: number) {
  const births: string[] = [];
  const found = { place: undefined as ReplayedPlace | undefined };
  const walker: Walker = {
    next: () => undefined,
    refused(count) {
      births.push(`${count} refused`);
    },
    arrived(level, here) {
      births.push(`${here.nowNs()} ${level} ${here.work.serviceNs} ${here.work.cpuNs}`);
      if (births.length === splitAt && !found.place) {
        found.place = here.save() as ReplayedPlace;
        here.goOn(99);
        births.length = 0;
      }
      return births.length < last;
    },
  };
  return { walker, births, found };
}

describe("a path that is repeated from the beginning", () => {
  // A lognormal variate comes in pairs of which one is kept, a gamma one by rejection: the kept one is repeated too.
  test.each([
    ["nginx with lognormal work", NGINX],
    ["threads on shared cores with gamma work behind TCP", CONSTANT],
  ])("is the same path: %s", (_, text) => {
    let compared = 0;
    for (let branch = 0; branch < 50 && compared < 5; branch++) {
      const original = recorder(7, 30);
      const one = walkPath(job(text), { from: undefined, branch }, original.walker);
      if (!original.found.place) continue;
      const again = recorder(undefined, 30);
      const other = walkPath(job(text), { from: original.found.place, branch: 99 }, again.walker);
      expect(again.births).toEqual(original.births);
      expect(other.world.sim.executed).toBe(one.world.sim.executed);
      expect(other.world.sim.now).toBe(one.world.sim.now);
      if (again.births.length > 3) compared++;
    }
    expect(compared).toBe(5);
  });

  test("with other random numbers is another one from there on", () => {
    const original = recorder(7, 30);
    for (let branch = 0; !original.found.place; branch++) {
      original.births.length = 0;
      walkPath(job(NGINX), { from: undefined, branch }, original.walker);
    }
    const other = recorder(undefined, 30);
    walkPath(job(NGINX), { from: original.found.place, branch: 100 }, other.walker);
    expect(other.births).not.toEqual(original.births);
  });
});

/** Places on paths from the beginning at which there are so many requests. */
async function placesAt(way: Way, level: number, paths: number): Promise<Place[]> {
  const places: Place[] = [];
  let [left, isSaved] = [paths, false];
  await way.walk({
    next() {
      isSaved = false;
      return left-- > 0 ? { from: undefined, branch: left } : undefined;
    },
    refused() {},
    arrived(found, here) {
      if (found === level && !isSaved && here.isSettled()) {
        places.push(here.save());
        isSaved = true;
      }
      return true;
    },
  });
  return places;
}

describe("a system that is filled", () => {
  const counter = { branches: 1_000 };
  const branch = () => counter.branches++;

  test.each([
    ["M/M/4", queueText({ rate: 72, workers: 4, places: 50 })],
    ["nginx with lognormal work", NGINX],
  ])("goes on as the path did from which it was filled: %s", async (_, text) => {
    const way = filled(text);
    const places = await placesAt(way, 6, 500);
    expect(places.length).toBeGreaterThan(20);
    await checkRestoring(way, places, branch);
  });

  const COMPUTING = NGINX.replace("app:", "kernel: { cores: 1 }\napp:").replace("sleep:", "cpu:");
  const THREADS = NGINX.replace("workers: 4", "workers: 1, worker_class: gthread, threads: 4");
  test.each([
    ["cores are shared", COMPUTING.replace("mean: 60ms", "mean: 15ms")],
    ["threads take more requests than they serve", THREADS],
  ])("is seen to go on otherwise, or to be no help, where %s", async (_, text) => {
    const way = filled(text);
    const check = async () => checkRestoring(way, await placesAt(way, 5, 3_000), branch);
    await expect(check()).rejects.toThrow(NotPlain);
  });

  // Who finds two and joins has three before the next one: he finds 3 with 1/3 at a utilisation of 0.5 and one worker
  // (an arrival before a departure), 2 with 2/9, 1 with 4/27. The standard error of 10,000 is at most 0.005.
  test.each([
    ["filled", filled],
    ["repeated", repeated],
  ])("has the right law of what comes next: %s", async (kind, wayOf) => {
    const way = wayOf(queueText({ rate: 10, workers: 1, places: 40 }));
    const paths = kind === "filled" ? 10_000 : 2_000;
    const places = await placesAt(way, 2, kind === "filled" ? 20_000 : 4_000);
    const next = [0, 0, 0, 0];
    let [left, isFirst] = [paths, true];
    await way.walk({
      next() {
        isFirst = true;
        return left-- > 0 ? { from: places[left % places.length], branch: branch() } : undefined;
      },
      refused() {},
      arrived(found) {
        if (isFirst) (next[found] as number)++;
        isFirst = false;
        return false;
      },
    });
    for (const [found, share] of [
      [3, 1 / 3],
      [2, 2 / 9],
      [1, 4 / 27],
    ] as const) {
      // Places are independent, but each is used several times.
      expect(Math.abs((next[found] as number) / paths - share)).toBeLessThan(
        kind === "filled" ? 0.025 : 0.06,
      );
    }
  });
});
