// Whether nginx itself reads configurations as we do. Its error messages show the words that it has read.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Directive, type Files, parseNginxConf } from "../../src/import/nginx-conf.js";
import { statements } from "../../src/import/nginx-tokens.js";
import { parseSizeBytes, parseTimeMs } from "../../src/import/nginx-units.js";
import { ImportError } from "../../src/import/note.js";
import { requires } from "../support/requires.js";

/** In a constant of its own, so that nobody takes it for a placeholder. */
const VARIABLE = ["$", "{x}"].join("");

let folder: string;

/** Writes the files into the folder and lets nginx test or dump the one called nginx.conf. */
function nginx(flag: "-t" | "-T", texts: Record<string, string>): { accepted: boolean; output: string } {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const args = [flag, "-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")];
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  const { status, stdout, stderr } = spawnSync("nginx", args, { encoding: "utf8", env: { PATH: path } });
  return { accepted: status === 0, output: `${stdout}${stderr}` };
}

/** Our reading of the same files: the directives, or the line of the error. */
function ours(text: string): Directive[] | ImportError {
  const files: Files = {
    read(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    glob(pattern) {
      const form = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
      return readdirSync(dirname(pattern))
        .map((name) => join(dirname(pattern), name))
        .filter((path) => form.test(path));
    },
  };
  try {
    return parseNginxConf({ file: join(folder, "nginx.conf"), text }, files);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
}

/** What nginx makes of the first statement, in our words. */
function firstOfNginx(text: string): string {
  const { output } = nginx("-t", { "nginx.conf": text });
  const word = /invalid value "([\s\S]*)" in "daemon" directive/.exec(output)?.[1];
  if (word !== undefined) return `one word: ${word}`;
  if (output.includes("invalid number of arguments")) return "not one word";
  if (output.includes("is not terminated by")) return "a block";
  if (output.includes("unknown directive")) return "another name";
  return `wrong in line ${/:(\d+)$/m.exec(output)?.[1]}`;
}

/** The same by our own reading. */
function firstOfOurs(text: string): string {
  try {
    const { words, end } = statements("nginx.conf", text)();
    if (words[0] !== "daemon") return "another name";
    if (end === "{") return "a block";
    return words.length === 2 ? `one word: ${words[1]}` : "not one word";
  } catch (error) {
    return `wrong in line ${(error as ImportError).line}`;
  }
}

requires("nginx")("nginx agrees", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "recvq-nginx-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    String.raw`"a\"b"`,
    String.raw`'a\'b"c'`,
    String.raw`a\;b`,
    String.raw`\tx\n\\y\z`,
    String.raw`a\ b`,
    `a${VARIABLE}b`,
    ["a$", "{{b"].join(""),
    `a"b'c`,
    "a}b",
    "a#b",
    '""',
    `"a;{}#\nb"`,
  ])("on the word %j", (text) => {
    const read = firstOfNginx(`daemon ${text};`);
    expect(read).toMatch(/^one word: /);
    expect(firstOfOurs(`daemon ${text};`)).toBe(read);
  });

  test("on random texts: which word it is, or on which line it goes wrong", () => {
    const characters = [...`ab${VARIABLE}"'\\;# \n()tn`];
    const texts = fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(firstOfOurs(`daemon ${text};`)).toBe(firstOfNginx(`daemon ${text};`));
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  test.each([
    ["a missing semicolon", "events { }\nuser root\n"],
    ["a stray brace", "events { }\n\n}"],
    ["an open block", "events {\n\n"],
    ["an open quote", 'daemon "on;\n\n'],
    ["text after a quote", '\ndaemon "on"off;'],
    ["a lonely semicolon", "\n;"],
    ["a brace within a directive", "\ndaemon on }"],
    ["an open quote in a long file", `\ndaemon\n'on; ${"#\n".repeat(3000)}`],
    ["a missing file", "events { }\ninclude none.conf;"],
    ["a stray brace in an included file", "events { include stray.inc; }"],
    ["an open block in an included file", "include open.inc; }"],
  ])("on the line of a mistake: %s", (_, text) => {
    const texts = { "nginx.conf": text, "stray.inc": "\nuse epoll; }", "open.inc": "\nevents {" };
    const { accepted, output } = nginx("-t", texts);
    const [, file, line] = / in (\S+):(\d+)$/m.exec(output) ?? [];
    expect(accepted).toBe(false);
    expect(ours(text)).toMatchObject({ name: "ImportError", file, line: Number(line) });
  });

  test("on the files that are included, and their order", () => {
    const text =
      "include main.d/*.conf;\nevents { } http { include sites/*/site.conf; include sites/z.conf; }\n";
    const texts = {
      "nginx.conf": text.replace("sites/*/site.conf", "sites/s*.conf"),
      "main.d/b.conf": `pid ${folder}/pid;`,
      "main.d/a.conf": "include main.d/sub/x.inc;",
      "main.d/sub/x.inc": "worker_rlimit_nofile 1000;",
      "sites/s2.conf": `server { listen unix:${folder}/two; }`,
      "sites/s10.conf": `server { listen unix:${folder}/ten; }`,
      "sites/z.conf": "server_tokens off;",
    };
    const { accepted, output } = nginx("-T", texts);
    expect({ accepted, output: accepted ? "" : output }).toEqual({ accepted: true, output: "" });
    const theirs = [...output.matchAll(/^# configuration file (\S+):$/gm)].map((match) => match[1]);
    const files = (directives: Directive[]): string[] =>
      directives.flatMap(({ file, block }) => [file, ...files(block ?? [])]);
    const included = [...new Set(files(ours(texts["nginx.conf"]) as Directive[]))];
    // A file with includes only has no directive of its own.
    const withDirectives = theirs.filter(
      (file) => !file?.endsWith("a.conf") && !file?.endsWith("nginx.conf"),
    );
    expect(included.filter((file) => !file.endsWith("nginx.conf"))).toEqual(withDirectives);
  });

  test("that the configuration from the field is good", () => {
    const realistic = readFileSync(new URL("realistic-nginx.conf", import.meta.url), "utf8");
    mkdirSync(join(folder, "logs"), { recursive: true });
    mkdirSync(join(folder, "run"), { recursive: true });
    // The test must not depend on users, ports and temporary folders of the machine.
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/tmp;`,
    );
    let sockets = 0;
    const text = realistic
      .replace("user www-data www-data;", "")
      .replace("http {", `http { ${paths.join(" ")}`)
      .replaceAll(/listen [^;]*/g, () => `listen unix:${folder}/${++sockets}`);
    const { accepted, output } = nginx("-t", {
      "nginx.conf": text,
      "mime.types": "types { text/html html; }",
    });
    expect({ accepted, output: accepted ? "" : output }).toEqual({ accepted: true, output: "" });
  });

  test.each([
    "60",
    "1m",
    "1h 30m",
    "1m30s5ms",
    "1m 30",
    "1w1d",
    "1.5s",
    "1s1m",
    "5 1s",
    "1y",
    "1M",
    "s",
    "1sec",
  ])("on whether %j is a time", (time) => {
    const text = `events { } http { proxy_read_timeout "${time}"; }`;
    const { output } = nginx("-t", { "nginx.conf": text });
    expect(parseTimeMs(time) !== undefined).toBe(!output.includes("invalid value"));
  });

  test.each(["10m", "8K", "1g", "0", "1mb", "1.5k", "k"])("on whether %j is a size", (size) => {
    const { output } = nginx("-t", { "nginx.conf": `events { } http { client_max_body_size ${size}; }` });
    expect(parseSizeBytes(size) !== undefined).toBe(!output.includes("invalid value"));
  });
});
