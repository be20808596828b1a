// The scenarios that come with recvq, and where the schema is that editors check scenarios by.

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { distance } from "fastest-levenshtein";
import { FileError, readText, STANDARD } from "./files.js";

const SCHEMA = "scenario.schema.json";
const ENDING = ".yaml";

/** A scenario file that comes with recvq. */
export interface ShippedFile {
  /** What `recvq run` knows it by. */
  name: string;
  file: string;
  /** Its first comment: what it shows. */
  claim: string;
}

export interface Shipped extends ShippedFile {
  /** What is laid over it to heal it, named `NAME/REMEDY`. */
  remedies: ShippedFile[];
}

/** All of them by name. */
export function shippedScenarios(): Shipped[] {
  return names().map((name) => ({ ...shipped(name), remedies: remediesOf(name).map(shipped) }));
}

function shipped(name: string): ShippedFile {
  const file = fileOf(name);
  const [first = ""] = readText(file).split("\n", 1);
  return { name, file, claim: first.replace(/^#\s*/, "") };
}

/**
 * The file that a scenario's name stands for: the file of this name, else the shipped scenario or remedy of
 * this name. Throws a FileError for a plain word that is neither, and for a remedy that a shipped scenario
 * does not have.
 */
export function scenarioFile(name: string): string {
  const [, scenario = ""] = /^([\w-]+)(?:\/[\w-]+)?$/.exec(name) ?? [];
  const isRemedy = scenario !== name;
  if (scenario === "" || name === STANDARD || (isRemedy && !names().includes(scenario))) return name;
  // A folder is no scenario, so that `recvq run bench` does not read it.
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() === false) return name;
  const known = isRemedy ? remediesOf(scenario) : names();
  if (known.includes(name)) return fileOf(name);
  const [near] = known.sort((one, other) => distance(name, one) - distance(name, other));
  const hint =
    near !== undefined && distance(name, near) <= name.length / 3 ? `; did you mean "${near}"?` : "";
  throw new FileError(
    name,
    `there is no such file, and no ${isRemedy ? "remedy" : "scenario"} of this name comes with recvq` +
      `${hint} (recvq run --list)`,
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
  return scenariosIn(join(root(), "scenarios"));
}

/** A scenario's remedies lie in the folder of its name. */
function remediesOf(name: string): string[] {
  const folder = join(root(), "scenarios", name);
  return existsSync(folder) ? scenariosIn(folder).map((remedy) => `${name}/${remedy}`) : [];
}

function scenariosIn(folder: string): string[] {
  return readdirSync(folder)
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
