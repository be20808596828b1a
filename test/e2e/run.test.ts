// The command line as a user has it: the built bundle, exit codes, files.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recvq, recvqPath, repository } from "./recvq.js";

const SEED = join(repository, "scenarios/seed-rate200.yaml");
const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));
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

  test("--json is one document; a seed is in it and repeats it", async () => {
    const run = async (seed: string) =>
      (await recvq(["run", "-", "--json", "--seed", seed], { stdin: SMALL })).stdout;
    const first = await run("0012");
    expect(JSON.parse(first).seed).toBe("0012");
    expect(await run("0012")).toBe(first);
    expect(JSON.parse(await run("13")).fingerprint).not.toBe(JSON.parse(first).fingerprint);
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

  test("--requests writes one row a request, in the order of sending", async () => {
    const file = join(folder(), "requests.csv");
    const { code } = await recvq(["run", "-", "--requests", file], { stdin: SMALL });
    expect(code).toBe(0);
    const [header, ...rows] = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(header).toBe("replication,id,sent_s,service_s,status,error,latency_s,cause");
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
    const pipe = `"${process.execPath}" "${recvqPath}" run "${SEED}" --json | head -n 1`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${pipe}`], {
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, "{\n", ""]);
  });

  test("NO_COLOR and --no-color leave not one escape; FORCE_COLOR has some", async () => {
    const ESCAPE = "\u001b";
    expect((await recvq(["run", SEED], { env: { FORCE_COLOR: "1" } })).stdout).toContain(ESCAPE);
    expect((await recvq(["run", SEED, "--no-color"], { env: { FORCE_COLOR: "1" } })).stdout).not.toContain(
      ESCAPE,
    );
    expect((await recvq(["run", SEED], { env: { NO_COLOR: "1" } })).stdout).not.toContain(ESCAPE);
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
    ["no scenario", ["run"], "", /^recvq: an argument is missing\nSee recvq run --help\.\n$/],
    ["a file that is not there", ["run", "nope.yaml"], "", /^nope\.yaml: cannot be read: no such file\n$/],
    ["an unknown command", ["rnu"], "", /^recvq: unknown command "rnu"; did you mean "run"\?/],
    ["an unknown option", ["run", "-", "--rat", "1/s"], "", /^recvq: Unknown argument: rat\n/],
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

describe("recvq import and verify", () => {
  const CASE = join(repository, "test/measured/seed-rate200-1");

  test("what import writes runs, and predicts the measured 133 and 67", async () => {
    const { stdout: scenario, stderr, code } = await recvq(["import", CASE]);
    expect(code).toBe(0);
    expect(stderr).toContain("--timeout 60: not modelled: workers are never killed yet");
    const { outcomes } = JSON.parse((await recvq(["run", "-", "--json"], { stdin: scenario })).stdout);
    expect([outcomes["200"].count, outcomes["502"].count]).toEqual([133, 67]);
  });

  test("import names files as the user does, follows includes, and leaves to fill in what no file says", async () => {
    const directory = folder();
    const nginx = join(directory, "main.conf");
    writeFileSync(
      nginx,
      "events { }\nhttp { include up*.conf; server { listen 80; location / { proxy_pass http://a; } } }\n",
    );
    writeFileSync(join(directory, "up.conf"), "upstream a { server unix:/run/a.sock; }\nlimit_rate 1k;\n");
    const { stdout, stderr } = await recvq(["import", "--nginx", nginx]);
    expect(stdout).toContain("- unix:/run/a.sock");
    expect(stdout).toContain("# clients:");
    expect(stderr).toContain(`${join(directory, "up.conf")}:2 limit_rate 1k: not modelled`);
  });

  test("verify prints a line a case and exits with 0 when all pass", async () => {
    const { code, stdout } = await recvq(["verify", CASE]);
    expect(stdout).toMatch(/^seed-rate200-1 .* passed$/m);
    expect(stdout).toContain("1 of 1 cases passed");
    expect(code).toBe(0);
  });

  test("verify exits with 99 when one fails; --json tells why; --requests writes each case's requests", async () => {
    const directory = folder();
    for (const file of readdirSync(CASE)) {
      const text = readFileSync(join(CASE, file), "utf8");
      writeFileSync(join(directory, file), file === "gunicorn.sh" ? text.replace("-w 4", "-w 5") : text);
    }
    const out = join(directory, "out");
    const { code, stdout } = await recvq(["verify", directory, CASE, "--json", "--requests", out]);
    expect(JSON.parse(stdout).map(({ passed }: { passed: boolean }) => passed)).toEqual([false, true]);
    expect(code).toBe(99);
    expect(readFileSync(join(out, "seed-rate200-1.csv"), "utf8").split("\n")).toHaveLength(202);
  });
});
