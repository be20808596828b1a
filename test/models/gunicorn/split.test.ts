import { expect, test } from "vitest";
import { splitOf } from "../../../models/gunicorn/split.js";
import type { Employment } from "../../../models/gunicorn/worker-class.js";
import type { World } from "../../../src/component/world.js";
import { streams } from "../../../src/engine/random.js";

/** How often each stream was drawn from when so many workers had been chosen so many times. */
function draws(workers: number, choices: number): Record<string, number> {
  const all = streams("1", 0);
  const counts: Record<string, number> = {};
  const random = (name: string) => {
    const source = all.stream(name);
    counts[name] = 0;
    return () => {
      (counts[name] as number)++;
      return source();
    };
  };
  const employment = { settings: { workers }, path: "gunicorn", of: "" } as Employment;
  const split = splitOf({ random, onReset() {} } as unknown as World, employment, false);
  for (let worker = 0; worker < workers; worker++) {
    split.reserve(worker);
    split.set(worker, true);
  }
  for (let choice = 0; choice < choices; choice++) split.choose();
  return counts;
}

test("who wins a connection is one draw, whatever the favourites of how many workers have taken", () => {
  // Of a shuffle: one less than there are workers, beside the two or more of the normal distribution.
  const [four, five] = [draws(4, 100), draws(5, 100)];
  expect([four["gunicorn.split"], five["gunicorn.split"]]).toEqual([100, 100]);
  expect(five["gunicorn.favourites"]).toBe((four["gunicorn.favourites"] as number) + 1);
});
