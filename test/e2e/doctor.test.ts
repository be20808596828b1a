// recvq doctor, recvq new and recvq run --list as a user has them: the built bundle, exit codes, files.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recvq } from "./recvq.js";

const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));
const SMALL = "clients: { arrivals: { process: poisson, rate: 5/s, for: 2s } }\ngunicorn: {}\n";

describe("recvq doctor", () => {
  test("exits with 99 if it finds an error, and with 0 otherwise", async () => {
    const [bad, good] = await Promise.all([
      recvq(["doctor", "scenarios/seed-rate200.yaml", "-q"]),
      recvq(["doctor", "-"], { stdin: SMALL }),
    ]);
    expect(bad.code).toBe(99);
    expect(bad.stdout).toMatch(/^scenarios\/seed-rate200.yaml: error overload: 200\/s are 50 times/);
    expect([good.code, good.stderr]).toEqual([0, ""]);
  });

  test("takes several scenarios, by name too, and --set for all of them", async () => {
    const { code, stdout } = await recvq([
      "doctor",
      "tcp-burst",
      "seed-rate200",
      "--json",
      "--set",
      "gunicorn.workers=300",
    ]);
    const { version, scenarios } = JSON.parse(stdout);
    expect([code, version]).toEqual([0, 1]);
    expect(scenarios.map(({ source }: { source: string }) => source)).toEqual([
      "scenarios/tcp-burst.yaml",
      "scenarios/seed-rate200.yaml",
    ]);
  });

  test("lists its rules, as text and as JSON", async () => {
    const [text, json] = await Promise.all([
      recvq(["doctor", "--rules"]),
      recvq(["doctor", "--rules", "--json"]),
    ]);
    const { rules } = JSON.parse(json.stdout);
    expect(rules.length).toBeGreaterThanOrEqual(25);
    for (const { id } of rules) expect(text.stdout).toContain(id);
  });

  test.each([
    [["doctor"], /expected a scenario, or --rules; got neither\nSee recvq doctor --help/],
    [["doctor", "missing.yaml"], /^missing.yaml: cannot be read/],
    [
      ["doctor", "scenarios/seed-rate10.yaml", "--set", "gunicorn.workers=0"],
      /^--set gunicorn.workers=0: expected/,
    ],
    [["run", "seed-rat200"], /no scenario of this name comes with recvq; did you mean "seed-rate200"\?/],
    [["run"], /expected a scenario, or --list; got neither/],
    [["new", "tpc"], /expected a template \(unix, tcp, .*\), got "tpc"/],
    [["new", "--workers", "0"], /^--workers 0: expected a whole number from 1 to 100000, got 0\n$/],
    [["new", "--socket", "pipe"], /--socket: expected one of unix, tcp, got "pipe"/],
    [["new", "closed", "--rate", "9/s"], /--rate: clients in a closed loop have no rate/],
  ])("%j is wrong input (2)", async (args, message) => {
    const { code, stdout, stderr } = await recvq(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});

describe("recvq run", () => {
  test("--list names what comes with it, one line each, and --json has the files", async () => {
    const [text, json] = await Promise.all([recvq(["run", "--list"]), recvq(["run", "--list", "--json"])]);
    const { scenarios } = JSON.parse(json.stdout);
    const lines = text.stdout.trimEnd().split("\n");
    const remedies = scenarios.flatMap((one: { remedies: unknown[] }) => one.remedies);
    expect(lines).toHaveLength(scenarios.length + remedies.length);
    const seed = lines.findIndex((line) => line.startsWith("seed-rate10 "));
    expect(lines[seed]).toMatch(/^seed-rate10 +Ten requests in a second .* after 19 seconds\.$/);
    expect(lines[seed + 1]).toMatch(/^ {2}ten-workers +Ten workers serve the ten requests side by side/);
    for (const { name, file, claim } of [...scenarios, ...remedies]) {
      expect(file).toBe(`scenarios/${name}.yaml`);
      expect(claim).toMatch(/^\S.*[.:]$/);
    }
  });

  test("runs one by its name from anywhere, but a file of this name first", async () => {
    const cwd = folder();
    const shipped = await recvq(["run", "seed-rate10", "-q"], { cwd });
    expect([shipped.code, shipped.stdout]).toEqual([
      0,
      "All 10 requests will succeed; the slowest takes 19.1 s.\n",
    ]);
    writeFileSync(
      join(cwd, "seed-rate10"),
      "clients: { arrivals: { process: burst, requests: 3 } }\ngunicorn: {}\n",
    );
    const own = await recvq(["run", "seed-rate10", "-q"], { cwd });
    expect(own.stdout).toMatch(/^All 3 requests will succeed/);
  });

  test("runs a remedy by the names of its scenario and its own", async () => {
    const remedy = await recvq(["run", "seed-rate200/somaxconn-1024", "-q"], { cwd: folder() });
    expect([remedy.code, remedy.stdout]).toEqual([
      0,
      "All 200 requests will succeed; the slowest takes 49 s.\n",
    ]);
  });
});

describe("recvq new", () => {
  test("writes a scenario that doctor takes, with a schema that is there, and nothing else", async () => {
    const cwd = folder();
    const made = await recvq(["new", "tcp", "--rate", "40/s", "-o", "app.yaml"], { cwd });
    expect([made.code, made.stdout, made.stderr]).toEqual([0, "", ""]);
    expect(readdirSync(cwd)).toEqual(["app.yaml"]);
    const text = readFileSync(join(cwd, "app.yaml"), "utf8");
    const [, schema = ""] = /^# yaml-language-server: \$schema=(.*)$/m.exec(text) ?? [];
    expect(JSON.parse(readFileSync(schema, "utf8")).title).toBe("recvq scenario");
    expect((await recvq(["doctor", "app.yaml"], { cwd })).code).toBe(0);
  });

  test("never overwrites a file", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "app.yaml"), SMALL);
    const { code, stderr } = await recvq(["new", "-o", "app.yaml"], { cwd });
    expect([code, stderr]).toEqual([
      2,
      "app.yaml: exists already; name another file, or remove this one first\n",
    ]);
    expect(readFileSync(join(cwd, "app.yaml"), "utf8")).toBe(SMALL);
  });

  test("asks nobody where standard input is no terminal, and has the package's schema from inside of it", async () => {
    const { code, stdout } = await recvq(["new"]);
    expect(code).toBe(0);
    expect(stdout).toContain("$schema=./scenario.schema.json\n");
  });
});
