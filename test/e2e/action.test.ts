// action.yml as GitHub runs it, in a repository with scenarios of all kinds and with names that want to do harm.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { type ActionEnded, readAction, runAction } from "../support/composite-action.js";
import { commandsOf } from "../support/workflow-commands.js";
import { repository } from "./recvq.js";

const action = readAction(repository);
const scripts = action.runs.steps.flatMap(({ run }) => run ?? []);
const root = mkdtempSync(join(tmpdir(), "recvq-action-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Half of twelve get a 502: one is with the worker, backlog + 1 = 5 wait. */
const scenario = (expect: string, backlog = 4) => `clients: { arrivals: { process: burst, requests: 12 } }
nginx: { upstream: { servers: [unix:/run/app.sock] } }
gunicorn: { workers: 1, backlog: ${backlog}, bind: unix:/run/app.sock }
app: { sleep: 1s }
expect: [${expect}]
`;
const GOOD = scenario("502.share < 60%");
const BAD = scenario("502.share < 10%");

let workspace: string;
let runs = 0;

beforeEach(() => {
  expect(inject("buildError")).toBe("");
  workspace = mkdtempSync(join(root, "repository-"));
});

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(workspace, name, ".."), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
}

function run(inputs: Record<string, string> = {}): ActionEnded {
  const temporary = join(root, `temporary-${runs++}`);
  mkdirSync(temporary);
  return runAction({ action: repository, workspace, temporary }, inputs);
}

const annotationsOf = ({ stdout }: ActionEnded) =>
  commandsOf(stdout).map(({ name, properties: { file, line }, data }) => ({ name, file, line, data }));

describe("the action", () => {
  test("passes where all is well, and says so in the summary", () => {
    write({ "scenarios/good.yaml": GOOD });
    const ended = run();
    expect(ended.stdout).toContain("1 scenario: 1 passed");
    expect([ended.code, ended.stderr, annotationsOf(ended)]).toEqual([0, "", []]);
    const { markdown = "", ...outputs } = ended.outputs;
    expect(outputs).toEqual({ status: "passed", "exit-code": "0" });
    expect(ended.summary).toMatch(/^### ✅ recvq: 1 scenario: 1 passed\n/);
    expect(readFileSync(markdown, "utf8")).toBe(ended.summary);
    expect(readdirSync(workspace)).toEqual(["scenarios"]);
  });

  test("fails with an annotation for a threshold, and one for what is not as in the baseline", () => {
    write({ "scenarios/good.yaml": GOOD, "scenarios/changed.yaml": GOOD });
    const baseline = "scenarios/baseline.json";
    expect(run({ baseline, "update-baseline": "true" }).code).toBe(0);
    write({ "scenarios/changed.yaml": scenario("502.share < 60%", 5), "scenarios/bad.yaml": BAD });
    const ended = run({ baseline, markdown: "check.md", junit: "check.xml" });
    expect([ended.code, ended.stderr]).toEqual([99, ""]);
    expect(annotationsOf(ended)).toEqual([
      {
        ...{ name: "error", file: "scenarios/bad.yaml", line: "5" },
        data: expect.stringMatching(/^expected 502\.share < 10%, got 50 %\n50 %: unix accept queue full/),
      },
      {
        ...{ name: "error", file: "scenarios/changed.yaml", line: undefined },
        data: expect.stringMatching(/502\.share 50 % -> 41\.7 %(.*\n)+because of gunicorn\.backlog 4 -> 5/),
      },
    ]);
    expect(ended.outputs).toEqual({ status: "failed", "exit-code": "99", markdown: "check.md" });
    expect(ended.summary).toMatch(/^### ❌ recvq: 3 scenarios: 1 passed, 2 failed\n/);
    expect(readFileSync(join(workspace, "check.md"), "utf8")).toBe(ended.summary);
    expect(readFileSync(join(workspace, "check.xml"), "utf8")).toMatch(/<testsuites/);
  });

  test("takes further arguments, and tells undecided from failed", () => {
    const random = scenario("throughput > 0.995/s").replace("sleep: 1s", "sleep: { exponential: 1s }");
    write({ "app.yaml": random });
    const ended = run({
      scenarios: "app.yaml",
      arguments: "--max-replications=2\n--reporter\ntap=check.tap\n",
    });
    expect(ended.code).toBe(98);
    expect(ended.outputs).toMatchObject({ status: "undecided", "exit-code": "98" });
    expect(annotationsOf(ended)).toMatchObject([{ name: "warning", file: "app.yaml", line: "5" }]);
    expect(readdirSync(workspace)).toEqual(["app.yaml", "check.tap"]);
  });

  test("shows at its place what is wrong with a scenario", () => {
    write({ "scenarios/a.yaml": GOOD.replace("workers", "wokers"), "check.md": "of an earlier check" });
    const ended = run({ markdown: "check.md" });
    expect([ended.code, ended.stderr, ended.summary]).toEqual([2, "", ""]);
    const data = 'gunicorn.wokers: unknown key; did you mean "workers"?';
    expect(annotationsOf(ended)).toEqual([{ name: "error", file: "scenarios/a.yaml", line: "3", data }]);
    expect(ended.outputs).toEqual({ status: "error", "exit-code": "2", markdown: "" });
  });

  test.each([
    ["a scenario that is not there", { scenarios: "nope/*.yaml" }, /^nope\/\*\.yaml: cannot be read/m, 1],
    ["a baseline that is not there", { baseline: "nope.json" }, /^nope\.json: there is no such file/m, 0],
    [
      "a word for yes",
      { "update-baseline": "yes" },
      /^update-baseline: expected true or false, got yes$/m,
      0,
    ],
  ])("ends with 2 for %s", (_, inputs, message, annotations) => {
    write({ "scenarios/good.yaml": GOOD });
    const { code, stdout, stderr } = run(inputs);
    expect(stdout + stderr).toMatch(message);
    expect([code, commandsOf(stdout)]).toMatchObject([2, { length: annotations }]);
  });

  test("takes names as they are, whatever they say to a shell or to the runner", () => {
    const names = [
      "a b  c.yaml",
      "$(touch harm).yaml",
      "`touch harm`; touch harm #.yaml",
      'it\'s "quoted" \\.yaml',
      "[ab].yaml",
      "--set.yaml",
      "100%,x=y: ::error::harm ##[error]harm.yaml",
    ];
    write({ ...Object.fromEntries(names.map((name) => [name, BAD])), "a.yaml": GOOD, "b/x y.yaml": GOOD });
    const ended = run({
      scenarios: `${names.join("\n")}\n\nb/x *.yaml\n`,
      arguments: "--set=run.seed=$(touch harm)\n--seed\n; touch harm",
      markdown: "$(touch harm)\nstatus=passed",
    });
    expect(annotationsOf(ended).map(({ file }) => file)).toEqual(names);
    expect([ended.code, ended.stderr]).toEqual([99, ""]);
    expect(ended.outputs).toMatchObject({ status: "failed", markdown: "$(touch harm)\nstatus=passed" });
    expect(ended.stdout).toContain(`${names.length + 1} scenarios: 1 passed, ${names.length} failed`);
    expect(readdirSync(workspace)).not.toContain("harm");
  });

  test("does not let a file of a pull request speak to the runner", () => {
    const name = "scenarios/x\n::error::harm\n::stop-commands::y\n##[add-mask]harm\n.yaml";
    write({ [name]: BAD });
    const failed = run();
    expect(annotationsOf(failed)).toMatchObject([{ name: "error", file: name, line: "5" }]);
    write({ [name]: BAD.replace("workers", "::error::harm\n  ##[error]") });
    const wrong = run();
    expect([wrong.code, wrong.stderr]).toEqual([2, ""]);
    expect(annotationsOf(wrong).length).toBeGreaterThan(0);
    for (const { file } of annotationsOf(wrong)) expect(file).toBe(name);
  });

  test("installs what a working copy needs once, builds it, and hands on what it ends with", () => {
    const json = (value: object) => JSON.stringify(value);
    const dependencies = { part: "file:part" };
    const packages = {
      "": { dependencies },
      part: {},
      "node_modules/part": { resolved: "part", link: true },
    };
    write({
      "own copy/package.json": json({ name: "recvq", scripts: { install: "touch harm" }, dependencies }),
      "own copy/package-lock.json": json({ name: "recvq", lockfileVersion: 3, requires: true, packages }),
      "own copy/part/package.json": json({ name: "part", version: "1.0.0" }),
      "own copy/node_modules/left-over": "",
      "own copy/scripts/build.mjs": `import { cpSync } from "node:fs"; cpSync("program.mjs", "dist/bin/recvq.js");`,
      "own copy/program.mjs": "console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;",
    });
    for (const left of [[], ["left-over"]]) {
      const { code, stdout, outputs } = run({ "working-copy": "own copy", scenarios: "a.yaml\nb.yaml" });
      expect(stdout).toMatch(/\["check",.*"--","a\.yaml","b\.yaml"\]\n/);
      expect([code, outputs.status, outputs["exit-code"]]).toEqual([7, "error", "7"]);
      // npm ci begins with an empty folder.
      expect(readdirSync(join(workspace, "own copy/node_modules"))).toEqual([
        ".package-lock.json",
        ...left,
        "part",
      ]);
      write({ "own copy/node_modules/left-over": "" });
    }
  });
});

describe("action.yml", () => {
  test("has no expression in a script, and hands each input to one", () => {
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) expect(script).not.toContain("${{");
    const handed = JSON.stringify(action.runs.steps);
    for (const [name, { description, default: value }] of Object.entries(action.inputs)) {
      expect(handed).toContain(`\${{ inputs.${name} }}`);
      expect([name, typeof description, typeof value]).toEqual([name, "string", "string"]);
    }
  });

  test.each(["action.yml", "examples/github-workflow.yml", "examples/github-baseline.yml"])(
    "%s uses other actions by their commits",
    (file) => {
      const used = [...readFileSync(join(repository, file), "utf8").matchAll(/uses: (.*)/g)];
      expect(used.length).toBeGreaterThan(0);
      for (const [, name] of used)
        expect(name).toMatch(/^actions\/[\w-]+@[0-9a-f]{40} # v\d|^OWNER\/recvq@COMMIT$/);
    },
  );

  test.each(["github-workflow", "github-baseline"])("examples/%s.yml gives inputs that there are", (name) => {
    const { permissions, jobs } = parse(readFileSync(join(repository, `examples/${name}.yml`), "utf8"));
    const steps = Object.values(jobs as Record<string, { steps: { uses?: string; with?: object }[] }>);
    const own = steps.flatMap((job) => job.steps).filter(({ uses }) => uses?.startsWith("OWNER/recvq"));
    expect(own).toHaveLength(1);
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(own[0]?.with ?? {})));
    expect(permissions).toEqual({ contents: name === "github-workflow" ? "read" : "write" });
  });
});
