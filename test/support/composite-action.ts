// A composite action run as GitHub's runner runs it: the steps with a script, one after the other until one fails, in
// bash as the runner starts it. Expressions are paths into inputs and steps; steps that use other actions are left out.
// After CompositeActionHandler.cs and FileCommandManager.cs of actions/runner.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface Action {
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { using: string; steps: Step[] };
}

interface Step {
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  shell?: string;
  env?: Record<string, string>;
  run?: string;
}

interface Place {
  /** The folder with action.yml. */
  action: string;
  /** Where the user's repository is. */
  workspace: string;
  /** The runner's folder for temporary files. */
  temporary: string;
}

export interface ActionEnded {
  /** Exit code of the last script that was run. */
  code: number | null;
  stdout: string;
  stderr: string;
  outputs: Record<string, string>;
  /** The job's summary, as Markdown. */
  summary: string;
}

export function readAction(folder: string): Action {
  return parse(readFileSync(join(folder, "action.yml"), "utf8"));
}

export function runAction(place: Place, given: Record<string, string> = {}): ActionEnded {
  const { inputs, outputs, runs } = readAction(place.action);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(inputs, name));
  if (unknown.length > 0) throw new Error(`${unknown.join(", ")}: no such inputs`);
  const defaults = Object.entries(inputs).map(([name, input]) => [name, input.default]);
  const contexts: Contexts = { inputs: { ...Object.fromEntries(defaults), ...given }, steps: {} };
  const ended: ActionEnded = { code: 0, stdout: "", stderr: "", outputs: {}, summary: "" };
  runs.steps.forEach((step, index) => {
    if (ended.code !== 0 || step.run === undefined) return;
    if (step.if !== undefined || step.shell !== "bash") throw new Error(`step ${index}: not known here`);
    const files = join(place.temporary, `step-${index}`);
    const { code, stdout, stderr, outputs, summary } = runScript(step, { ...place, files }, contexts);
    ended.code = code;
    ended.stdout += stdout;
    ended.stderr += stderr;
    ended.summary += summary;
    if (step.id !== undefined) contexts.steps[step.id] = { outputs };
  });
  // Also those of an action that failed.
  for (const [name, { value }] of Object.entries(outputs)) ended.outputs[name] = evaluated(value, contexts);
  return ended;
}

interface Contexts {
  inputs: Record<string, string>;
  steps: Record<string, { outputs: Record<string, string> }>;
}

function runScript(
  { run = "", env = {} }: Step,
  { action, workspace, temporary, files }: Place & { files: string },
  contexts: Contexts,
): ActionEnded {
  mkdirSync(files);
  const [script, output, summary] = ["script.sh", "output", "summary"].map((name) => join(files, name));
  writeFileSync(script, evaluated(run, contexts));
  writeFileSync(output, "");
  writeFileSync(summary, "");
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["--noprofile", "--norc", "-e", "-o", "pipefail", script],
    {
      cwd: workspace,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_ACTION_PATH: action,
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: temporary,
        ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, evaluated(text, contexts)])),
      },
    },
  );
  return {
    code: status,
    stdout,
    stderr,
    outputs: outputsOf(readFileSync(output, "utf8")),
    summary: readFileSync(summary, "utf8"),
  };
}

/** A path that leads nowhere is an empty text. */
function evaluated(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const [, path] = /^ ((?:inputs|steps)(?:\.[\w-]+)+) $/.exec(expression) ?? [];
    if (path === undefined) throw new Error(`${expression}: no expression that is known here`);
    const found = path.split(".").reduce<unknown>((node, name) => {
      return (node as Record<string, unknown> | undefined)?.[name];
    }, contexts);
    return found === undefined ? "" : String(found);
  });
}

/** `name=value`, or `name<<end`, the lines of the value and `end`. */
function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("expected lines, got one without its end");
  for (let at = 0; at < lines.length; at++) {
    const [, name = "", sign, rest = ""] = /^([^=<]+)(=|<<)(.*)$/.exec(lines[at] as string) ?? [];
    if (sign === undefined) throw new Error(`expected name=value, got ${lines[at]}`);
    const end = sign === "=" ? at : lines.indexOf(rest, at + 1);
    if (end < 0) throw new Error(`expected ${rest}, got the end`);
    outputs[name] = sign === "=" ? rest : lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return outputs;
}
