// Builds dist/bin (the command line, one bundle that starts fast) and dist/lib (the library, as modules with
// types). `node scripts/build.mjs` builds both, `node scripts/build.mjs bin` only one of them. What is up to
// date is not built again: beside each stands a stamp with the hash of everything that went into it.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const at = (...path) => join(root, ...path);

const targets = { bin: buildBin, lib: buildLib };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(targets, name));
if (unknown.length > 0) {
  console.error(`build: expected ${Object.keys(targets).join(" or ")}, got ${unknown.join(" ")}`);
  process.exit(2);
}

try {
  const inputs = await hashInputs();
  const names = asked.length > 0 ? asked : Object.keys(targets);
  await Promise.all(names.map((name) => bringUpToDate(name, inputs)));
} catch (error) {
  // esbuild has printed what it found.
  console.error(error.errors ? "build: the bundle failed" : `build: ${error.message}`);
  process.exitCode = 1;
}

async function bringUpToDate(name, inputs) {
  const directory = at("dist", name);
  const stamp = at("dist", `${name}.stamp`);
  if (await isFresh(directory, stamp, inputs)) return;

  // Built aside and then moved, so that nobody ever runs half a build.
  const aside = at("dist", `${name}.${process.pid}`);
  await rm(stamp, { force: true });
  await mkdir(aside, { recursive: true });
  try {
    await targets[name](aside);
    await rm(directory, { recursive: true, force: true });
    await rename(aside, directory);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  const files = (await listFiles(directory)).map((path) => relative(directory, path));
  await writeFile(stamp, `${JSON.stringify({ inputs, files }, null, 1)}\n`);
}

async function isFresh(directory, stamp, inputs) {
  if (!existsSync(stamp)) return false;
  const built = JSON.parse(await readFile(stamp, "utf8"));
  return built.inputs === inputs && built.files.every((file) => existsSync(join(directory, file)));
}

/** One hash over whatever a build reads. The lock file stands for the installed packages. */
async function hashInputs() {
  const settings = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "scripts/build.mjs",
    "scripts/bundle.mjs",
    "scripts/common-js.mjs",
    "scripts/constants.mjs",
    "scripts/ready-schema.mjs",
  ];
  const sources = (await Promise.all([listFiles(at("src")), listFiles(at("models"))])).flat();
  const hash = createHash("sha256");
  for (const path of [...settings.map((file) => at(file)), ...sources.sort()]) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(await readFile(path))
      .update("\0");
  }
  return hash.digest("hex");
}

async function listFiles(directory) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The command line, and the programs of its threads, each with the licences of what is bundled. */
async function buildBin(directory) {
  const { bundled } = await import("./bundle.mjs");
  // What V8 has kept of an earlier build.
  await rm(at("dist/code-cache"), { recursive: true, force: true });
  const { files, inputs } = await bundled(root, directory);
  for (const [path, text] of files) {
    const isEntry = basename(path) === "recvq.js";
    await mkdir(dirname(path), { recursive: true });
    const shebang = Buffer.from(isEntry ? "#!/usr/bin/env node\n" : "");
    await writeFile(path, Buffer.concat([shebang, Buffer.from(text)]), { mode: isEntry ? 0o755 : 0o644 });
  }
  await writeFile(join(directory, "LICENSES.txt"), await licencesOf(inputs));
}

/** The licences of the bundled packages, which ask to be passed on with every copy. */
async function licencesOf(inputs) {
  const packages = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  packages.delete(undefined);
  const texts = [...packages].sort().map(async (directory) => {
    const { name, version, license, author } = JSON.parse(
      await readFile(at(directory, "package.json"), "utf8"),
    );
    const file = (await readdir(at(directory))).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file && (await readFile(at(directory, file), "utf8")).trim();
    return `${name} ${version}\n\n${text ?? `${license}. Copyright ${author?.name ?? author}`}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/** Compiles the library, without the command line. */
async function buildLib(directory) {
  const tsc = at("node_modules", "typescript", "bin", "tsc");
  try {
    await promisify(execFile)(process.execPath, [
      tsc,
      "-p",
      at("tsconfig.build.json"),
      "--outDir",
      directory,
    ]);
  } catch (error) {
    throw new Error(`tsc found errors\n${error.stdout || error.message}`);
  }
}
