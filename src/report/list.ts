// A list of names, each with a sentence.

import pc from "picocolors";
import { type TextOptions, wrap } from "./lines.js";

/** Names in a column, sentences beside them, ending in a newline. */
export function listText(
  entries: readonly { name: string; claim: string }[],
  { columns, colour }: TextOptions,
): string {
  const colours = pc.createColors(colour);
  const widest = Math.max(...entries.map(({ name }) => name.length));
  const lines = entries.flatMap(({ name, claim }) => {
    const [first = "", ...more] = wrap(claim, columns, widest + 2, widest + 2);
    return [`${colours.bold(name)}${first.slice(name.length)}`, ...more];
  });
  return `${lines.join("\n")}\n`;
}
