// What `npm run theory` has found so far is kept, so that it may be interrupted, or asked for in parts (`-- -t B4`).
// The place is named after everything that an estimate follows from: any other program begins anew.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CACHE = "node_modules/.cache/recvq/theory";
const SOURCES = ["src", "models", "test/theory", "test/rare"];

/** Answers what was found for this case, or finds it; for this half-width only. */
export type Keeper = <Found>(name: string, find: () => Promise<Found>) => Promise<Found>;

/** Keeps nothing. */
export const forgetful: Keeper = (_, find) => find();

/** Keeps what is found with this half-width by the program as it is now. */
export function keeper(relativeHalfWidth: number): Keeper {
  const directory = join(CACHE, fingerprint(), String(relativeHalfWidth));
  mkdirSync(directory, { recursive: true });
  return async (name, find) => {
    const file = join(directory, `${encodeURIComponent(name)}.json`);
    const known = textOf(file);
    if (known !== undefined) return JSON.parse(known);
    const found = await find();
    // A JSON of no number would be null.
    const text = JSON.stringify(found, (_, value) => {
      if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${name}: found ${value}`);
      return value;
    });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    return found;
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync("package-lock.json"));
  for (const directory of SOURCES) {
    const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => /(?<!\.test)\.ts$|values\.json$/.test(name)).sort()) {
      hash.update(file).update(readFileSync(join(directory, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
