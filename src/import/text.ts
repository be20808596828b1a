// What recvq import prints: the scenario as a file one would keep, and what is not in it.

import { toYaml } from "../scenario/yaml.js";
import type { Imported, Note } from "./note.js";

const MISSING = {
  clients: "clients:\n  arrivals: [{ process: poisson, rate: 100/s, for: 60s }]",
  app: "app:\n  sleep: { lognormal: { mean: 50ms, cv: 1 } }",
};

/**
 * A scenario file. What the deployment has and the models do not stands at its top, since the file predicts
 * another deployment without it. What no configuration says (the load, service times) is left as a comment
 * to be filled in.
 */
export function importText({ scenario, notes }: Imported, from: readonly string[]): string {
  const missed = missedLines(notes);
  const told =
    missed.length === 0 ? [] : ["Not in this scenario, though it could change the prediction:", ...missed];
  const head = [["Imported from", ...from].join("\n  "), ...(told.length > 0 ? [told.join("\n  ")] : [])];
  const yaml = toYaml(scenario, [{ path: [], text: head.join("\n\n") }]);
  const missing = Object.entries(MISSING).filter(([section]) => scenario[section] === undefined);
  if (missing.length === 0) return yaml;
  const example = missing.flatMap(([, text]) => text.split("\n").map((line) => `# ${line}`));
  return `${yaml}\n# Not in these files, but needed for a prediction; for example:\n${example.join("\n")}\n`;
}

/**
 * One line for each directive that is not in the scenario although it may matter; then how many do not
 * matter.
 */
export function notesText(notes: readonly Note[]): string {
  const lines = missedLines(notes);
  const harmless = notes.length - lines.length;
  if (harmless === 1) lines.push("1 other directive has no effect on a prediction");
  if (harmless > 1) lines.push(`${harmless} other directives have no effect on a prediction`);
  return lines.map((line) => `${line}\n`).join("");
}

function missedLines(notes: readonly Note[]): string[] {
  return notes
    .filter(({ kind }) => kind === "not-modelled")
    .map(({ where, directive, text }) => `${where} ${directive}: not modelled: ${text}`);
}
