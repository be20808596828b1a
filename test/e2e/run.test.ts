// The command line as a user has it: the built bundle, exit codes, files.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Result } from "../../src/run/result.js";
import { requires } from "../support/requires.js";
import { recvq, recvqPath, repository } from "./recvq.js";

const SEED = join(repository, "scenarios/seed-rate200.yaml");
const ESCAPE = "\u001b";
const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));
const HEADER = "replication,id,sent_s,service_s,status,error,latency_s,cause";
const SMALL = `
clients: { arrivals: { process: poisson, rate: 50/s, for: 2s } }
gunicorn: { workers: 2 }
app: { sleep: { exponential: 30ms } }
run: { replications: 3 }
`;

describe("recvq run", () => {
  test("prints the verdict first and exits with 0", async () => {
    const { code, stdout, stderr } = await recvq(["run", SEED]);
    expect(stdout.split("\n")[0]).toBe("33.5 % of 200 requests will fail: 502 (unix accept queue full).");
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("--quiet prints the verdict only", async () => {
    const { stdout } = await recvq(["run", SEED, "--quiet"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  });

  test("reads a scenario from standard input", async () => {
    const { code, stdout } = await recvq(["run", "-", "--json"], { stdin: SMALL });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, replications: 3, deterministic: false });
  });

  test("takes what follows -- for arguments, whatever it looks like", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "--json"), SMALL);
    const { code, stdout } = await recvq(["run", "--quiet", "--", "--json"], { cwd });
    expect([code, stdout.trimEnd().split("\n").length]).toEqual([0, 1]);
    const missing = await recvq(["run", "--output", "--", "--json"], { cwd });
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/^recvq: --output: expected a value/),
    ]);
    const more = await recvq(["run", "--", "--json", "--rate"], { cwd });
    expect([more.code, more.stderr]).toEqual([
      2,
      expect.stringMatching(/^recvq: Unknown argument: --rate\n/),
    ]);
    expect(readdirSync(cwd)).toEqual(["--json"]);
  });

  test("--json is one document; a seed is in it and repeats it", async () => {
    const run = async (seed: string) =>
      (await recvq(["run", "-", "--json", "--seed", seed], { stdin: SMALL })).stdout;
    const first = await run("0012");
    expect(JSON.parse(first).seed).toBe("0012");
    expect(await run("0012")).toBe(first);
    expect(JSON.parse(await run("13")).fingerprint).not.toBe(JSON.parse(first).fingerprint);
  });

  test("one long run has the same intervals in print as in JSON", async () => {
    const long = ["run", "-", "--replications", "1", "--set", "clients.arrivals.0.for=250s"];
    const [{ stdout }, json] = await Promise.all([
      recvq(long, { stdin: SMALL }),
      recvq([...long, "--json"], { stdin: SMALL }),
    ]);
    const { intervals, work, series } = JSON.parse(json.stdout);
    expect(intervals).toMatchObject({ method: "batch means", batches: 20 });
    expect(stdout.replaceAll("\n", " ")).toContain(`from ${intervals.batches} batches of one run, `);
    expect(work.utilisation.low).toBeGreaterThan(0);
    const { value, high } = series.levels.find(
      ({ name }: { name: string }) => name === "busy workers",
    ).average;
    // Two significant digits of the half-width, as everywhere.
    const digits = 1 - Math.floor(Math.log10(high - value));
    const mean = `mean ${value.toFixed(digits)} ± ${(high - value).toFixed(digits)}`;
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(mean);
  });

  test("--rate and --set change the scenario, the last one wins", async () => {
    const args = [
      "run",
      SEED,
      "--json",
      "--rate",
      "20/s",
      "--set",
      "gunicorn.workers=1",
      "--set",
      "gunicorn.workers=8",
    ];
    const { scenario, outcomes } = JSON.parse((await recvq(args)).stdout);
    expect(scenario.gunicorn.workers).toBe(8);
    expect(outcomes["200"].count).toBe(20);
  });

  test("--rare adds how rarely the queue refuses anybody, to the report and to the Result", async () => {
    const args = ["run", "scenarios/short-backlog.yaml", "--rate", "120/s", "--replications", "2", "--rare"];
    const { stdout } = await recvq([...args, "-q"]);
    const { rare } = JSON.parse((await recvq([...args, "--json"])).stdout) as Result;
    // M/M/8/24 with 6 busy workers on average refuses 8.97e-4; the interval of 10 % is met three times over.
    const share = rare?.share ?? 0;
    expect(Math.abs(share / 8.97e-4 - 1)).toBeLessThan(0.3);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      `${share.toExponential(1)} of all requests will be refused`,
    );
  });

  test("--requests writes one row a request, in the order of sending", async () => {
    const file = join(folder(), "requests.csv");
    const { code } = await recvq(["run", "-", "--requests", file], { stdin: SMALL });
    expect(code).toBe(0);
    const [header, ...rows] = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(header).toBe(HEADER);
    const ids = rows.map((row) => row.split(",").slice(0, 2).map(Number));
    const expected = [0, 1, 2].flatMap((replication) => {
      const { length } = ids.filter(([number]) => number === replication);
      return Array.from({ length }, (_, id) => [replication, id]);
    });
    expect(ids).toEqual(expected);
  });

  test("-o writes the file and leaves nothing else", async () => {
    const directory = folder();
    const { stdout } = await recvq(["run", SEED, "-o", join(directory, "report.txt")]);
    expect(stdout).toBe("");
    expect(readdirSync(directory)).toEqual(["report.txt"]);
  });

  test("a reader that leaves early is no error", () => {
    // 12,000 rows do not fit into the 64 KiB of a pipe (pipe(7)), so that the writer meets its end.
    const run = `"${process.execPath}" "${recvqPath}" run "${SEED}" --set clients.arrivals.0.for=60s`;
    const pipe = `${run} --requests - -o /dev/null | head -n 1`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${pipe}`], {
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, `${HEADER}\n`, ""]);
  });

  test.each<[string, boolean, NodeJS.ProcessEnv, string[]]>([
    ["has no colour", false, {}, []],
    ["has no colour in CI either", false, { CI: "true" }, []],
    ["has colour with FORCE_COLOR", true, { FORCE_COLOR: "1" }, []],
    ["has colour with --color, whatever NO_COLOR says", true, { NO_COLOR: "1" }, ["--color"]],
    ["has no colour where NO_COLOR and FORCE_COLOR meet", false, { FORCE_COLOR: "1", NO_COLOR: "1" }, []],
    ["has no colour with --no-color and FORCE_COLOR", false, { FORCE_COLOR: "1" }, ["--no-color"]],
  ])("a pipe %s", async (_claim, coloured, env, args) => {
    const { stdout } = await recvq(["run", SEED, ...args], { env });
    expect(stdout.includes(ESCAPE)).toBe(coloured);
  });
});

requires("script")("on a terminal, recvq run", () => {
  test.each<[string, boolean, NodeJS.ProcessEnv, string]>([
    ["has colour", true, {}, ""],
    ["has colour if NO_COLOR is empty", true, { NO_COLOR: "" }, ""],
    ["has no colour with NO_COLOR", false, { NO_COLOR: "1" }, ""],
    ["has no colour where NO_COLOR and FORCE_COLOR meet", false, { NO_COLOR: "1", FORCE_COLOR: "1" }, ""],
    ["has no colour where it is dumb", false, { TERM: "dumb" }, ""],
    ["has no colour with --no-color", false, {}, "--no-color"],
  ])("%s", (_claim, coloured, env, args) => {
    const command = `"${process.execPath}" "${recvqPath}" run "${SEED}" ${args}`;
    const { PATH, HOME } = process.env;
    const { status, stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
      encoding: "utf8",
      env: { PATH, HOME, TERM: "xterm", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(status).toBe(0);
    expect(stdout).toContain("33.5 % of 200 requests will fail");
    expect(stdout.includes(ESCAPE)).toBe(coloured);
  });
});

describe("recvq help", () => {
  test("is --help, of a command too", async () => {
    for (const command of ["run", "import", "verify"]) {
      const { code, stdout } = await recvq(["help", command]);
      expect(stdout).toContain(`recvq ${command} `);
      expect(stdout).toBe((await recvq([command, "--help"])).stdout);
      expect(code).toBe(0);
    }
    expect((await recvq(["help"])).stdout).toBe((await recvq(["--help"])).stdout);
  });

  test("of import shows a load that import reads", async () => {
    const { stdout: help } = await recvq(["import", "--help"]);
    const directory = folder();
    writeFileSync(join(directory, "load.json"), /^ {2}\{\n[\s\S]*?^ {2}\}$/m.exec(help)?.[0] ?? "");
    writeFileSync(join(directory, "gunicorn.sh"), "gunicorn -b 127.0.0.1:8080 app:app\n");
    const { code, stdout, stderr } = await recvq(["import", directory]);
    expect(stdout).toContain("timeout: 10s");
    expect(stdout).toContain("for: 60s");
    expect(stdout).toContain("cv: 1.5");
    expect(stderr).not.toContain("load.json");
    expect(code).toBe(0);
  });
});

describe("wrong input gets exit code 2, a sentence and no output", () => {
  const broken = `gunicorn: { wokers: 4, backlog: -1 }\nclients: { arrivals: { process: burst, requests: 1 } }\n`;
  test.each([
    [
      "a scenario with several mistakes",
      ["run", "-"],
      broken,
      /^-:1:13 gunicorn\.wokers: unknown key; did you mean "workers"\?\n-:1:33 gunicorn\.backlog: expected a whole number from 0 to 2147483647, got -1\n$/,
    ],
    [
      "no scenario",
      ["run"],
      "",
      /^recvq: expected a scenario, or --list; got neither\nSee recvq run --help\.\n$/,
    ],
    ["a file that is not there", ["run", "nope.yaml"], "", /^nope\.yaml: cannot be read: no such file\n$/],
    [
      "a command mistyped",
      ["rnu"],
      "",
      /^recvq: unknown command "rnu"; did you mean "run"\? \(commands are run, new, .*, verify\)\n/,
    ],
    [
      "an unknown command like no other",
      ["forecast"],
      "",
      /^recvq: unknown command "forecast"; commands are run, new, .*, verify\n/,
    ],
    ["help of an unknown command", ["help", "nope"], "", /^recvq: unknown command "nope"; commands are /],
    ["an unknown option", ["run", "-", "--rat", "1/s"], "", /^recvq: Unknown argument: rat\n/],
    [
      "an option without its value",
      ["run", SEED, "--rate"],
      "",
      /^recvq: --rate: expected a value, got none\nSee recvq run --help\.\n$/,
    ],
    [
      "a short option without its value",
      ["verify", SEED, "-o"],
      "",
      /^recvq: -o: expected a value, got none\nSee recvq verify --help\.\n$/,
    ],
    [
      "a rate without a unit",
      ["run", SEED, "--rate", "200"],
      "",
      /^--rate 200: expected a rate above zero such as "200\/s"/,
    ],
    [
      "no clients",
      ["run", "-"],
      "gunicorn: {}\n",
      /^-.*clients: expected clients that send a request, got none\n$/,
    ],
    [
      "a folder that cannot be written",
      ["run", SEED, "-o", "/nonexistent/x"],
      "",
      /^\/nonexistent\/x: cannot be written: /,
    ],
    [
      "no case",
      ["verify", "/nonexistent"],
      "",
      /^\/nonexistent: expected a folder of a measured case, got none\n$/,
    ],
  ])("%s", async (_, args, stdin, message) => {
    const { code, stdout, stderr } = await recvq(args, { stdin });
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, ""]);
  });
});

test("a full disk gets exit code 3", async () => {
  const { code, stderr } = await recvq(["run", SEED, "-o", "/dev/full"]);
  expect(stderr).toBe("/dev/full: cannot be written: ENOSPC: no space left on device\n");
  expect(code).toBe(3);
});

test.each([["--version"], ["--help"], ["run", "--help"]])(
  "a full disk behind standard output gets exit code 3: %s",
  (...args) => {
    const command = [process.execPath, recvqPath, ...args].map((word) => `"${word}"`).join(" ");
    const { status, stderr } = spawnSync("bash", ["-c", `${command} >/dev/full`], { encoding: "utf8" });
    expect(stderr).toBe("standard output: cannot be written: ENOSPC: no space left on device\n");
    expect(status).toBe(3);
  },
);
