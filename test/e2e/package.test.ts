// The package as it would be published: its types compile where libraries are checked, and it runs.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository } from "./recvq.js";

const CONSUMER = `
import { compare, load, predict, ScenarioError, version, type EndedRequest, type Result } from "recvq";

const text = \`
clients: { arrivals: { process: burst, requests: 12 } }
nginx: { upstream: { servers: [unix:/run/app.sock] } }
gunicorn: { workers: 1, backlog: 4, bind: unix:/run/app.sock }
app: { sleep: 1s }
\`;
const rows: EndedRequest[] = [];
const scenario = load(text, { seed: "7" });
const result: Result = await predict(scenario, { ended: (_replication, request) => rows.push({ ...request }) });
let problems = 0;
try {
  load("gunicorn: { wokers: 1 }");
} catch (error) {
  if (error instanceof ScenarioError) problems = error.problems.length;
}
console.log(JSON.stringify([typeof version, rows.length, result.outcomes["502"]?.count, problems > 0]));
const { differences } = await compare(text, text.replace("backlog: 4", "backlog: 6"));
console.log(differences.find(({ metric }) => metric === "502.share")?.difference?.value.toFixed(4));
`;

describe("the packed library", () => {
  const folder = mkdtempSync(join(tmpdir(), "recvq-package-"));
  const app = join(folder, "app");
  const installed = join(app, "node_modules/recvq");

  beforeAll(() => {
    mkdirSync(installed, { recursive: true });
    // What npm would install for it is found above the application, without a network.
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    run("npm", ["pack", "--pack-destination", folder, "--loglevel", "error"], repository);
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    run("tar", ["-xzf", join(folder, tarball), "-C", installed, "--strip-components", "1"], folder);
    writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(app, "consumer.ts"), CONSUMER);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("compiles with skipLibCheck false and predicts", () => {
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: ["node"],
    };
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    expect(spawnSync(process.execPath, [tsc, "-p", app], { encoding: "utf8" }).stdout).toBe("");
    // The worker has one, the queue holds backlog + 1 = 5: six of twelve are refused; two less with a backlog of 6.
    expect(run(process.execPath, ["consumer.js"], app)).toBe('["string",12,6,true]\n-0.1667\n');
  }, 60_000);

  test("has the command and nothing of the tests", () => {
    expect(run(process.execPath, [join(installed, "dist/bin/recvq.js"), "--version"], app)).toMatch(/^\d/);
    expect(readdirSync(installed).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "capacity.schema.json",
      "check.schema.json",
      "comparison.schema.json",
      "diagnosis.schema.json",
      "dist",
      "package.json",
      "result.schema.json",
      "scenario.schema.json",
      "scenarios",
      "sensitivity.schema.json",
      "sweep.schema.json",
    ]);
  });
});

function run(program: string, args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}
