// recvq compare as a user has it: the built bundle, exit codes, files.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { recvq, repository } from "./recvq.js";

const SEED = join(repository, "scenarios/seed-rate200.yaml");
const LARGER = join(repository, "scenarios/seed-somaxconn1024.yaml");
const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));
const SMALL = `
clients: { arrivals: { process: poisson, rate: 50/s, for: 2s } }
gunicorn: { workers: 2 }
app: { sleep: { exponential: 30ms } }
run: { replications: 3 }
`;
const THREE = ["--set", "gunicorn.workers=3"];
const small = (...args: string[]) => recvq(["compare", "-", ...args], { stdin: SMALL });

describe("recvq compare", () => {
  test("of two files prints the verdict first and exits with 0", async () => {
    const { code, stdout, stderr } = await recvq(["compare", SEED, LARGER, "--quiet"]);
    expect(stdout).toMatch(
      /^B turns 33.5 pp of the requests from 502 into 200 \(502: 33.5 % -> 0 %\); .*\.\n$/,
    );
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("of one file and --set or --rate changes the second only", async () => {
    const { stdout } = await recvq([
      "compare",
      SEED,
      "--set",
      "gunicorn.workers=8",
      "--rate",
      "100/s",
      "--json",
    ]);
    const { a, b, settings } = JSON.parse(stdout);
    expect([a.scenario.gunicorn.workers, b.scenario.gunicorn.workers]).toEqual([4, 8]);
    expect(settings).toEqual([
      { path: "gunicorn.workers", a: 4, b: 8 },
      { path: "clients.arrivals.0.rate", a: "200/s", b: "100/s" },
    ]);
  });

  test("--set-both changes both, before --set", async () => {
    const both = ["--set-both", "gunicorn.workers=5", "--set-both", "gunicorn.backlog=9"];
    const { stdout } = await small(...both, "--set", "gunicorn.workers=6", "--json");
    const { a, b } = JSON.parse(stdout);
    expect([a, b].map(({ scenario }) => scenario.gunicorn.workers)).toEqual([5, 6]);
    expect([a, b].map(({ scenario }) => scenario.gunicorn.backlog)).toEqual([9, 9]);
  });

  test("--seed and --replications are those of both", async () => {
    const { stdout } = await small(...THREE, "--json", "--seed", "0012", "--replications", "4");
    const { seed, replications, a, b, warnings } = JSON.parse(stdout);
    expect([seed, replications, a.seed, b.seed, b.replications]).toEqual(["0012", 4, "0012", "0012", 4]);
    expect(warnings).toEqual([]);
  });

  test("gives the same on any number of threads", async () => {
    const many = ["--json", "--replications", "150", "--set-both", "clients.arrivals.0.for=5s", ...THREE];
    const [one, two] = await Promise.all(["1", "2"].map((threads) => small(...many, "--threads", threads)));
    expect(one?.code).toBe(0);
    expect(two).toEqual(one);
  });

  test("both may come from standard input, which is read once", async () => {
    const { code, stdout } = await recvq(["compare", "-", "-", "-q"], { stdin: SMALL });
    expect([code, stdout]).toEqual([0, "A and B are the same scenario, so that nothing differs.\n"]);
  });

  test("-o writes the file and leaves nothing else", async () => {
    const directory = folder();
    const { stdout } = await small(...THREE, "-o", join(directory, "report.txt"));
    expect(stdout).toBe("");
    expect(readdirSync(directory)).toEqual(["report.txt"]);
    expect(readFileSync(join(directory, "report.txt"), "utf8")).toContain("gunicorn.workers: 2 -> 3");
  });

  test("has colour with --color only, and as many columns as the terminal", async () => {
    const env = { COLUMNS: "100" };
    const run = (...args: string[]) => recvq(["compare", "-", ...THREE, ...args], { stdin: SMALL, env });
    const [plain, coloured] = await Promise.all([run(), run("--color")]);
    expect(plain.stdout).not.toContain("\u001b");
    expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout);
    expect(Math.max(...plain.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe("recvq compare is wrong input (2)", () => {
  test("with nothing to compare with", async () => {
    const { code, stdout, stderr } = await recvq(["compare", SEED]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /^recvq: \[b\]: expected a second scenario, or --set or --rate, .*\nSee recvq compare --help.\n$/,
    );
  });

  test("with one replication, and says why", async () => {
    const { code, stderr } = await small(...THREE, "--replications", "1");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--replications 1: expected 2 or more, since .* between pairs/);
  });

  test("with a mistake in the second file, told with file, line and path", async () => {
    const file = join(folder(), "b.yaml");
    writeFileSync(file, SMALL.replace("workers: 2", "workers: 0"));
    const { code, stderr } = await recvq(["compare", SEED, file]);
    expect(code).toBe(2);
    expect(stderr).toBe(`${file}:3:22 gunicorn.workers: expected a whole number from 1 to 100000, got 0\n`);
  });

  test.each([
    [["missing.yaml", SEED], /^missing.yaml: cannot be read/],
    [[SEED, "--set", "gunicorn.wokers=4"], /^--set gunicorn.wokers=4: .*did you mean "workers"/],
    [[SEED, "--set", "gunicorn.workers=4", "--threads", "0"], /^recvq: --threads: expected a whole number/],
    [[SEED, LARGER, "more.yaml"], /^recvq: .*more.yaml/i],
    [[SEED, LARGER, "-o", "/nowhere/file"], /^\/nowhere\/file: cannot be written/],
  ])("with %j", async (args, message) => {
    const { code, stdout, stderr } = await recvq(["compare", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});
