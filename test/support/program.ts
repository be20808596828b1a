// Programs of threads that a test writes, to see who is asked for what.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";

/** A file of this name and text, which is gone after the tests of the file that asks for it. */
export function writtenProgram(name: string, text: string): URL {
  const directory = mkdtempSync(join(tmpdir(), "recvq-program-"));
  const file = join(directory, name);
  writeFileSync(file, text);
  afterAll(() => rmSync(directory, { recursive: true }));
  return pathToFileURL(file);
}
