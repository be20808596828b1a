// recvq check as a user has it: the built bundle, exit codes, files. Starting it costs most, so there is little.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recvq } from "./recvq.js";

// The worker has one and the queue five of twelve.
const BURST = `clients: { arrivals: { process: burst, requests: 12 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 1, backlog: 4 }
app: { sleep: 1s }
`;
const RANDOM = `clients: { arrivals: { process: poisson, rate: 50/s, for: 4s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 4 }
app: { sleep: { exponential: 30ms } }
`;
const expecting = (...thresholds: string[]) => `expect: ${JSON.stringify(thresholds)}\n`;

function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "recvq-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

describe("recvq check", () => {
  test("checks the folder scenarios, and exits with 99 if one fails", async () => {
    const cwd = project({
      "scenarios/good.yaml": BURST + expecting("EAGAIN.share <= 50%"),
      "scenarios/deep/bad.yml": `extends: ../good.yaml\n${expecting("EAGAIN.share < 50%")}`,
      "scenarios/none.yaml": BURST,
    });
    const { code, stdout, stderr } = await recvq(["check"], { cwd });
    expect([code, stderr]).toEqual([99, ""]);
    expect(stdout).toMatch(
      /^✗ scenarios\/deep\/bad.yml \(exact\)\n {4}✗ EAGAIN.share < 50% {2}50 %\n {8}scenarios\/deep\/bad.yml:2:10\n/,
    );
    expect(stdout).toMatch(/\n\n3 scenarios: 1 passed, 1 failed, 1 expects nothing\n$/);
  });

  test("exits with 0 if all pass and 98 if one is undecided, the same for any number of threads", async () => {
    const stdin = RANDOM + expecting("EAGAIN.share < 90%", "EAGAIN.share > 0.001%");
    const passes = await recvq(["check", "-", "--quiet"], { stdin });
    expect(passes).toEqual({ code: 0, stdout: "1 scenario: 1 passed\n", stderr: "" });
    // Whatever it is, nobody can tell it from a thousandth of it more or less by so few runs.
    const share = await recvq(["run", "-", "--json"], { stdin: RANDOM });
    const { value } = JSON.parse(share.stdout).requests.success;
    const close = ["--set", `expect=["success.share > ${value * 100}%"]`, "--max-replications", "40"];
    const both = await Promise.all(
      ["1", "2"].map((threads) => recvq(["check", "-", "--json", ...close, "--threads", threads], { stdin })),
    );
    expect(both[0]).toEqual(both[1]);
    expect(both[0]?.code).toBe(98);
    const { status, scenarios } = JSON.parse(both[0]?.stdout ?? "");
    expect([status, scenarios[0].replications]).toEqual(["undecided", 40]);
  });

  test("writes several reports at once; a GitHub job gets annotations and a summary unasked", async () => {
    const cwd = project({ "a.yaml": BURST + expecting("EAGAIN.share < 1%") });
    const reporters = ["terminal", "junit=out.xml", "tap=out.tap", "json=out.json", "markdown=out.md"];
    const args = reporters.flatMap((one) => ["--reporter", one]);
    const { code, stdout } = await recvq(["check", "a.yaml", ...args], { cwd });
    expect([code, stdout.split("\n")[0]]).toEqual([99, "✗ a.yaml (exact)"]);
    const read = (name: string) => readFileSync(join(cwd, name), "utf8");
    expect(read("out.xml")).toContain('<testsuites name="recvq check" tests="1" failures="1" errors="0">');
    expect(read("out.tap")).toMatch(/^TAP version 14\n1..1\nnot ok 1 - a.yaml: EAGAIN.share < 1%\n/);
    expect(JSON.parse(read("out.json"))).toMatchObject({ version: 1, status: "failed" });
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(cwd, "summary.md") };
    const job = await recvq(["check", "a.yaml"], { cwd, env });
    expect(job.stdout).toMatch(
      /^✗ a.yaml[\s\S]*\n::error file=a.yaml,line=4,col=10,title=a.yaml%3A failed::/,
    );
    expect(read("summary.md")).toBe(read("out.md"));
  });

  test("takes each folder's own file of a name", async () => {
    const text = `${BURST.replace(/\{ process.*? \}/, "{ process: trace, file: t.csv }")}${expecting("EAGAIN.share < 20%")}`;
    const cwd = project({
      ...{ "a/x.yaml": text, "a/t.csv": "sent_s\n0\n" },
      ...{ "b/x.yaml": text, "b/t.csv": `sent_s\n${"0\n".repeat(12)}` },
    });
    const { code, stdout } = await recvq(["check", "a", "b", "-q"], { cwd });
    expect([code, stdout]).toEqual([
      99,
      expect.stringMatching(/^✗ b\/x.yaml \(exact\)\n {4}✗ EAGAIN.share < 20% {2}50 %\n/),
    ]);
  });
});

