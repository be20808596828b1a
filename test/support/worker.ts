// Workers as users start them: processes of the built command line.

import { type ChildProcess, spawn } from "node:child_process";
import { inject } from "vitest";
import { recvqPath, repository } from "../e2e/recvq.js";

export interface OwnWorker {
  process: ChildProcess;
  /** What it has said on standard error so far. */
  said(): string;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

/** Answers when it serves, or has ended. */
export async function startWorker(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<OwnWorker> {
  const buildError = inject("buildError");
  if (buildError) throw new Error(buildError);
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [recvqPath, "worker", ...args], {
    cwd: repository,
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? ""));
  });
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.includes("computes points from")) resolve();
    });
    void ended.then(() => resolve());
  });
  return { process: child, said: () => text, ended };
}
