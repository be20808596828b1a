// recvq sweep as a user has it: the built bundle, exit codes, files, and what is left after an interruption.

import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  unwatchFile,
  watchFile,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, inject, test } from "vitest";
import { recvq, recvqPath } from "./recvq.js";

const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));
const SMALL = `
clients: { arrivals: { process: burst, requests: 20 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 1s }
`;
const RANDOM = `
clients: { arrivals: { process: poisson, rate: 90/s, for: 10s } }
gunicorn: { workers: 8 }
app: { sleep: { exponential: 80ms } }
run: { replications: 5 }
`;
const WORKERS = ["--vary", "gunicorn.workers=2..4"];
const cache = folder();
const sweep = (stdin: string, ...args: string[]) =>
  recvq(["sweep", "-", ...args], { stdin, env: { XDG_CACHE_HOME: cache } });

describe("recvq sweep", () => {
  test("prints a table and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await sweep(SMALL, ...WORKERS, "--quiet");
    expect([code, stderr]).toEqual([0, ""]);
    // As many as workers and 10 in the queue find a place, of 20.
    expect(stdout).toBe(
      "workers  failure.share  success.latency.p99  accept_queue.max\n" +
        "      2           40 %                   6s                10\n" +
        "      3           35 %                   5s                10\n" +
        "      4           30 %               3.999s                10\n",
    );
    expect(readdirSync(join(cache, "recvq"))).toEqual([]);
  });

  test("writes JSON, CSV and Parquet by the name of the file, with the metrics that are asked for", async () => {
    const directory = folder();
    const file = (name: string) => join(directory, name);
    const asked = [...WORKERS, "--metric", "EAGAIN.share", "--metric", "504.latency.p50"];
    const runs = ["a.json", "a.csv", "a.parquet"].map((name) => sweep(SMALL, ...asked, "-o", file(name)));
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(readdirSync(directory).sort()).toEqual(["a.csv", "a.json", "a.parquet"]);
    const { points } = JSON.parse(readFileSync(file("a.json"), "utf8"));
    expect(points.map(({ metrics }: { metrics: object }) => metrics)).toMatchObject([
      { "EAGAIN.share": { value: 0.4 }, "504.latency.p50": { value: null } },
      { "EAGAIN.share": { value: 0.35 } },
      { "EAGAIN.share": { value: 0.3 } },
    ]);
    expect(readFileSync(file("a.csv"), "utf8")).toMatch(
      /^gunicorn.workers,EAGAIN.share,.*\n2,0.4,0.4,0.4,,,,/,
    );
    const { buffer, byteOffset, byteLength } = readFileSync(file("a.parquet"));
    const rows = await parquetReadObjects({
      file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer,
    });
    expect(rows).toMatchObject([
      { "gunicorn.workers": 2, "EAGAIN.share": 0.4, "504.latency.p50": null },
      {},
      {},
    ]);
  });

  test("gives the same on any number of threads", async () => {
    const args = ["--vary", "gunicorn.workers=7..10", "--vary", "rate=80/s,90/s", "--json"];
    const [one, two] = await Promise.all(
      ["1", "2"].map((count) => {
        return sweep(RANDOM, ...args, "--threads", count, "--journal", join(folder(), "a.journal"));
      }),
    );
    expect(one?.code).toBe(0);
    expect(two).toEqual(one);
  });

  test("chooses points of a Latin hypercube by the seed, and lays files over the scenario", async () => {
    const directory = folder();
    const file = join(directory, "more.yaml");
    writeFileSync(file, "gunicorn: { backlog: 13 }\n");
    const lhs = ["--vary", "gunicorn.workers=1..8:lin", "--vary", "gunicorn.backlog=5..50:log", "--lhs", "5"];
    const over = ["--overlay", file, "--set", "gunicorn.workers=4", "--metric", "failure.share", "--csv"];
    const [one, other, overlaid] = await Promise.all([
      sweep(SMALL, ...lhs, "--csv", "--seed", "1"),
      sweep(SMALL, ...lhs, "--csv", "--seed", "2"),
      sweep(SMALL, ...over),
    ]);
    expect(one?.stdout.split("\n")).toHaveLength(7);
    expect(other?.stdout).not.toBe(one?.stdout);
    // 4 workers and 14 in the queue, of 20.
    expect(overlaid?.stdout.split("\n")[1]).toContain(`${file},0.1,0.1,0.1,`);
  });
});

