// Lines of text for a terminal of some width.

/** What the terminal can do; the caller finds out, this layer asks nobody. */
export interface TextOptions {
  /** Width of the terminal in characters. */
  columns: number;
  /** Whether escape sequences may be printed. */
  colour: boolean;
  /** Only the verdict. */
  quiet?: boolean | undefined;
}

/** Text from a file or from the user without the characters that steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\u{fffd}");
}

/** A space that a line does not break at. */
export const GLUE = "\u{a0}";

/**
 * Breaks at spaces; the first line is indented by `indent`, those after it by `hang`. A word longer than the
 * line stays whole, so that a path can be copied.
 */
export function wrap(text: string, columns: number, hang = 0, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(" ")) {
    const begin = " ".repeat(lines.length === 0 ? indent : hang);
    if (line === "") {
      line = begin + word;
    } else if (`${line} ${word}`.length <= columns) {
      line += ` ${word}`;
    } else {
      lines.push(line);
      line = " ".repeat(hang) + word;
    }
  }
  return [...lines, line].map((whole) => whole.replaceAll(GLUE, " "));
}
