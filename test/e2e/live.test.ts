// A real nginx and a real gunicorn, small: what recvq imports from their own files predicts what they do.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requires } from "../support/requires.js";
import { recvq } from "./recvq.js";

const APP = `
import time
def app(environ, start_response):
    time.sleep(0.5)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
`;

requires("nginx", "gunicorn")("twelve requests, one worker of half a second, backlog 4", () => {
  const folder = mkdtempSync(join(tmpdir(), "recvq-live-"));
  const at = (name: string) => join(folder, name);
  const gunicornLine = `gunicorn -w 1 -k sync --backlog 4 -b unix:${at("app.sock")} app:app`;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    writeFileSync(at("app.py"), APP);
    writeFileSync(at("gunicorn.sh"), `${gunicornLine}\n`);
    writeFileSync(at("nginx.conf"), nginxConf(at));
    writeFileSync(at("load.json"), JSON.stringify(LOAD(at("front.sock"))));
    const [program = "", ...args] = gunicornLine.split(" ");
    running.push(spawn(program, args, { cwd: folder, stdio: "ignore" }));
    running.push(spawn("nginx", ["-p", folder, "-c", at("nginx.conf")], { stdio: "ignore" }));
    await until(() => existsSync(at("app.sock")) && existsSync(at("front.sock")));
    // The first answer shows that the worker has booted.
    expect(await statusOf(at("front.sock"))).toBe(200);
  }, 30_000);

  afterAll(async () => {
    for (const child of running) child.kill("SIGTERM");
    await Promise.all(
      running.map((child) => child.exitCode ?? new Promise((ended) => child.once("exit", ended))),
    );
    rmSync(folder, { recursive: true, force: true });
  });

  test("1 in work and 4 + 1 queued are served, 6 get a 502: measured and predicted", async () => {
    // The worker has to have taken the first one: until it wakes up, that one is in the queue as well.
    const first = statusOf(at("front.sock"));
    await pause(100);
    const others = Array.from({ length: 11 }, () => statusOf(at("front.sock")));
    const statuses = await Promise.all([first, ...others]);
    const count = (status: number) => statuses.filter((one) => one === status).length;
    const { stdout: scenario } = await recvq(["import", folder, "--quiet"]);
    const { stdout } = await recvq(["run", "-", "--json"], { stdin: scenario });
    const { outcomes } = JSON.parse(stdout);
    expect([outcomes["200"].count, outcomes["502"].count]).toEqual([6, 6]);
    expect([count(200), count(502)]).toEqual([6, 6]);
  }, 30_000);
});

function nginxConf(at: (name: string) => string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${at(kind)};`)
    .join("\n");
  // Its workers would drop root's rights, and with them the way into the folder.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `
${user}
daemon off;
pid ${at("nginx.pid")};
error_log ${at("error.log")};
events { worker_connections 64; }
http {
${temporary}
  access_log off;
  upstream app { server unix:${at("app.sock")}; }
  server { listen unix:${at("front.sock")}; location / { proxy_pass http://app; } }
}
`;
}

const LOAD = (socket: string) => ({
  kind: "open",
  target: `unix:${socket}`,
  phases: [
    { process: "constant", rate: 10, duration_s: 0.1 },
    { process: "constant", rate: 2000, duration_s: 0.0055 },
  ],
  service: { dist: "constant", s: 0.5 },
  app: { body_bytes: 2, content_length: true },
});

function statusOf(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: "/", agent: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject).end();
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    if (turn > 200) throw new Error("nginx or gunicorn has not started within ten seconds");
    await pause(50);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
