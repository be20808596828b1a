// A Redis of the tests' own: on a port that nobody else has, without a disk.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { pathOf } from "./requires.js";

export interface OwnRedis {
  port: number;
  /** `redis://127.0.0.1:PORT`. */
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts one with these options on top, such as `["--requirepass", "secret"]`; with TLS on its port if asked. */
export async function startRedis(options: readonly string[] = [], isTls = false): Promise<OwnRedis> {
  const port = await freePort();
  const ports = isTls ? ["--port", "0", "--tls-port", String(port)] : ["--port", String(port)];
  const args = [...ports, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", ...options];
  const child = spawn(pathOf("redis-server") as string, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("Ready to accept connections")) resolve();
    });
    void ended.then(() => reject(new Error(`redis-server ended:\n${log}`)));
  });
  return {
    port,
    url: `${isTls ? "rediss" : "redis"}://127.0.0.1:${port}`,
    process: child,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
