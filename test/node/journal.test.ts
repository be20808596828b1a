// What a journal does with whatever it finds: nothing is lost, nothing of somebody else's is overwritten.

import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { openJournal } from "../../src/node/journal.js";
import { computePoint, pointOf } from "../../src/run/point.js";
import type { PointResult } from "../../src/run/point-result.js";
import { version } from "../../src/version.js";
import { scenarioOf } from "../support/compare.js";

const OWNER = { recvq: version, sweep: "5eed" };
const fresh = () => join(mkdtempSync(join(tmpdir(), "recvq-journal-")), "folder", "a.journal");
const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").slice(0, -1);

let results: PointResult[] = [];
beforeAll(async () => {
  const text = `
clients: { arrivals: { process: burst, requests: 3 } }
gunicorn: { workers: 2 }
app: { sleep: 1s }
`;
  const made = [1, 2, 3].map(async (workers) => {
    const scenario = scenarioOf(text, [`gunicorn.workers=${workers}`]);
    return computePoint(await pointOf(scenario, { components, table: () => ({}) }), { components });
  });
  results = await Promise.all(made);
});

/** A journal of all three points; the last one failed. */
function written(): string {
  const file = fresh();
  const journal = openJournal(file, OWNER);
  const [one, other, last] = results as [PointResult, PointResult, PointResult];
  journal.add(one.point, { result: one });
  journal.add(other.point, { result: other });
  journal.add(last.point, { failed: "too many connections" });
  journal.close();
  return file;
}

describe("a journal", () => {
  test("gives back what was written, and goes on after it", () => {
    const file = written();
    const [one, other, last] = results as [PointResult, PointResult, PointResult];
    const again = openJournal(file, OWNER);
    expect(again.notice).toBeUndefined();
    expect([...again.known]).toEqual([
      [one.point, { result: one }],
      [other.point, { result: other }],
      [last.point, { failed: "too many connections" }],
    ]);
    again.add("more", { failed: "as well" });
    again.close();
    expect(linesOf(file)).toHaveLength(5);
    expect(openJournal(file, OWNER).known.size).toBe(4);
  });

  test("has each line on the file before it goes on", () => {
    const file = fresh();
    const journal = openJournal(file, OWNER);
    expect(linesOf(file)).toHaveLength(1);
    journal.add("a", { failed: "b" });
    expect(linesOf(file)).toHaveLength(2);
    journal.remove();
    expect(existsSync(file)).toBe(false);
  });

  test.each([1, 20, 200])(
    "leaves out a last line of which the last %d bytes are missing, and says so",
    (missing) => {
      const file = written();
      const [, , , last = ""] = linesOf(file);
      const text = readFileSync(file, "utf8");
      const cut = Math.min(missing, last.length);
      writeFileSync(file, text.slice(0, text.length - cut));
      const journal = openJournal(file, OWNER);
      expect(journal.notice).toMatch(/:4: the last line is incomplete, .* its point computed again$/);
      expect(journal.known.size).toBe(2);
      journal.add("last", { failed: "once more" });
      journal.close();
      const whole = openJournal(file, OWNER);
      expect([whole.notice, whole.known.size]).toEqual([undefined, 3]);
    },
  );

  test("leaves out zeros that a loss of power has put at its end", () => {
    const file = written();
    appendFileSync(file, Buffer.alloc(4096));
    const journal = openJournal(file, OWNER);
    expect([journal.known.size, journal.notice]).toEqual([3, expect.stringContaining(":5: the last line")]);
    journal.close();
    expect(linesOf(file)).toHaveLength(4);
  });

  test.each([0, 10, 60])("begins anew after a header of %d bytes", (length) => {
    const file = written();
    const header = readFileSync(file, "utf8").slice(0, length);
    writeFileSync(file, header);
    const journal = openJournal(file, OWNER);
    expect(journal.known.size).toBe(0);
    journal.close();
    expect(linesOf(file)).toHaveLength(1);
  });
});

describe("a journal is refused, with file and line, and stays as it is", () => {
  const flipped = (line: string) => line.replace(/"share":\d/, '"share":7');
  const swapped = (lines: string[]) => [
    lines[0],
    `${lines[1]?.slice(0, 16)}${lines[2]?.slice(16)}`,
    lines[3],
  ];

  test.each<[string, (lines: string[]) => unknown[], RegExp]>([
    [
      "with a changed digit in the middle",
      ([header, one = "", ...rest]) => [header, flipped(one), ...rest],
      /:2: damaged: the line does not have its checksum; remove this line to compute its point again, or/,
    ],
    ["with a changed digit in the last line", (lines) => [...lines, flipped(lines[1] ?? "")], /:5: damaged/],
    ["with the checksum of another line", swapped, /:2: damaged/],
    ["with an empty line", ([header, ...rest]) => [header, "", ...rest], /:2: damaged/],
    [
      "with a damaged header",
      ([header, ...rest]) => [`0${header}`, ...rest],
      /:1: damaged.*; name another file/,
    ],
    ["without a header", ([, ...rest]) => rest, /:1: expected the journal of a sweep in format 1; name/],
    ["that is another file", () => ["my notes", "more"], /:1: damaged.* name another file/],
  ])("%s", (_, spoil, message) => {
    const file = written();
    const text = `${spoil(linesOf(file)).join("\n")}\n`;
    writeFileSync(file, text);
    expect(() => openJournal(file, OWNER)).toThrow(message);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("of one line that is no journal's", () => {
    const file = written();
    writeFileSync(file, "my only note");
    expect(() => openJournal(file, OWNER)).toThrow(/:1: expected the journal of a sweep; name another file/);
    expect(readFileSync(file, "utf8")).toBe("my only note");
  });

  test("of another sweep or another version", () => {
    const file = written();
    expect(() => openJournal(file, { ...OWNER, sweep: "other" })).toThrow(
      /:1: is the journal of another sweep \(scenario, options or files differ\); repeat that one to finish it, name/,
    );
    expect(() => openJournal(file, { ...OWNER, recvq: "9.9.9" })).toThrow(
      `:1: is a journal by recvq ${version}, and this is 9.9.9, whose results may differ; name another file`,
    );
  });

  test("where no file can be", () => {
    expect(() => openJournal("/dev/null/a.journal", OWNER)).toThrow(/^\/dev\/null\/a.journal: cannot be/);
  });
});
