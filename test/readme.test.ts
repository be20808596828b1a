// What the README shows is what recvq prints: the blocks are made by running their commands.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";

import { load, predict } from "../src/index.js";
import { recvq } from "./e2e/recvq.js";

const README = readFileSync("README.md", "utf8");

test("each console block shows what its commands print; vitest -u writes it anew", {
  timeout: 400_000,
}, async () => {
  const blocks = [...README.matchAll(/```console\n([\s\S]*?)```/g)].map(([block, body = ""]) => {
    return { block, commands: body.split("\n").filter((line) => line.startsWith("$ recvq ")) };
  });
  expect(blocks.filter(({ commands }) => commands.length === 0)).toEqual([]);
  const shown = await shownForAll(blocks.flatMap(({ commands }) => commands));
  let text = README;
  for (const { block, commands } of blocks) {
    const body = commands.map((command) => shown.get(command)).join("");
    text = text.replace(block, () => `\`\`\`console\n${body}\`\`\``);
  }
  text = text.replace(
    /<!-- (scenarios\/\S+) -->\n(?:\n```yaml\n[\s\S]*?```\n)?/,
    (_, file: string) => `<!-- ${file} -->\n\n\`\`\`yaml\n${readFileSync(file, "utf8")}\`\`\`\n`,
  );
  await expect(text).toMatchFileSnapshot("../README.md");
});

/** What each command shows; as many at a time as there are processors, whichever block they are from. */
async function shownForAll(commands: readonly string[]): Promise<Map<string, string>> {
  const shown = new Map<string, string>();
  const left = [...new Set(commands)];
  const worker = async () => {
    for (let command = left.shift(); command !== undefined; command = left.shift())
      shown.set(command, await shownFor(command));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return shown;
}

async function shownFor(command: string): Promise<string> {
  // A part of a long text is shown by a program that picks it.
  const [own = "", filter] = command.split(" | ");
  const words = own.slice("$ recvq ".length).split(" ");
  // A result does not depend on the threads (test/e2e/threads.test.ts), and each compiles the program anew.
  const threads = ["doctor", "import", "verify"].includes(words[0] as string) ? [] : ["--threads", "1"];
  const { stdout, stderr } = await recvq([...words, ...threads]);
  const [program, ...filtered] = filter?.split(" ") ?? [];
  const shown =
    program === undefined ? stdout : execFileSync(program, filtered, { input: stdout, encoding: "utf8" });
  return `${command}\n${shown}${stderr}`;
}

test("its scenarios load", () => {
  const scenarios = [...README.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text as string);
  expect(scenarios.length).toBeGreaterThan(1);
  for (const text of scenarios) expect(load(text).settings.run.replications).toBe(20);
});

test("its library example gives the number in its comment", async () => {
  const [, text = ""] = /await predict\(`([\s\S]*?)`\)/.exec(README) ?? [];
  const [, expected] = /\["502"\]\?\.count\); \/\/ (\d+)/.exec(README) ?? [];

  expect((await predict(text)).outcomes["502"]?.count).toBe(Number(expected));
});

test("it gives exactly two commands for a fresh machine", () => {
  const commands = [...README.matchAll(/```sh\n(.*)\n```/g)].map(([, command]) => command);
  expect(commands).toEqual(["npm ci && npm start", "npm cit"]);
});

test("each relative link leads to a file of the repository", () => {
  const links = [...README.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path]) => path as string);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
