// Commits that change scenarios, with the hooks that users are shown: by the framework pre-commit, and by git alone.

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { requires } from "../support/requires.js";
import { recvqPath, repository } from "./recvq.js";

const root = realpathSync(mkdtempSync(join(tmpdir(), "recvq-hooks-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

// What the framework would build from this repository, and what a user has installed.
mkdirSync(join(root, "bin"));
symlinkSync(recvqPath, join(root, "bin/recvq"));

const env = {
  PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
  HOME: root,
  PRE_COMMIT_HOME: join(root, "framework"),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  ...{ GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@localhost" },
  ...{ GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@localhost" },
};

function run(cwd: string, program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  return { code: status, output: stdout + stderr };
}

function done(cwd: string, program: string, ...args: string[]): string {
  const { code, output } = run(cwd, program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${output}`);
  return output.trim();
}

/** All twelve but six succeed: one is with the worker, backlog + 1 = 5 wait. */
const scenario = (expect: string) => `clients: { arrivals: { process: burst, requests: 12 } }
nginx: { upstream: { servers: [unix:/run/app.sock] } }
gunicorn: { workers: 1, backlog: 4, bind: unix:/run/app.sock }
app: { sleep: 1s }
${expect}
`;
const GOOD = scenario('expect: ["502.share < 60%"]');
const BAD = scenario('expect: ["502.share < 10%"]');

let project: string;

beforeEach(() => {
  expect(inject("buildError")).toBe("");
  project = mkdtempSync(join(root, "project-"));
  done(project, "git", "init", "--quiet");
});

function write(name: string, text: string): void {
  mkdirSync(join(project, name, ".."), { recursive: true });
  writeFileSync(join(project, name), text);
}

function commit(...names: string[]) {
  done(project, "git", "add", "--", ...names);
  return run(project, "git", "commit", "--quiet", "--message", "a change");
}

const example = (name: string) => join(repository, "examples", name);

requires("git", "pre-commit")("the framework's hook", () => {
  /** This repository's hooks, but for recvq being there already: to build it, the framework needs a registry. */
  function hooks(): { path: string; commit: string } {
    const path = join(root, "hooks");
    mkdirSync(path, { recursive: true });
    const text = readFileSync(join(repository, ".pre-commit-hooks.yaml"), "utf8");
    expect(text).toContain("language: node\n");
    writeFileSync(
      join(path, ".pre-commit-hooks.yaml"),
      text.replace("language: node\n", "language: system\n"),
    );
    done(path, "git", "init", "--quiet");
    done(path, "git", "add", ".");
    if (run(path, "git", "rev-parse", "--verify", "HEAD").code !== 0) {
      done(path, "git", "commit", "--quiet", "--message", "hooks");
    }
    return { path, commit: done(path, "git", "rev-parse", "HEAD") };
  }

  function configure(more = ""): void {
    const { path, commit } = hooks();
    const text = readFileSync(example(".pre-commit-config.yaml"), "utf8");
    const config = text
      .replace("https://github.com/OWNER/recvq", path)
      .replace("COMMIT\n    hooks", `${commit}\n    hooks`);
    expect(config).toContain(commit);
    write(".pre-commit-config.yaml", config + more);
    done(project, "pre-commit", "install");
  }

  test("lets a commit through that shows what it expects, and stops another", () => {
    configure();
    write("scenarios/it's $(touch harm) a.yaml", GOOD);
    write("scenarios/bad.yaml", BAD);
    write("notes.md", "");
    expect(commit("scenarios/it's $(touch harm) a.yaml", ".pre-commit-config.yaml").code).toBe(0);
    const { code, output } = commit("scenarios/bad.yaml");
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /recvq check\.+Failed\n[\s\S]*exit code: 99\n[\s\S]*1 scenario: 0 passed, 1 failed/,
    );
    done(project, "git", "reset", "--quiet", "scenarios/bad.yaml");
    expect(commit("notes.md").output).toMatch(/recvq check\.+\(no files to check\)Skipped/);
    expect(done(project, "git", "ls-files")).not.toContain("harm\n");
  });

  test("runs a scenario that expects nothing, and says what is wrong with one", () => {
    configure();
    write("scenarios/a.yaml", scenario(""));
    expect(commit("scenarios/a.yaml").code).toBe(0);
    write("scenarios/a.yaml", scenario("gunicron: {}"));
    const { code, output } = commit("scenarios/a.yaml");
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /exit code: 2\n\nscenarios\/a\.yaml:5:1 gunicron: unknown key; did you mean "gunicorn"/,
    );
  });

  test("compares with a baseline where it is told to", () => {
    write("scenarios/a.yaml", GOOD);
    done(project, "recvq", "check", "--baseline", "scenarios/baseline.json", "--update-baseline");
    expect(commit("scenarios").code).toBe(0);
    configure("        args: [--baseline=scenarios/baseline.json]\n");
    write("scenarios/a.yaml", GOOD.replace("backlog: 4", "backlog: 5"));
    const { code, output } = commit("scenarios/a.yaml");
    expect(code).not.toBe(0);
    expect(output).toContain("gunicorn.backlog 4 -> 5");
  });

  test("and its example are valid to the framework", () => {
    expect(run(repository, "pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")).toEqual({
      code: 0,
      output: "",
    });
    configure();
    expect(run(project, "pre-commit", "validate-config")).toEqual({ code: 0, output: "" });
  });
});

requires("git")("git's hook", () => {
  test("checks the scenarios as they are committed, if the commit changes any", () => {
    copyFileSync(example("pre-commit"), join(project, ".git/hooks/pre-commit"));
    write("scenarios/a.yaml", BAD);
    write("notes.md", "");
    expect(commit("notes.md")).toEqual({ code: 0, output: "" });
    expect(commit("scenarios/a.yaml")).toMatchObject({
      code: 1,
      output: expect.stringContaining("0 passed, 1 failed"),
    });
    write("scenarios/a.yaml", GOOD);
    done(project, "git", "add", "scenarios/a.yaml");
    // What is not added is not committed, and not checked.
    write("scenarios/a.yaml", BAD);
    expect(run(project, "git", "commit", "--quiet", "--message", "good").code).toBe(0);
    done(project, "git", "rm", "--quiet", "--force", "scenarios/a.yaml");
    expect(run(project, "git", "commit", "--quiet", "--message", "none")).toEqual({ code: 0, output: "" });
  });

  test("of the workflow that updates the baseline: its script commits and pushes what has changed", () => {
    const { jobs } = parse(readFileSync(example("github-baseline.yml"), "utf8"));
    const { run: script } = jobs.update.steps.at(-1);
    const bash = () => done(project, "bash", "-e", "-c", script);
    write("scenarios/baseline.json", "{}\n");
    done(project, "git", "init", "--quiet", "--bare", "../origin.git");
    done(project, "git", "remote", "add", "origin", "../origin.git");
    done(project, "git", "checkout", "--quiet", "-b", "topic");
    write("notes.md", "");
    expect(commit("notes.md").code).toBe(0);
    done(project, "git", "push", "--quiet", "--set-upstream", "origin", "topic");
    bash();
    expect(done(project, "git", "show", "origin/topic:scenarios/baseline.json")).toBe("{}");
    expect(bash()).toBe("The baseline is what it was.");
  });
});

describe(".pre-commit-hooks.yaml", () => {
  const [hook, ...more] = parse(readFileSync(join(repository, ".pre-commit-hooks.yaml"), "utf8"));

  test("takes scenarios in the folder that recvq check takes, in one process", () => {
    expect(more).toEqual([]);
    expect(hook).toMatchObject({ id: "recvq-check", language: "node", require_serial: true });
    const files = new RegExp(hook.files);
    for (const name of ["scenarios/a.yaml", "scenarios/b/c d.yml"]) expect(name).toMatch(files);
    for (const name of ["a.yaml", "x/scenarios/a.yaml", "scenarios/a.json"]) expect(name).not.toMatch(files);
  });

  test("has a command that is content with scenarios that expect nothing, as recvq check alone is not", () => {
    write("a.yaml", scenario(""));
    expect(done(project, "sh", "-c", `${hook.entry} a.yaml`)).toContain("1 expects nothing");
    const { code, output } = run(project, "recvq", "check", "a.yaml");
    expect([code, output]).toEqual([2, expect.stringContaining("expected a scenario with a section expect")]);
  });
});
