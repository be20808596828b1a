// recvq capacity as a user has it: the built bundle, exit codes, files.

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recvq } from "./recvq.js";

const SMALL = `
clients: { arrivals: { process: poisson, rate: 50/s, for: 4s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 4 }
app: { sleep: { exponential: 30ms } }
`;
const RATE = ["--max", "rate", "--slo", "EAGAIN.share < 20%", "--precision", "10%"];
const search = (...args: string[]) => recvq(["capacity", "-", ...args], { stdin: SMALL });

describe("recvq capacity", () => {
  test("prints the verdict first and exits with 0", async () => {
    const { code, stdout, stderr } = await search(...RATE, "--quiet");
    expect(stdout).toMatch(
      /^\d+(\.\d)?\/s ± \d+(\.\d)?\/s is the largest rate that meets EAGAIN.share < 20%; .*\.\n$/,
    );
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("gives the same on any number of threads, and writes it with -o", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "recvq-")), "capacity.json");
    // Long enough for threads: each value takes more than the moment that is computed without them.
    const long = [
      "--set",
      "clients.arrivals.0.for=40s",
      "--within",
      "40/s..80/s",
      "--replications",
      "20",
      "--json",
    ];
    const both = ["1", "2"].map((threads) => search(...RATE, ...long, "--threads", threads));
    const [one, two] = await Promise.all(both);
    expect(one?.code).toBe(0);
    expect(two).toEqual(one);
    const chosen = ["--seed", "7", "--replications", "3", "--confidence", "90%"];
    const { stdout } = await search(...RATE, "--json", "-o", file, ...chosen);
    expect(stdout).toBe("");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      ...{ seed: "7", status: "found", confidence: 0.9 },
    });
  });

  test("says with 99 that nothing meets, and with 98 that a limit came first", async () => {
    const none = await search("--max", "rate", "--slo", "latency.p50 < 1ms", "-q", "--within", "50/s..90/s");
    expect([none.code, none.stdout]).toEqual([
      99,
      expect.stringMatching(/^No rate from 50\/s to 90\/s meets/),
    ]);
    const limit = ["--set", "run.max_replications=10", "--precision", "0.1%", "-q"];
    const undecided = await search("--max", "rate", "--slo", "EAGAIN.share < 20%", ...limit);
    expect([undecided.code, undecided.stdout]).toEqual([
      98,
      expect.stringMatching(/^Undecided: the largest rate/),
    ]);
    const time = ["--set", "run.time_limit=1ms", "-q"];
    expect((await search(...RATE, ...time)).code).toBe(98);
  });

  test("has as many workers as there is memory for", async () => {
    const { stdout } = await search(...RATE, "--worker-memory", "150MiB", "--memory", "1GiB");
    expect(stdout).toContain("6 workers of 150 MiB need 900 MiB, of 1 GiB.");
  });
});

describe("recvq capacity is wrong input (2)", () => {
  test.each([
    [["--slo", "502.share < 1%"], /expected either --max or --min, got neither/],
    [["--max", "rate", "--min", "gunicorn.workers", "--slo", "502.share < 1%"], /got both/],
    [["--max", "rate"], /expected an objective such as --slo/],
    [
      ["--max", "rate", "--slo", "502.shar < 1%"],
      /^recvq: --slo "502.shar < 1%": .*did you mean "502.share"/,
    ],
    [[...RATE, "--memory", "1GiB"], /--memory: expected --worker-memory beside it/],
    [[...RATE, "--worker-memory", "150"], /--worker-memory: expected a size such as 150MiB, got 150/],
    [[...RATE, "--precision", "0"], /--precision: expected a share above 0/],
    [[...RATE, "--confidence", "95"], /--confidence: expected a share from 50% up to/],
    [[...RATE, "--replications", "1"], /--replications: expected a whole number from 2/],
    [[...RATE, "--within", "1..2"], /^--within 1..2: expected bounds such as 100\/s..300\/s/],
    [
      ["--min", "gunicorn.wokers", "--slo", "502.share < 1%"],
      /^--min gunicorn.wokers: .*did you mean "workers"/,
    ],
  ])("with %j", async (args, message) => {
    const { code, stdout, stderr } = await search(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});
