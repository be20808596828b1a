// The scenarios that come with recvq, and where the schema is that editors check scenarios by.

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { distance } from "fastest-levenshtein";
import { FileError, readText, STANDARD } from "./files.js";

const SCHEMA = "scenario.schema.json";
const ENDING = ".yaml";

/** A scenario that comes with recvq. */
export interface Shipped {
  name: string;
  file: string;
  /** Its first comment: what it shows. */
  claim: string;
}

/** All of them by name. */
export function shippedScenarios(): Shipped[] {
  return names().map((name) => {
    const file = fileOf(name);
    const [first = ""] = readText(file).split("\n", 1);
    return { name, file, claim: first.replace(/^#\s*/, "") };
  });
}

/**
 * The file that a scenario's name stands for: the file of this name, else the shipped scenario of this name.
 * Throws a FileError for a plain word that is neither.
 */
export function scenarioFile(name: string): string {
  const isWord = /^[\w-]+$/.test(name) && name !== STANDARD;
  // A folder is no scenario, so that `recvq run bench` does not read it.
  if (!isWord || statSync(name, { throwIfNoEntry: false })?.isDirectory() === false) return name;
  if (names().includes(name)) return fileOf(name);
  const [near] = names().sort((one, other) => distance(name, one) - distance(name, other));
  const hint =
    near !== undefined && distance(name, near) <= name.length / 3 ? `; did you mean "${near}"?` : "";
  throw new FileError(
    name,
    `there is no such file, and no scenario of this name comes with recvq${hint} (recvq run --list)`,
  );
}

/**
 * The schema as seen from the folder of a file (`-` is the present one): relative if it lies below, as an
 * installed package does, so that the file can be passed on.
 */
export function schemaPath(file: string): string {
  const folder = file === STANDARD ? process.cwd() : dirname(file);
  const schema = join(root(), SCHEMA);
  const path = relative(folder, schema).replaceAll("\\", "/");
  return path.startsWith("..") ? schema : `./${path}`;
}

function names(): string[] {
  return readdirSync(join(root(), "scenarios"))
    .filter((entry) => entry.endsWith(ENDING))
    .map((entry) => entry.slice(0, -ENDING.length))
    .sort();
}

/** As short as the user would write it. */
function fileOf(name: string): string {
  const file = join(root(), "scenarios", `${name}${ENDING}`);
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}

/** The folder of the package, from wherever this was built to. */
function root(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, SCHEMA))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`${SCHEMA} is missing from the package`);
    folder = above;
  }
  return folder;
}
