import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

/** The repository, where `scenarios/…` is found. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The built command line. */
export const recvqPath = fileURLToPath(new URL("../../dist/bin/recvq.js", import.meta.url));

export interface Ended {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the built command line as a user does: not on a terminal, in the repository unless `cwd` says
 * otherwise. Of the environment it gets PATH and HOME, and whatever `env` adds.
 */
export function recvq(
  args: readonly string[],
  { stdin = "", cwd = repository, env = {} }: { stdin?: string; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);

  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [recvqPath, ...args], { cwd, env: { PATH, HOME, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A command that ends without reading its input closes the pipe first, which is no error of the test.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
