// Folders of measured cases, and the folders beside them that belong to the same family.

import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { globSync } from "tinyglobby";
import { type CaseFolder, familyOf } from "../verify/case.js";
import { FileError, readText } from "./files.js";

/**
 * Each named folder with its family: the folders beside it whose names differ only in the trailing number.
 */
export function caseFolders(names: readonly string[]): { folder: CaseFolder; family: CaseFolder[] }[] {
  return names.map((name) => {
    const path = resolve(name);
    if (!isFolder(path)) throw new FileError(name, "expected a folder of a measured case, got none");
    const parent = dirname(path);
    const family = readdirSync(parent)
      .filter((other) => familyOf(other) === familyOf(basename(path)) && isFolder(join(parent, other)))
      .sort()
      .map((other) => folderAt(join(parent, other)));
    return { folder: folderAt(path), family };
  });
}

/** Reads a folder's files; paths are relative to it. */
function folderAt(path: string): CaseFolder {
  return {
    name: basename(path),
    read(file) {
      const full = resolve(path, file);
      return existsSync(full) ? readText(full) : undefined;
    },
    glob: (pattern) =>
      isAbsolute(pattern)
        ? globSync(pattern.slice(1), { cwd: "/", absolute: true })
        : globSync(pattern, { cwd: path }),
  };
}

/**
 * The files of a deployment: those of a folder that have the usual names, and those named one by one. Texts
 * and the user's own names for them are by usual name; `files` reads what nginx.conf includes.
 */
export function deploymentFiles(
  folder: string | undefined,
  named: Record<string, string | undefined>,
): { texts: Record<string, string>; names: Record<string, string>; files: CaseFolder } {
  if (folder !== undefined && !isFolder(folder)) throw new FileError(folder, "expected a folder, got none");
  const names: Record<string, string> = {};
  for (const [usual, file] of Object.entries(named)) {
    const inFolder = folder === undefined ? undefined : join(folder, usual);
    if (file !== undefined) names[usual] = file;
    else if (inFolder !== undefined && existsSync(inFolder)) names[usual] = inFolder;
  }
  const texts = Object.fromEntries(Object.entries(names).map(([usual, file]) => [usual, readText(file)]));
  return { texts, names, files: folderAt(resolve(".")) };
}

/** Makes a folder for output, if it is not there, and answers the path of a file in it. */
export function fileIn(folder: string, file: string): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new FileError(folder, `cannot be made: ${(error as Error).message}`);
  }
  return join(folder, file);
}

/** Whether there is a folder of this name. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
