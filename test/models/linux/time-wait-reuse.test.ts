import fc from "fast-check";
import { expect, test } from "vitest";
import { reuse } from "../../../models/linux/time-wait-reuse.js";
import { MILLISECOND } from "../../../src/engine/time.js";

test("each entry ripens once, in the order of beginning, at the first look after more than the delay", () => {
  const life = fc.array(fc.record({ begins: fc.nat(40), looksAfterMs: fc.nat(30) }), { maxLength: 60 });
  const plain = { twReuse: 1, twReuseRule: "C", timestamps: true, phase: () => 0 } as const;
  fc.assert(
    fc.property(life, (steps) => {
      const ripe: string[] = [];
      const { began, ripen } = reuse({ ...plain, twReuseDelayMs: 20 }, (row, handle) =>
        ripe.push(`${row} ${handle}`),
      );
      let nowMs = 0;
      let rows = 0;
      const waiting: { beganMs: number; text: string }[] = [];
      const expected: string[] = [];
      for (const { begins, looksAfterMs } of steps) {
        for (let count = 0; count < begins; count++) {
          began(nowMs * MILLISECOND, rows, 7 * rows);
          waiting.push({ beganMs: nowMs, text: `${rows} ${7 * rows}` });
          rows++;
        }
        nowMs += looksAfterMs;
        ripen(nowMs * MILLISECOND);
        while (waiting.length > 0 && nowMs - (waiting[0]?.beganMs as number) > 20)
          expected.push(waiting.shift()?.text as string);
        expect(ripe).toEqual(expected);
      }
    }),
    { seed: 3, numRuns: 200 },
  );
});
