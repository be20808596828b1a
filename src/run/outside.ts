// What is wrong with data that comes from outside: a queue, a journal, a file of results.

import type * as z from "zod";
import { ScenarioError } from "../scenario/error.js";

/** One problem of what comes from `name`, at a path inside of it. */
export function outsideProblem(name: string, path: string, text: string): ScenarioError {
  return new ScenarioError([{ file: name, path, text }]);
}

/** All that a schema complains of, as path, expected and got. */
export function outsideProblems(error: z.ZodError, input: unknown, name: string): ScenarioError {
  const problems = error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return { file: name, path, text: textOf(issue, valueAt(input, issue.path)) };
  });
  return new ScenarioError(problems);
}

function textOf(issue: z.core.$ZodIssue, got: unknown): string {
  if (issue.code === "unrecognized_keys") return `unknown key ${issue.keys.join(", ")}`;
  return got === undefined
    ? `missing; expected ${expectedOf(issue)}`
    : `expected ${expectedOf(issue)}, got ${brief(got)}`;
}

function expectedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return TYPES[issue.expected] ?? `a ${issue.expected}`;
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value)).join(" or ");
  return "another value";
}

const TYPES: Record<string, string> = {
  array: "an array",
  int: "a whole number",
  object: "an object",
  record: "an object",
};

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

const LONGEST = 60;

/** A value of any size in a few words. */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? "[…]" : "[]";
  if (typeof value === "object" && value !== null) return "{…}";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
