// A check as annotations of a GitHub job: lines on its standard output that GitHub shows at the place in the
// file (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions).

import type { Check, CheckedThreshold, ScenarioCheck } from "../../check/check-result.js";
import { baselineText, causeTexts, changeTexts, complaint, culpritTexts, isAsked } from "./sentence.js";

/** A line for each threshold that did not pass, and for each warning; empty if all is well. */
export function githubText({ scenarios }: Check): string {
  return scenarios
    .flatMap((check) => [
      ...check.thresholds.filter(({ status }) => status !== "passed").map((one) => annotation(one, check)),
      ...baselineAnnotations(check),
      ...(isAsked(check) ? check.warnings.map((text) => warning(check, text)) : []),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

/** What is wrong with a scenario; an option has no line. */
interface Mistake {
  file: string;
  line?: number;
  column?: number;
  path: string;
  text: string;
}

/** A line for each of them; the same in several scenarios is told once. */
export function githubMistakes(mistakes: readonly Mistake[]): string {
  const lines = mistakes.map(({ file, line, column = 1, path, text }) => {
    const place = line === undefined ? { title: file } : { file, line, col: column, title: path || null };
    return `${command("error", place, path === "" ? text : `${path}: ${text}`)}\n`;
  });
  return [...new Set(lines)].join("");
}

function annotation(threshold: CheckedThreshold, check: ScenarioCheck): string {
  const { status, file, line, column } = threshold;
  const [most] = causeTexts(check);
  const why = most ? `\n${most.share}: ${most.text} (${most.settings.join(", ")})` : "";
  // An option has no place in a file.
  const place = line === null ? { file: check.source } : { file, line, col: column };
  const title = `${check.source}: ${status}`;
  return command(status === "failed" ? "error" : "warning", { ...place, title }, complaint(threshold) + why);
}

function baselineAnnotations({ source, baseline }: ScenarioCheck): string[] {
  if (baseline?.status !== "changed") return [];
  const changes = changeTexts(baseline).map(({ metric, values, change }) => `${metric} ${values} ${change}`);
  const because = culpritTexts(baseline).map((one) => `because of ${one}`);
  const text = [baselineText(baseline), ...changes, ...because].join("\n");
  return [command("error", { file: source, title: `${source}: baseline` }, text)];
}

function warning({ source }: ScenarioCheck, text: string): string {
  return command("warning", { file: source, title: source }, text);
}

function command(name: string, properties: Record<string, string | number | null>, message: string): string {
  const given = Object.entries(properties).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${property(String(value))}`],
  );
  return `::${name} ${given.join(",")}::${data(message)}`;
}

/** As the runner's toolkit escapes them (actions/toolkit, packages/core/src/command.ts). */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
