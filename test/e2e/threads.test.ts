// Replications on several threads: the same numbers, the same errors, and a process that ends.

import { describe, expect, test } from "vitest";
import { recvq } from "./recvq.js";

// Enough replications for the threads to start: those of the first moment are computed before.
const MANY = `
clients: { arrivals: { process: poisson, rate: 200/s, for: 5s } }
gunicorn: { workers: 4 }
app: { sleep: { exponential: 18ms } }
run: { replications: 60 }
`;

const asked = (threads: number, ...others: string[]) =>
  recvq(["run", "-", "--json", "--threads", String(threads), ...others], { stdin: MANY });

describe("a run on several threads", () => {
  test("gives the same Result, to the last digit", async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map((threads) => asked(threads)));
    expect(JSON.parse(one?.stdout ?? "").replications).toBe(60);
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  test("fails with the same error where a replication does, wherever it is computed", async () => {
    // A service of more than 104 days, e^-5.2 of them, is met after the first moment.
    const days = ["--set", "app.sleep.exponential=20d", "--set", "clients.arrivals.rate=1/s"];
    const rest = [...days, "--set", "clients.arrivals.for=1s", "--replications", "100000"];
    const [one, two] = await Promise.all([asked(1, ...rest), asked(2, ...rest)]);
    expect(one).toMatchObject({ code: 2, stdout: "" });
    expect(one?.stderr).toContain("104 days");
    expect(two).toEqual(one);
  });

  test.each(["0", "1.5", "many", "1025"])("--threads %s is wrong input", async (threads) => {
    const { code, stderr } = await recvq(["run", "-", "--threads", threads], { stdin: MANY });
    expect(code).toBe(2);
    expect(stderr).toContain(`--threads: expected a whole number from 1 to 1024, got ${threads}`);
  });
});

describe("a run that stops by itself", () => {
  const until = (error: string, ...rest: string[]) => [
    ...["--set", "run.until.metric=latency.p95", "--set", `run.until.relative_error=${error}`],
    ...rest,
  ];

  test("stops after the same replication on any number of threads", async () => {
    const [one, two] = await Promise.all([1, 2].map((threads) => asked(threads, ...until("0.12"))));
    expect(one?.code).toBe(0);
    expect(JSON.parse(one?.stdout ?? "").stopping.reached).toBe(true);
    expect(two).toEqual(one);
  });

  test.each([
    ["too few replications", until("0.0001", "--set", "run.max_replications=61"), "stopping"],
    ["too little time", until("0.0001", "--set", "run.time_limit=1ms"), "incomplete"],
  ])("ends with exit code 98 for %s, and says so in the Result", async (_, rest, where) => {
    const { code, stdout } = await asked(2, ...rest);
    expect(code).toBe(98);
    expect(JSON.parse(stdout)[where]).toBeTruthy();
  });
});
