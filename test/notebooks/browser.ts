// Builds a notebook, serves it on a free port of this machine and opens it in Chromium.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { preview } from "vite";
import { pathOf } from "../support/requires.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Root and containers have no sandbox; nothing that Chromium fetches for itself is wanted. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export interface Opened {
  page: Page;
  /** What went wrong so far: errors and warnings of the console, answers that are none. */
  complaints: string[];
  /** Addresses that were asked, but for those of the own server. */
  outside: string[];
}

export interface Browser {
  /** Every file of the build. */
  files: { name: string; text: string }[];
  open(notebook: string, options: { width: number; colorScheme: "light" | "dark" }): Promise<Opened>;
  close(): Promise<void>;
}

export async function browser(): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), "recvq-notebooks-"));
  const arguments_ = ["run", "--silent", "notebooks", "--", "--out", folder];
  const { status, stderr } = spawnSync("npm", arguments_, { cwd: repository, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm run notebooks: ${stderr}`);
  const server = await preview({
    configFile: false,
    logLevel: "silent",
    root: folder,
    build: { outDir: folder },
    preview: { host: "127.0.0.1", port: 0 },
  });
  const address = server.httpServer.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const started = await chromium.launch({ executablePath: pathOf("chromium") as string, args: FLAGS });
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });

  return {
    files: names
      .filter((name) => /\.(?:html|js|css)$/.test(name))
      .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") })),
    async open(notebook, { width, colorScheme }) {
      const page = await started.newPage({ viewport: { width, height: 900 }, colorScheme });
      const complaints: string[] = [];
      const outside: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("response", (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
      });
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) outside.push(url);
      });
      await page.goto(`${origin}/${notebook}`);
      return { page, complaints, outside };
    },
    async close() {
      await started.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
