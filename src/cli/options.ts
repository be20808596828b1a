// Options that several commands share.

/** `-o`: where the command's text goes. */
export const output = {
  alias: "o",
  describe: "write to this file",
  type: "string",
  default: "-",
  requiresArg: true,
} as const;

/** `-q`, with what is left out then. */
export function quiet(describe: string) {
  return { alias: "q", describe, type: "boolean", default: false } as const;
}

/** yargs makes a list of an option that is given twice; as everywhere, the last one counts. */
export function last(given: string | string[] | undefined): string | undefined {
  return Array.isArray(given) ? given.at(-1) : given;
}
