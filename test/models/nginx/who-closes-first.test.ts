// Who closes first after an answer, from an nginx that is cold, warm, in the application's way, or late.

import { describe, expect, test } from "vitest";
import { BOTH, CALLER, SERVER } from "../../../models/linux/caller-ends.js";
import { PROMPT, whoClosesFirst } from "../../../models/nginx/who-closes-first.js";
import { world } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";
import { MICROSECOND, MILLISECOND } from "../../../src/engine/time.js";

const SETTINGS = {
  closesFirst: 0.4,
  closesTogether: 0,
  warmForNs: 10 * MILLISECOND,
  closesAfterNs: 20 * MICROSECOND,
};
const ANSWERS = 4000;

interface Asked {
  gapNs: number;
  lateNs?: number;
  /** How long before each answer another connection is opened. */
  otherNs?: number;
  settings?: Partial<typeof SETTINGS>;
}

/** Shares of the answers at such distances after which nginx, both, and the application close first. */
function shares({ gapNs, lateNs = PROMPT, otherNs, settings }: Asked) {
  const one = world(streams("1", 0), () => ({}));
  const race = whoClosesFirst(one, { ...SETTINGS, ...settings });
  const counts = { [CALLER]: 0, [BOTH]: 0, [SERVER]: 0 };
  const opens = one.sim.event("opened", (connection) => race.connects(connection));
  const answers = one.sim.event("answered", (connection) => counts[race.first(connection, lateNs)]++);
  for (let index = 1; index <= ANSWERS; index++) {
    const atNs = index * gapNs;
    // Its own connection, opened in between, is in nobody's way.
    opens.at(atNs - gapNs / 2, 0);
    if (otherNs !== undefined) opens.at(atNs - otherNs, 1);
    answers.at(atNs, 0);
  }
  one.sim.run();
  return [counts[CALLER], counts[BOTH], counts[SERVER]].map((count) => count / ANSWERS);
}

// Four standard deviations of a share of 4000 are at most 4 * 0.5 / 63 = 0.032.
const near = (share: number) => expect.toSatisfy((got: number) => Math.abs(got - share) < 0.032);

describe("an nginx that is idle when the answer comes", () => {
  test.each([
    // 0.4 ** (1 - exp(-gap / 10 ms)).
    ["long after the one before", 1000, 0.4],
    ["10 ms after it", 10, 0.4 ** 0.632],
    ["2 ms after it", 2, 0.4 ** 0.181],
  ])("closes first the more often the warmer it is: %s", (_, gapMs, share) => {
    expect(shares({ gapNs: gapMs * MILLISECOND })).toEqual([near(share), 0, near(1 - share)]);
  });

  test("waits for a processor where the processing of two requests overlaps", () => {
    expect(shares({ gapNs: 0.4 * MILLISECOND })[0]).toEqual(near(0.15));
    expect(shares({ gapNs: 10 * MILLISECOND, otherNs: 0.4 * MILLISECOND })[0]).toEqual(near(0.15));
    expect(shares({ gapNs: 10 * MILLISECOND, otherNs: 0.6 * MILLISECOND })[0]).toEqual(near(0.4 ** 0.632));
  });

  test("shares a part of its closes with the application", () => {
    const settings = { closesTogether: 0.1 };
    expect(shares({ gapNs: 1000 * MILLISECOND, settings })).toEqual([near(0.3), near(0.1), near(0.6)]);
  });
});

test("an nginx that turns to the answer when the application has closed is always second", () => {
  expect(shares({ gapNs: MILLISECOND, lateNs: 21 * MICROSECOND })).toEqual([0, 0, 1]);
  expect(shares({ gapNs: MILLISECOND, lateNs: 19 * MICROSECOND })[0]).toBeGreaterThan(0.9);
});

test.each([
  [0, [0, 0, 1]],
  [1, [1, 0, 0]],
])("with closes_first %i there is no race, busy or not", (closesFirst, expected) => {
  const settings = { closesFirst, closesTogether: 0.1 };
  expect(shares({ gapNs: MILLISECOND, settings })).toEqual(expected);
  expect(shares({ gapNs: MILLISECOND, lateNs: MILLISECOND, settings })).toEqual(expected);
});
