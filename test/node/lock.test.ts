// Who may write a file when: one process at a time, and a dead one keeps nobody off.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockFile } from "../../src/node/lock.js";

const fresh = () => join(mkdtempSync(join(tmpdir(), "recvq-lock-")), "a.journal");
const own = () => {
  const file = fresh();
  lockFile(file);
  return JSON.parse(readFileSync(`${file}.lock`, "utf8"));
};
const left = (holder: unknown) => {
  const file = fresh();
  writeFileSync(`${file}.lock`, typeof holder === "string" ? holder : JSON.stringify(holder));
  return file;
};
const dead = () => spawnSync(process.execPath, ["--version"]).pid;

describe("a lock", () => {
  test("keeps others off until it is released, and says whose it is", () => {
    const file = fresh();
    const lock = lockFile(file);
    expect(lock.after).toBeUndefined();
    expect(() => lockFile(file)).toThrow(
      `${file}: process ${process.pid} is writing it; wait until it has ended, or name another file with --journal`,
    );
    lock.release();
    expect(existsSync(`${file}.lock`)).toBe(false);
    lockFile(file);
  });

  test.runIf(existsSync("/proc/self/stat"))("of this process holds when it began", () => {
    expect(own()).toEqual({
      pid: process.pid,
      host: hostname(),
      began: expect.stringMatching(/^[0-9a-f-]{36} \d+$/),
    });
  });

  test.each<[string, () => unknown, boolean]>([
    ["a process that is gone", () => ({ ...own(), pid: dead() }), true],
    ["one whose number this process has", () => ({ ...own(), began: "before the last start 1" }), true],
    ["a loss of power: it is empty", () => "", false],
    ["a loss of power: it is zeros", () => "\0\0\0\0", false],
  ])("of %s does not count", (_, holder, isNamed) => {
    const holds = holder();
    const file = left(holds);
    const { after, release } = lockFile(file);
    expect(after).toBe(isNamed ? (holds as { pid: number }).pid : undefined);
    release();
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  test.each<[string, () => object, RegExp]>([
    // Process 1 is there on each machine, and may be another user's.
    ["of another user", () => ({ ...own(), pid: 1, began: "" }), /: process 1 is writing it; wait/],
    [
      "of another machine, where nobody here can look",
      () => ({ ...own(), pid: dead(), host: "elsewhere" }),
      /process \d+ on elsewhere is writing it; .* or remove .*a.journal.lock if it has, or name/,
    ],
  ])("%s counts, and stays", (_, holder, message) => {
    const file = left(holder());
    const text = readFileSync(`${file}.lock`, "utf8");
    expect(() => lockFile(file)).toThrow(message);
    expect(readFileSync(`${file}.lock`, "utf8")).toBe(text);
  });
});
