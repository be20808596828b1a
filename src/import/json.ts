// JSON files that are read: what is wrong in them is told with its line, column, path, and what was there.

import type * as z from "zod";
import { jsonPlaces } from "./json-places.js";
import { ImportError, type Place, type Source, unexpected } from "./note.js";

export type Path = readonly PropertyKey[];

/** Characters of a wrong value that are shown. */
const LONGEST_GOT = 60;

/** Throws an ImportError for a text that is no JSON or not of this form. */
export function parseJsonAs<Schema extends z.ZodType>(schema: Schema, source: Source): z.output<Schema> {
  const input = parseJson(source);
  const outcome = schema.safeParse(input);
  if (outcome.success) return outcome.data;
  const { path, message } = outcome.error.issues[0] as z.core.$ZodIssue;
  let got = input;
  for (const step of path) got = (got as Record<PropertyKey, unknown> | null | undefined)?.[step];
  throw wrong(source, path, message, got);
}

/** A value that is not what was expected, or is missing. */
export function wrong(source: Source, path: Path, expected: string, got: unknown): ImportError {
  const text = got === undefined ? "nothing" : JSON.stringify(got);
  const brief = text.length > LONGEST_GOT ? `${text.slice(0, LONGEST_GOT)}…` : text;
  return unexpected(placeOf(source, path), path.map(String).join("."), expected, brief);
}

/** Where a value stands, or its nearest parent that is there. */
export function placeOf({ file, text }: Source, path: Path): Place {
  return { file, ...jsonPlaces(text)(path) };
}

function parseJson({ file, text }: Source): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 tells the position in its message, though not for every mistake.
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = position === undefined ? 1 : text.slice(0, Number(position)).split("\n").length;
    throw new ImportError({ file, line }, "", `expected JSON: ${(error as Error).message}`);
  }
}
