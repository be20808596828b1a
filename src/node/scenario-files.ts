// Which scenario files are meant by names of files, of folders and of scenarios that come with recvq.

import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { globSync } from "tinyglobby";
import { FileError, STANDARD } from "./files.js";
import { scenarioFile } from "./shipped.js";

/** What is meant without a name. */
const USUAL = "scenarios";

/**
 * The files, each once and by the name that it has first, folders replaced by all `.yaml` and `.yml` files
 * below them in the order of their paths, but for installed packages; without names those of the folder
 * `scenarios`. Throws a FileError for a folder without any, and for a plain word that is neither a file nor
 * the name of a scenario that comes with recvq.
 */
export function scenarioFiles(names: readonly string[]): string[] {
  const all = names.length > 0 ? names : [USUAL];
  const files = all.flatMap((name) => (isFolder(name) ? filesIn(name) : [fileOf(name, names)]));
  const paths = files.map((file) => (file === STANDARD ? STANDARD : resolve(file)));
  return files.filter((_, index) => paths.indexOf(paths[index] as string) === index);
}

function fileOf(name: string, names: readonly string[]): string {
  if (names.length > 0) return scenarioFile(name);
  throw new FileError(USUAL, "expected scenarios to be named, or a folder of this name here; got neither");
}

function filesIn(folder: string): string[] {
  const files = globSync(["**/*.yaml", "**/*.yml"], {
    ...{ cwd: folder, expandDirectories: false, ignore: "**/node_modules/**" },
  }).sort();
  if (files.length > 0) return files.map((file) => join(folder, file));
  throw new FileError(folder, "expected scenarios (*.yaml) in this folder, got none");
}

function isFolder(name: string): boolean {
  return name !== STANDARD && (statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false);
}
