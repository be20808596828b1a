// What an import says besides the scenario: what it left out, and what it could not read.

/** A line of an imported file. */
export interface Place {
  file: string;
  /** From 1; the column where it is known. */
  line: number;
  column?: number;
}

/** A text to import; `file` is how it is named in notes and errors. */
export interface Source {
  file: string;
  text: string;
}

/** `no-effect` leaves predictions as they are; `not-modelled` could change them. */
export type NoteKind = "no-effect" | "not-modelled";

/** Something in the input that is not in the scenario. */
export interface Note {
  /** `nginx.conf:12`. */
  where: string;
  /** As it stands in the file: `worker_connections 1024`. */
  directive: string;
  kind: NoteKind;
  /** Why, in words. */
  text: string;
}

/** A part of a scenario, keyed by section, with what is not in it. */
export interface Imported {
  scenario: Record<string, unknown>;
  notes: Note[];
}

export function note({ file, line }: Place, directive: string, kind: NoteKind, text: string): Note {
  return { where: `${file}:${line}`, directive, kind, text };
}

/**
 * A mistake in an imported file, printed without a stack: `nginx.conf:12 listen: expected …, got …`. A folder
 * or a file as a whole has no line.
 */
export class ImportError extends Error {
  readonly file: string;
  readonly line: number | undefined;

  /** `subject` is the directive or key; empty if the mistake is in the file's form. */
  constructor({ file, line, column }: Pick<Place, "file"> & Partial<Place>, subject: string, text: string) {
    const where = [file, line, column].filter((part) => part !== undefined).join(":");
    super(subject === "" ? `${where}: ${text}` : `${where} ${subject}: ${text}`);
    this.name = "ImportError";
    this.file = file;
    this.line = line;
  }
}

/** The mistake that a value is not of the form that was expected. */
export function unexpected(place: Place, subject: string, expected: string, got: string): ImportError {
  return new ImportError(place, subject, `expected ${expected}, got ${got}`);
}
