// recvq check --watch in this process, with files in a folder of its own. Each step waits for what it has to
// cause, however long that takes, never for a time.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { watchScenarios } from "../../src/cli/check-watch.js";
import { tableReader } from "../../src/cli/tables.js";

const TIMEOUT = { timeout: 60_000 };
const burst = (requests: number) => `
clients: { arrivals: { process: burst, requests: ${requests} } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 4 }
app: { sleep: 1s }
`;
const expecting = (limit: string) => `expect: [EAGAIN.share <= ${limit}]\n`;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function folder(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), "recvq-"));
  const at = (name: string) => join(root, name);
  const write = (name: string, text: string) => writeFileSync(at(name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { root, at, write };
}

/** `next` is what has been said up to the end of the next round; paths without the folder. */
function watching(root: string, names = [root]) {
  const input = new PassThrough();
  let said = "";
  let wake = () => {};
  const code = watchScenarios({
    names,
    given: { quiet: true, color: false },
    optionsFor: (ended) => ({ components, table: tableReader, ended }),
    input,
    say(text) {
      said += text.replaceAll(`${root}/`, "");
      wake();
    },
  });
  const end = async () => {
    input.write("q\n");
    return code;
  };
  ends.push(end);
  return {
    end,
    input,
    async next(): Promise<string> {
      const last = "Watching. Enter checks all again, q ends.\n";
      while (!said.includes(last)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const at = said.indexOf(last);
      const round = said.slice(0, at).trim();
      said = said.slice(at + last.length);
      return round;
    },
  };
}

describe("check --watch checks again", () => {
  test("what a changed file belongs to, and only that", TIMEOUT, async () => {
    const { root, write } = folder({
      "base.yaml": burst(12),
      "one.yaml": `extends: base.yaml\n${expecting("60%")}`,
      "two.yaml": burst(6) + expecting("60%"),
    });
    const { next, end } = watching(root);
    expect(await next()).toBe("3 scenarios: 2 passed, 1 expects nothing");
    write("two.yaml", burst(60) + expecting("60%"));
    // The worker has one and the queue five of sixty.
    expect(await next()).toMatch(/^✗ two.yaml \(exact\)\n {4}✗ EAGAIN.share <= 60% {2}90 %\n[\s\S]*1 failed/);
    write("base.yaml", burst(24));
    const both = await next();
    expect(both).toMatch(/^✗ one.yaml \(exact\)\n {4}✗ EAGAIN.share <= 60% {2}75 %\n[\s\S]*2 failed/);
    expect(both).not.toContain("two.yaml");
    expect(await end()).toBe(99);
  });

  test("a scenario whose CSV file has changed", TIMEOUT, async () => {
    const text = burst(1).replace(/arrivals: \{[^}]*\}/, "arrivals: { process: trace, file: t.csv }");
    const { root, write } = folder({
      "a.yaml": text + expecting("0%"),
      "t.csv": "sent_s\n0\n",
      "notes.txt": "nobody's business",
    });
    const { next, end } = watching(root);
    expect(await next()).toBe("1 scenario: 1 passed");
    write("notes.txt", "still not");
    write("t.csv", `sent_s\n${"0\n".repeat(8)}`);
    expect(await next()).toMatch(/^✗ a.yaml \(exact\)\n {4}✗ EAGAIN.share <= 0% {2}25 %/);
    write("t.csv", "sent\n0\n");
    expect(await next()).toMatch(/^a.yaml:2:46 clients.arrivals.file: t.csv: expected a column "sent_s"/);
    expect(await end()).toBe(2);
  });

  test(
    "what was broken and is mended, deleted and comes back, also in place of another file",
    TIMEOUT,
    async () => {
      const { root, at, write } = folder({
        "base.yaml": burst(6),
        "a.yaml": `extends: base.yaml\n${expecting("0%")}`,
      });
      const { next, end } = watching(root, [at("a.yaml")]);
      expect(await next()).toBe("1 scenario: 1 passed");
      write("a.yaml", "extends: [");
      expect(await next()).toMatch(/^a.yaml:\d+:\d+: not valid YAML[\s\S]*\n1 could not be checked$/);
      // As editors save: another file takes its name.
      write("a.new", `extends: base.yaml\n${expecting("1%")}`);
      renameSync(at("a.new"), at("a.yaml"));
      expect(await next()).toBe("1 scenario: 1 passed");
      rmSync(at("base.yaml"));
      expect(await next()).toMatch(/^a.yaml:1:10 extends: cannot read base.yaml: no such file/);
      write("base.yaml", burst(12));
      expect(await next()).toMatch(/^✗ a.yaml/);
      rmSync(at("a.yaml"));
      expect(await next()).toMatch(/^a.yaml: cannot be read: no such file/);
      write("a.yaml", `extends: base.yaml\n${expecting("50%")}`);
      expect(await next()).toBe("1 scenario: 1 passed");
      expect(await end()).toBe(0);
    },
  );

  test("a folder to which files are added, and from which they are taken", TIMEOUT, async () => {
    const { root, at, write } = folder({});
    const { next, end } = watching(root);
    expect(await next()).toMatch(
      /expected scenarios \(\*\.yaml\) in this folder, got none[\s\S]*1 could not be/,
    );
    write("a.yaml", burst(6) + expecting("0%"));
    expect(await next()).toBe("1 scenario: 1 passed");
    mkdirSync(at("deep"));
    write("deep/b.yml", burst(12) + expecting("0%"));
    expect(await next()).toMatch(/^✗ deep\/b.yml[\s\S]*2 scenarios: 1 passed, 1 failed$/);
    rmSync(at("deep"), { recursive: true });
    expect(await next()).toBe("1 scenario: 1 passed");
    expect(await end()).toBe(0);
  });

  test("all when Enter is pressed", TIMEOUT, async () => {
    const { root } = folder({ "a.yaml": burst(12) + expecting("0%") });
    const { next, input } = watching(root);
    const first = await next();
    expect(first).toMatch(/^✗ a.yaml/);
    input.write("\n");
    expect(await next()).toBe(first);
  });
});

describe("what is under way is given up", () => {
  // Of which each look takes long, and none decides.
  const endless = `
clients: { arrivals: { process: poisson, rate: 1/s, requests: 200 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 2 }
app: { sleep: { exponential: 1s } }
run: { replications: 100000 }
expect: [EAGAIN.share < 50%]
`;

  test("when its file changes", TIMEOUT, async () => {
    const { root, write } = folder({ "a.yaml": burst(6) + expecting("0%"), "b.yaml": endless });
    const { next } = watching(root);
    // Once a.yaml is known, nothing has been said yet since it passed: b.yaml is changed as soon as it runs.
    setImmediate(() => write("b.yaml", burst(6) + expecting("0%")));
    expect(await next()).toBe("2 scenarios: 2 passed");
  });

  test("when the user ends it, and is not taken for a success", TIMEOUT, async () => {
    const { root } = folder({ "b.yaml": endless });
    expect(await watching(root).end()).toBe(98);
  });
});
