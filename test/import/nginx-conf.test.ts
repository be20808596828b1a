import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Directive, type Files, parseNginxConf } from "../../src/import/nginx-conf.js";
import { filesOf, messageOf, NO_FILES } from "./support.js";

const parse = (text: string, files: Files = NO_FILES) => parseNginxConf({ file: "nginx.conf", text }, files);

/** Directives as nested lists: name, arguments, and the block if there is one. */
function shape(directives: Directive[]): unknown[] {
  return directives.map(({ name, args, block }) => [name, ...args, ...(block ? [shape(block)] : [])]);
}

describe("words", () => {
  test.each([
    ["spaces, tabs and line ends separate words", "a \t b\r\n  c;", ["a", "b", "c"]],
    [
      "quotes keep spaces, semicolons, braces and # in a word",
      `a "b ;{}#" 'c "d"';`,
      ["a", "b ;{}#", 'c "d"'],
    ],
    ["a backslash escapes quotes and itself", String.raw`a "x\"y" 'x\'y' x\\y;`, ["a", 'x"y', "x'y", "x\\y"]],
    ["\\t, \\r and \\n are control characters, quoted or not", String.raw`a "\t" \n\r;`, ["a", "\t", "\n\r"]],
    [
      "a backslash before anything else stays, and the character is part of the word",
      String.raw`a b\ c \; \d;`,
      ["a", String.raw`b\ c`, String.raw`\;`, String.raw`\d`],
    ],
    ["braces of a variable are part of a word", `a x\${b}y \${c};`, ["a", `x\${b}y`, `\${c}`]],
    ["a quote within a word is an ordinary character", `a b"c d'e;`, ["a", 'b"c', "d'e"]],
    ["a # within a word is an ordinary character", "a b#c; # d;", ["a", "b#c"]],
    ["a closing brace within a word is an ordinary character", "a b};", ["a", "b}"]],
    ["a parenthesis may follow a closing quote", `if ("a" = "b") { }`, ["if", '("a"', "=", "b", ")", []]],
    ["a quoted word may be empty and may go over lines", `a "" "b\nc";`, ["a", "", "b\nc"]],
  ])("%s", (_, text, words) => {
    expect(shape(parse(text))).toEqual([words]);
  });

  test("every word comes back from its quoted form", () => {
    const quoted = (word: string) => `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 }), { minLength: 1 }), (words) => {
        expect(shape(parse(`${words.map(quoted).join(" ")};`))).toEqual([words]);
      }),
    );
  });
});

describe("blocks and lines", () => {
  test("a directive is at the line of its first word, and knows its block", () => {
    const [, http] = parse("user a;\n\n# c\nhttp\n{\n  server { listen\n 80; } }\n");
    expect(http).toMatchObject({ name: "http", file: "nginx.conf", line: 4 });
    expect(http?.block?.[0]?.block).toEqual([{ name: "listen", args: ["80"], file: "nginx.conf", line: 6 }]);
  });

  test.each([
    ["a;\nb }", 'nginx.conf:2: expected ";" or "{" after "b", got "}"'],
    ["a;\n}", 'nginx.conf:2: expected a directive, got "}"'],
    [";", 'nginx.conf:1: expected a directive, got ";"'],
    ["a {\n b;\n", 'nginx.conf:3: expected "}" of the a block that opens in line 1, got the end of the file'],
    ["a b\n", 'nginx.conf:2: expected ";" or "{" after "a b", got the end of the file'],
    ['a "b"c;', 'nginx.conf:1: expected a space, ";" or "{" after the closing ", got "c"'],
    [
      "a\n'b;\n",
      "nginx.conf:3: expected the closing ' of the text that opens in line 2, got the end of the file",
    ],
    [
      `a\n"${"b".repeat(5000)}`,
      'nginx.conf:2: expected a word of less than 4096 characters; is the closing " missing?',
    ],
    [
      "a;\nb_by_lua_block { }",
      "nginx.conf:2 b_by_lua_block: blocks of Lua are not read; use the _by_lua_file form",
    ],
    ["a {".repeat(101), "nginx.conf:1 a: expected at most 100 nested blocks"],
  ])("%j is refused where nginx notices it", (text, message) => {
    expect(messageOf(() => parse(text))).toBe(message);
  });
});

describe("include", () => {
  test("puts the directives of the files that match in place, in the order of their names", () => {
    const files = filesOf({
      "etc/conf.d/b.conf": "second;",
      "etc/conf.d/a.conf": "first;\nalso first;",
      "etc/extra/c.conf": "third;",
      "etc/conf.d/none.txt": "never;",
    });
    const text = "http { include conf.d/*.conf; include extra/c.conf; }";
    const [http] = parseNginxConf({ file: "etc/nginx.conf", text }, files);
    expect(http?.block?.map(({ name, file, line }) => `${file}:${line} ${name}`)).toEqual([
      "etc/conf.d/a.conf:1 first",
      "etc/conf.d/a.conf:2 also",
      "etc/conf.d/b.conf:1 second",
      "etc/extra/c.conf:1 third",
    ]);
  });

  test("is relative to the main file's folder, also from an included file", () => {
    const files = filesOf({ "/etc/nginx/sub/a.conf": "include b.conf;", "/etc/nginx/b.conf": "found;" });
    const found = parseNginxConf({ file: "/etc/nginx/nginx.conf", text: "include sub/a.conf;" }, files);
    expect(shape(found)).toEqual([["found"]]);
  });

  test("of a pattern without a match is nothing", () => {
    expect(parse("include conf.d/*.conf;")).toEqual([]);
  });

  test("of the distributions' files of names stays a directive when the file is not at hand", () => {
    expect(shape(parse("include /etc/nginx/mime.types;"))).toEqual([["include", "/etc/nginx/mime.types"]]);
  });

  test.each([
    ["include a.conf;", {}, 'nginx.conf:1 include: expected a readable file, got "a.conf"'],
    ["include;", {}, "nginx.conf:1 include: expected one path, got none"],
    [
      "a;\ninclude a.conf;",
      { "a.conf": "\ninclude b.conf;", "b.conf": "include a.conf;" },
      "b.conf:1 include: a file includes itself: nginx.conf -> a.conf -> b.conf -> a.conf",
    ],
    [
      "include a.conf;",
      { "a.conf": "b {" },
      'a.conf:1: expected "}" of the b block that opens in line 1, got the end of the file',
    ],
    ["a { include a.conf; }", { "a.conf": "b; }" }, 'a.conf:1: expected a directive, got "}"'],
  ])("%j is refused with file and line", (text, files, message) => {
    expect(messageOf(() => parse(text, filesOf(files)))).toBe(message);
  });
});
