import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonPlaces } from "../../src/import/json-places.js";

/** Every path into a value, with what stands there. */
function* parts(value: unknown, path: string[] = []): Generator<[string[], unknown]> {
  yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* parts(inner, [...path, key]);
}

test("every value of a JSON text is found where it begins", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const placeOf = jsonPlaces(text);
      const lines = text.split("\n");
      for (const [path, part] of parts(JSON.parse(text))) {
        const { line, column } = placeOf(path);
        const rest = [lines[line - 1]?.slice(column - 1), ...lines.slice(line)].join("\n");
        const isObject = typeof part === "object" && part !== null;
        const expected = JSON.stringify(part).slice(0, isObject ? 1 : undefined);
        expect(rest.startsWith(expected)).toBe(true);
      }
    }),
    { seed: 12 },
  );
});

test("what is missing is found where its nearest parent begins", () => {
  const placeOf = jsonPlaces('{\n "a": { "b": [1, 2] }\n}');
  expect(placeOf(["a", "b", 1])).toEqual({ line: 2, column: 18 });
  expect(placeOf(["a", "b", 7])).toEqual({ line: 2, column: 14 });
  expect(placeOf(["a", "c", "d"])).toEqual({ line: 2, column: 7 });
  expect(placeOf(["x"])).toEqual({ line: 1, column: 1 });
});