/** Starts a sweep and ends it by a signal when its journal has so many points, and `before` is done. */
async function ended(
  args: readonly string[],
  journal: string,
  points: number,
  signal: NodeJS.Signals,
  before: (pid: number) => Promise<void> = async () => {},
) {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);
  const child = spawn(process.execPath, [recvqPath, "sweep", ...args], {
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<unknown>((resolve) => child.on("close", (code, by) => resolve(code ?? by)));
  const enough = new Promise<void>((resolve) => {
    watchFile(journal, { interval: 5 }, () => {
      if (existsSync(journal) && readFileSync(journal, "utf8").split("\n").length - 2 >= points) resolve();
    });
  });
  await Promise.race([enough, closed]);
  unwatchFile(journal);
  await before(child.pid as number);
  child.kill(signal);
  return { code: await closed, stderr };
}

describe("an interrupted sweep", () => {
  const start = () => {
    const directory = folder();
    const scenario = join(directory, "a.yaml");
    writeFileSync(scenario, RANDOM);
    const output = join(directory, "out.json");
    const args = [scenario, "--vary", "gunicorn.workers=5..64", "-o", output, "--threads", "2"];
    return { directory, args, output, journal: `${output}.journal` };
  };
  const linesOf = (file: string) => readFileSync(file, "utf8").split("\n").slice(0, -1);

  test("goes on where kill -9 ended it, without computing a point twice, and ends as if nothing had been", async () => {
    const { directory, args, output, journal } = start();
    const { code } = await ended(args, journal, 3, "SIGKILL", async (pid) => {
      process.kill(pid, "SIGSTOP");
      const second = await recvq(["sweep", ...args]);
      expect(second).toEqual({
        code: 2,
        stdout: "",
        stderr: `${journal}: process ${pid} is writing it; wait until it has ended, or name another file with --journal\n`,
      });
    });
    expect(code).toBe("SIGKILL");
    const before = linesOf(journal);
    expect(before.length).toBeGreaterThan(3);
    expect(before.length).toBeLessThan(61);
    const again = await recvq(["sweep", ...args, "--journal", journal]);
    expect([again.code, again.stderr]).toEqual([
      0,
      `${before.length - 1} of 60 points are taken from ${journal}\n`,
    ]);
    // Those that were there are there as they were, and each point once.
    const after = linesOf(journal);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map((line) => JSON.parse(line.slice(17)).id)).size).toBe(after.length);
    expect(after).toHaveLength(61);
    // Nor is anything left of the sweep that was killed.
    expect(readdirSync(directory).sort()).toEqual(["a.yaml", "out.json", "out.json.journal"]);
    const whole = join(directory, "whole.json");
    await recvq(["sweep", ...args, "-o", whole]);
    expect(readFileSync(output, "utf8")).toBe(readFileSync(whole, "utf8"));
  });

  test("by Ctrl-C says how to go on, and keeps what is finished", async () => {
    const { directory, args, output, journal } = start();
    const { code, stderr } = await ended(args, journal, 2, "SIGINT");
    expect(code).toBe(130);
    const kept = linesOf(journal).length - 1;
    expect(stderr).toBe(`${kept} of 60 points are kept in ${journal}; the same command goes on from there\n`);
    expect(readdirSync(directory).sort()).toEqual(["a.yaml", "out.json.journal"]);
    const other = await recvq(["sweep", ...args, "--seed", "2"]);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/out.json.journal:1: is the journal of another sweep .*; repeat that one/);
    expect(linesOf(journal)).toHaveLength(kept + 1);
    expect(existsSync(output)).toBe(false);
  });
});

describe("recvq sweep is wrong input (2)", () => {
  test.each<[string[], RegExp]>([
    [[], /^recvq: expected --vary or --overlay, got neither\nSee recvq sweep --help.\n$/],
    [["--vary", "gunicorn.workers"], /^--vary gunicorn.workers: expected KEY=VALUES/],
    [[...WORKERS, ...WORKERS], /^recvq: --vary gunicorn.workers: is there twice/],
    [["--vary", "gunicorn.workers=0..2"], /^--vary gunicorn.workers=0: expected a whole number from 1/],
    [[...WORKERS, "--metric", "502"], /^--metric 502: expected a metric such as/],
    [[...WORKERS, "--metric", "EAGIAN.share"], /^--metric EAGIAN.share: expected a metric such as/],
    [[...WORKERS, "--metric", "cause.rain.share"], /^--metric cause.rain.share: .* \(.*\), got "rain"\n$/],
    [["--vary", "rate=1..2"], /^--vary rate=1: .*\n--vary rate=2: /],
    [[...WORKERS, "--engine", "queue"], /^--engine: expected an address such as redis:\/\/host/],
    [[...WORKERS, "--json", "--csv"], /^recvq: expected one of --json, --csv and --parquet, got 2/],
    [[...WORKERS, "--lhs", "1"], /^recvq: --lhs: expected a whole number from 2, got 1/],
    [["--overlay", "missing.yaml"], /^missing.yaml: cannot be read/],
    [[...WORKERS, "-o", "/nowhere/file.csv"], /^\/nowhere\/file.csv: cannot be written/],
    [[...WORKERS, "--journal", "/dev/null/a"], /^\/dev\/null\/a: cannot be/],
  ])("with %j", async (args, message) => {
    const { code, stdout, stderr } = await sweep(SMALL, ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("where a point cannot be computed, which stops no other", async () => {
    const { code, stdout } = await sweep(RANDOM, "--vary", "run.warmup=0s,60s", "--metric", "latency.p50");
    expect(code).toBe(2);
    expect(stdout).toMatch(/\n {4}0s +\d+(\.\d+)?ms ± .*\n {3}60s +failed\n/);
    expect(stdout).toContain("run.warmup=60s: ");
  });
});
