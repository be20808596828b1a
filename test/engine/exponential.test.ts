import { expect, test } from "vitest";
import { exponentialOf } from "../../src/engine/exponential.js";
import { streams } from "../../src/engine/random.js";

const TWO_TO_32 = 2 ** 32;

/** How many of these numbers (times 2^32) have other bits than Math.log1p gives. */
function differing(numbers: Iterable<number>): number {
  let count = 0;
  for (const number of numbers) {
    const uniform = number / TWO_TO_32;
    // -log1p(-0) is +0.
    if (!Object.is(exponentialOf(uniform), -Math.log1p(-uniform))) count++;
  }
  return count;
}

function* around(middle: number, width: number): Generator<number> {
  for (let number = Math.max(0, middle - width); number <= Math.min(TWO_TO_32 - 1, middle + width); number++)
    yield number;
}

test("-ln(1 - u) has all bits of V8's log1p at the ends, and where fdlibm changes its way", () => {
  expect(differing(around(0, 100_000))).toBe(0);
  expect(differing(around(TWO_TO_32 - 1, 100_000))).toBe(0);
  for (let bits = 0; bits < 32; bits++) {
    // 1 - u is a power of two; 1 - u is one times fdlibm's sqrt(2), whose upper word ends in 6a09e.
    expect(differing(around(TWO_TO_32 - 2 ** bits, 5_000))).toBe(0);
    expect(differing(around(TWO_TO_32 - Math.round((2 ** 31 + 0x6a09e * 2 ** 11) / 2 ** bits), 5_000))).toBe(
      0,
    );
  }
});

test("and for numbers of a stream", () => {
  const draw = streams("1", 0).stream("uniform");
  expect(differing(Array.from({ length: 1_000_000 }, () => draw() * TWO_TO_32))).toBe(0);
});

test("a stream's exponential numbers are those of its uniform ones, in whatever order", () => {
  const [one, other] = [streams("1", 0).stream("same"), streams("1", 0).stream("same")];
  for (let number = 0; number < 1_000; number++) {
    const uniform = one();
    const isWhole = number % 7 < 3;
    expect(isWhole ? other() : other.block?.exponential()).toBe(isWhole ? uniform : -Math.log1p(-uniform));
  }
});
