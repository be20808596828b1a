// What the README shows is what recvq prints: the blocks are made by running their commands.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { load, predict } from "../src/index.js";
import { recvq } from "./e2e/recvq.js";

const README = readFileSync("README.md", "utf8");

test("each console block shows what its commands print; vitest -u writes it anew", {
  timeout: 400_000,
}, async () => {
  let text = README;
  for (const [block, body] of README.matchAll(/```console\n([\s\S]*?)```/g)) {
    const commands = (body as string).split("\n").filter((line) => line.startsWith("$ recvq "));
    expect(commands).not.toEqual([]);
    const shown = await Promise.all(commands.map(shownFor));
    text = text.replace(block, () => `\`\`\`console\n${shown.join("")}\`\`\``);
  }
  text = text.replace(
    /<!-- (scenarios\/\S+) -->\n(?:\n```yaml\n[\s\S]*?```\n)?/,
    (_, file: string) => `<!-- ${file} -->\n\n\`\`\`yaml\n${readFileSync(file, "utf8")}\`\`\`\n`,
  );
  await expect(text).toMatchFileSnapshot("../README.md");
});

async function shownFor(command: string): Promise<string> {
  // A part of a long text is shown by a program that picks it.
  const [own = "", filter] = command.split(" | ");
  const { stdout, stderr } = await recvq(own.slice("$ recvq ".length).split(" "));
  const [program, ...words] = filter?.split(" ") ?? [];
  const shown =
    program === undefined ? stdout : execFileSync(program, words, { input: stdout, encoding: "utf8" });
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
