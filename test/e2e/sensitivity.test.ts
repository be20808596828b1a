// recvq sensitivity as a user has it: the built bundle, exit codes, files.

import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recvq, repository } from "./recvq.js";

const SEED = join(repository, "scenarios/seed-rate200.yaml");
const SMALL = `
clients: { arrivals: { process: poisson, rate: 60/s, for: 5s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 8 }
app: { sleep: { exponential: 30ms } }
run: { replications: 10 }
`;
const TWO = ["--knob", "gunicorn.workers", "--knob", "gunicorn.backlog=4,16"];
const small = (...args: string[]) => recvq(["sensitivity", "-", ...args], { stdin: SMALL });

describe("recvq sensitivity", () => {
  test("prints what to change first and exits with 0", async () => {
    const knobs = ["--knob", "gunicorn.workers", "--knob", "net.core.somaxconn"];
    const { code, stdout, stderr } = await recvq(["sensitivity", SEED, "--quiet", ...knobs]);
    expect(stdout).toMatch(
      /^net.core.somaxconn 128 -> 511 removes all 502s .*; then gunicorn.workers 4 -> 8 removes 6 % of the 502s .*\.\n$/,
    );
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("gives the same on any number of threads, and with --set, --seed and --metric what they say", async () => {
    const many = ["--json", ...TWO, "--seed", "7", "--set", "clients.arrivals.for=10s"];
    const metric = ["--metric", "EAGAIN.share", "--replications", "30"];
    const [one, two] = await Promise.all(
      ["1", "2"].map((threads) => small(...many, ...metric, "--threads", threads)),
    );
    expect(one?.code).toBe(0);
    expect(two).toEqual(one);
    const { seed, replications, metric: name, base, screening } = JSON.parse(one?.stdout ?? "");
    expect([seed, replications, name, base.scenario.clients.arrivals.for]).toEqual([
      "7",
      30,
      "EAGAIN.share",
      "10s",
    ]);
    expect(screening).toMatchObject({ factors: 2, replications: 10 });
  });

  test("-o writes the file and leaves nothing else; --no-screening turns single knobs only", async () => {
    const directory = mkdtempSync(join(tmpdir(), "recvq-"));
    const file = join(directory, "report.json");
    const { stdout } = await small(...TWO, "--json", "--no-screening", "-o", file);
    expect(stdout).toBe("");
    expect(readdirSync(directory)).toEqual(["report.json"]);
  });

  test.each([
    [["missing.yaml"], /^missing.yaml: cannot be read/],
    [[SEED, "--knob", "gunicorn.wokers"], /^--knob gunicorn.wokers: expected KEY=VALUE,VALUE/],
    [[SEED, "--knob", "gunicorn.workers=0"], /^--knob gunicorn.workers=0: .*expected a whole number/],
    [[SEED, "--metric", "speed"], /^--metric speed: expected a metric such as/],
    [[SEED, "--replications", "1"], /^--replications 1: expected 2 or more/],
  ])("%j is wrong input (2)", async (args, message) => {
    const { code, stdout, stderr } = await recvq(["sensitivity", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});
