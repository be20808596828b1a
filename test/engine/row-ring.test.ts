import fc from "fast-check";
import { expect, test } from "vitest";
import { RowRing } from "../../src/engine/row-ring.js";

const LAST_POSITION = 2 ** 31 - 1;

type Command = { do: "add" } | { do: "take" } | { do: "blank"; which: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: "add" as const }) },
  { weight: 3, arbitrary: fc.constant({ do: "take" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("blank" as const), which: fc.nat() }) },
);

test("rows leave in the order of coming, and those that were blanked as negative numbers", () => {
  const beginnings = fc.constantFrom(0, 1, 63, LAST_POSITION - 100, LAST_POSITION);
  fc.assert(
    fc.property(fc.array(command, { maxLength: 1_000 }), beginnings, (commands, position) => {
      const ring = new RowRing();
      // As after so many rows.
      (ring as unknown as { head: number }).head = position;
      const plain: { row: number; position: number }[] = [];
      for (const [row, command] of commands.entries()) {
        if (command.do === "add") {
          const added = ring.add(row);
          expect(added).toBeGreaterThanOrEqual(0);
          plain.push({ row, position: added });
        } else if (plain.length === 0) continue;
        else if (command.do === "take") expect(Math.max(ring.take(), -1)).toBe(plain.shift()?.row);
        else {
          const blanked = plain[command.which % plain.length] as { row: number; position: number };
          ring.blank(blanked.position);
          blanked.row = -1;
        }
      }
      for (const { row } of plain) expect(Math.max(ring.take(), -1)).toBe(row);
    }),
    { seed: 5, numRuns: 300 },
  );
});
