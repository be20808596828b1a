import { describe, expect, test } from "vitest";
import { locate, plain } from "../../src/scenario/tree.js";
import { parseYaml, parseYamlValue, toYaml } from "../../src/scenario/yaml.js";

describe("places", () => {
  const tree = parseYaml("f", "a:\n  net.core.x: 1\n  list:\n    - { b: 2 }\n    - three\n");
  const at = (path: (string | number)[], part: "key" | "value") => {
    const { line, column } = locate(tree, path, part);
    return `${line}:${column}`;
  };

  test("keys and values have their own, also keys that contain dots", () => {
    expect(at(["a", "net.core.x"], "key")).toBe("2:3");
    expect(at(["a", "net.core.x"], "value")).toBe("2:15");
    expect(at(["a", "list", 0, "b"], "value")).toBe("4:12");
    expect(at(["a", "list", 1], "value")).toBe("5:7");
  });

  test("what is missing has the place of its parent's key", () => {
    expect(at(["a", "net"], "value")).toBe("1:1");
    expect(at(["a", "list", 0, "c"], "value")).toBe("4:7");
    expect(at(["a", "list", 2, "c"], "value")).toBe("3:3");
    expect(at(["z"], "value")).toBe("1:1");
  });

  test("a merged or aliased value has the place of its text and names its use", () => {
    const merged = parseYaml("f", "a: &x { b: 1 }\nc:\n  <<: *x\nd: *x\n");
    expect(locate(merged, ["c", "b"], "value")).toEqual({ file: "f", line: 1, column: 12, via: "*x at 3:7" });
    expect(locate(merged, ["d"], "value")).toEqual({ file: "f", line: 1, column: 7, via: "*x at 4:4" });
    expect(locate(merged, ["d"], "key")).toEqual({ file: "f", line: 4, column: 1 });
  });

  test("an option's value stands at the option", () => {
    const place = { file: "--set a=[1, {b: 2}]" };
    expect(locate(parseYamlValue(place, "[1, {b: 2}]"), [1, "b"], "value")).toBe(place);
  });
});

describe("values", () => {
  test("are those of YAML 1.2: no is a text, and keys are text as written", () => {
    expect(plain(parseYaml("f", "{ a: no, b: 0x10, c: 1e3, d: ~, 502: x, 1.10: y, true: z }"))).toEqual({
      a: "no",
      b: 16,
      c: 1000,
      d: null,
      "502": "x",
      "1.10": "y",
      true: "z",
    });
  });

  test("a quoted << is a key like any other", () => {
    expect(plain(parseYaml("f", '{ "<<": { a: 1 } }'))).toEqual({ "<<": { a: 1 } });
  });
});

describe("writing", () => {
  test("is in block style, in the order of the object, with comments above keys and at the top", () => {
    const value = {
      gunicorn: { workers: 4, bind: "unix:/run/g.sock" },
      clients: [{ name: "web" }, { name: "api" }],
    };
    const text = toYaml(value, [
      { path: [], text: "Imported.\n\nTwo paragraphs." },
      { path: ["gunicorn", "bind"], text: "gunicorn.sh:3" },
      { path: ["clients"], text: "load.json" },
      { path: ["clients", 1], text: "the second" },
    ]);
    expect(text).toBe(`# Imported.
#
# Two paragraphs.

gunicorn:
  workers: 4
  # gunicorn.sh:3
  bind: unix:/run/g.sock
# load.json
clients:
  - name: web
  # the second
  - name: api
`);
    expect(plain(parseYaml("f", text))).toEqual(value);
  });

  test("quotes what would be read as something else and breaks no long line", () => {
    const value = { a: "1e3", b: "no: yes", c: "null", d: "", e: "x ".repeat(200).trim(), f: "# 1", g: null };
    const text = toYaml(value);
    expect(plain(parseYaml("f", text))).toEqual(value);
    expect(text.split("\n")).toHaveLength(8);
  });

  test("repeats shared objects in place of anchors", () => {
    const shared = { a: 1 };
    expect(toYaml({ x: shared, y: shared })).toBe("x:\n  a: 1\ny:\n  a: 1\n");
  });

  test("refuses a comment for a key that is not there", () => {
    expect(() => toYaml({ a: 1 }, [{ path: ["b"], text: "lost" }])).toThrow(
      "no key b to put a comment above",
    );
  });
});
