// Interrupted as a user does it: the process gets the signal while it simulates.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { recvq, recvqPath } from "./recvq.js";

const folder = () => mkdtempSync(join(tmpdir(), "recvq-"));

/** Runs that take minutes. */
const LONG = {
  "a burst after a quiet phase, all of it at one instant": `
clients: { arrivals: [{ process: constant, rate: 1/s, for: 60s }, { process: burst, requests: 1000000000 }] }
gunicorn: { backlog: 5 }
`,
  "very many short replications": `
clients: { arrivals: { process: poisson, rate: 1/s, requests: 2 } }
gunicorn: {}
run: { replications: 1000000 }
`,
};

/** Sends the signal when the run has opened its files, and answers how it ended. */
async function interrupted(text: string, signal: NodeJS.Signals) {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);
  const directory = folder();
  const scenario = join(folder(), "long.yaml");
  writeFileSync(scenario, text);
  const files = ["-o", join(directory, "report.txt"), "--requests", join(directory, "requests.csv")];
  const opened = new Promise<void>((resolve) => {
    const watcher = watch(directory, () => {
      if (readdirSync(directory).length < 2) return;
      watcher.close();
      resolve();
    });
  });
  // One that no signal reaches fails the test, and does not go on for minutes after it.
  const child = spawn(process.execPath, [recvqPath, "run", scenario, ...files], {
    timeout: 15_000,
    killSignal: "SIGKILL",
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  const ended = new Promise<unknown>((resolve) => child.on("close", (code, by) => resolve(code ?? by)));
  await Promise.race([opened, ended]);
  child.kill(signal);
  return { code: await ended, printed, left: readdirSync(directory) };
}

describe.each(Object.entries(LONG))("%s", (_, text) => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends it with exit code %d and leaves no file", async (signal, code) => {
    expect(await interrupted(text, signal)).toEqual({ code, printed: "", left: [] });
  });
});

describe("outputs are opened before the run", () => {
  const [long] = Object.values(LONG) as [string];

  test.each([
    ["-o", "/nonexistent/report.txt"],
    ["--requests", "/nonexistent/requests.csv"],
  ])("%s %s ends a run of minutes at once", async (option, file) => {
    const { code, stderr } = await recvq(["run", "-", option, file], { stdin: long });
    expect(stderr).toBe(`${file}: cannot be written: ENOENT: no such file or directory\n`);
    expect(code).toBe(2);
  });

  test("report and requests cannot be one file, nor both standard output", async () => {
    const file = join(folder(), "both");
    const { code, stderr } = await recvq(["run", "-", "-o", file, "--requests", file], { stdin: long });
    expect([code, stderr]).toEqual([2, `${file}: two outputs cannot go there; name another file\n`]);
    const mixed = await recvq(["run", "-", "--requests", "-"], { stdin: long });
    expect(mixed.stderr).toBe("standard output: two outputs cannot go there; name another file\n");
  });
});

test("of an option that is given twice, the last one counts", async () => {
  const stdin = "clients: { arrivals: { process: poisson, rate: 1/s, requests: 2 } }\ngunicorn: {}\n";
  const directory = folder();
  const twice = ["-o", join(directory, "first"), "-o", "-", "--seed", "1", "--seed", "2", "--rate", "1/s"];
  const more = ["--rate", "9/s", "--replications", "7", "--replications", "3", "--json"];
  const { code, stdout, stderr } = await recvq(["run", "-", ...twice, ...more], { stdin });
  expect([code, stderr]).toEqual([0, ""]);
  const { seed, replications, scenario } = JSON.parse(stdout);
  expect([seed, replications, scenario.clients.arrivals.rate]).toEqual(["2", 3, "9/s"]);
  expect(readdirSync(directory)).toEqual([]);
});