describe("recvq check --baseline", () => {
  test("finds a change (99) until it is agreed to, from whatever folder", async () => {
    const cwd = project({
      "scenarios/a.yaml": BURST + expecting("EAGAIN.share < 90%"),
      "scenarios/b.yaml": BURST.replace("requests: 12", "requests: 13"),
    });
    const compare = ["check", "--baseline", "scenarios/baseline.json"];
    const update = [...compare, "--update-baseline"];
    const made = await recvq(update, { cwd });
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining("    - new in the baseline\n")]);
    writeFileSync(join(cwd, "scenarios/a.yaml"), BURST.replace("backlog: 4", "backlog: 5"));
    const changed = await recvq(compare, { cwd });
    expect(changed.code).toBe(99);
    expect(changed.stdout).toMatch(/ {4}✗ not what the baseline says (.*\n)+.*--update-baseline\n/);
    const updated = await recvq([...update, "--reporter", "terminal", "--reporter", "github"], { cwd });
    expect(updated.code).toBe(0);
    expect(updated.stdout).toMatch(
      / {4}- not what the baseline said .*\n.*from now on\n(.*\n)+.*because of gunicorn.backlog 4 -> 5/,
    );
    expect(updated.stdout).not.toMatch(/::error|--update-baseline/);
    const file = readFileSync(join(cwd, "scenarios/baseline.json"), "utf8");
    const again = await recvq(["check", "a.yaml", "../scenarios/b.yaml", "--baseline", "baseline.json"], {
      cwd: join(cwd, "scenarios"),
    });
    expect([again.code, again.stdout]).toEqual([0, expect.not.stringContaining("baseline")]);
    expect(readFileSync(join(cwd, "scenarios/baseline.json"), "utf8")).toBe(file);
    const over = await recvq([...compare, "--json", "-o", "scenarios/baseline.json"], { cwd });
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining("an output would replace it")]);
    expect(readFileSync(join(cwd, "scenarios/baseline.json"), "utf8")).toBe(file);
    renameSync(join(cwd, "scenarios/b.yaml"), join(cwd, "scenarios/c.yaml"));
    const renamed = await recvq(compare, { cwd });
    expect(renamed.stderr).toContain("b.yaml is there no more; --update-baseline forgets it");
  });
});

describe("recvq check is wrong input (2), and writes nothing,", () => {
  test.each<[string[], RegExp]>([
    [["bad.yaml"], /^bad.yaml:4:10 expect.0: .*did you mean "502.share"/],
    [["none.yaml"], /expected a scenario with a section expect/],
    [["-", "--watch"], /--watch: expected files, got standard input/],
    [["-", "--baseline", "b.json", "--update-baseline"], /--baseline: expected files, got standard input/],
    [["good.yaml", "--watch", "--json"], /expected no --reporter, --json.* with --watch/],
    [["good.yaml", "--watch", "--baseline", "b.json"], /expected no .* or --baseline with --watch/],
    [["good.yaml", "--watch", "--update-baseline"], /--update-baseline: expected --baseline FILE beside it/],
    [["good.yaml", "--reporter", "junitt"], /--reporter: expected one of terminal, junit, .*got "junitt"/],
    [["good.yaml", "--reporter", "junit=", "--reporter", "tap=out"], /--reporter junit=: expected a file/],
    [["good.yaml", "--confidence", "5"], /--confidence: expected a share from 50% to 99.9999%, got 5/],
    [["good.yaml", "--max-replications", "1"], /--max-replications: expected a whole number from 2/],
    [["nowhere"], /there is no such file, and no scenario of this name/],
  ])("with %j", async (args, message) => {
    const cwd = project({
      ...{ "good.yaml": BURST + expecting("EAGAIN.share < 90%"), "none.yaml": BURST },
      "bad.yaml": BURST + expecting("502.shar < 1%"),
    });
    const before = readdirSync(cwd);
    const { code, stdout, stderr } = await recvq(["check", ...args], { cwd });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(readdirSync(cwd)).toEqual(before);
  });
});
