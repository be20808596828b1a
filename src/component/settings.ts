// Settings are declared once: name, default, unit, help and source. Validation, error messages, the JSON
// Schema and the list of settings all follow from the declaration.
//
// Convention for messages: what a schema of this file says about a bad value completes the sentence "expected
// …", so that every error reads "expected a whole number of at least 1, got 0".

import * as z from "zod";
import { type Declaration, type Described, STEPS } from "./declaration.js";
import { fragment, keepJsonSchema, withJsonSchema } from "./json-schema.js";
import { once } from "./once.js";
import { parseBytes, parseDurationNs, parseRatePerSecond } from "./units.js";

export { fragment, named, toJsonSchema, withJsonSchema } from "./json-schema.js";
export type { Declaration, Described };

const described = new WeakMap<z.ZodType, Described>();

/** Help, unit and source that a schema was declared with. */
export function describe(schema: z.ZodType): Described | undefined {
  return described.get(schema);
}

/**
 * Gives a schema its default, and what the list of settings and the JSON Schema tell about it. One that is
 * not shared stands nowhere else.
 */
export function declare<T extends z.ZodType>(
  schema: T,
  unit: string | undefined,
  declaration: Declaration,
  isShared = true,
): z.ZodType<z.output<T>> {
  const { help, source, steps } = declaration;
  const description = source ? `${help} (${source})` : help;
  const about = { description, ...(steps && { [STEPS]: steps }) };
  const withDefault: z.ZodType =
    declaration.default === undefined ? schema : z.prefault(schema, declaration.default as never);
  // Others may have the same schema, so that this is told of a copy; one with a default nobody else has.
  const isCopied = isShared && withDefault === schema;
  const told = isCopied ? schema.meta(about) : withDefault.register(z.globalRegistry, about);
  described.set(told, { help, ...(unit && { unit }), ...(source && { source }) });
  keepJsonSchema(withDefault, told);
  return told as unknown as z.ZodType<z.output<T>>;
}

/** A text that `parse` turns into a number; `example` completes "expected". */
function parsed(
  expected: string,
  parse: (text: string) => number | undefined,
  pattern: string,
): z.ZodType<number> {
  const schema = z.string({ error: expected }).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: expected, input: text });
    return z.NEVER;
  });
  return withJsonSchema(schema, () => ({ type: "string", pattern }));
}

// For editors: no stricter than the parsers of units.ts.
const DIGITS = "[0-9.]+(e[+-]?[0-9]+)?";
// Each setting of a kind is a copy of one schema, or has it inside: to make a schema takes zod about 25 us.
const DURATION = parsed(
  'a duration with a unit such as "250ms" or "30s"',
  parseDurationNs,
  `^(0|\\s*(${DIGITS}\\s*(ns|us|µs|ms|s|min|m|h|d)\\s*)+)$`,
);
const RATE = parsed(
  'a rate above zero such as "200/s"',
  (text) => parseRatePerSecond(text) || undefined,
  `^${DIGITS}\\s*/\\s*(s|sec|min|m|h|d)$`,
);
const BYTES = parsed('a size such as "2B" or "4KiB"', parseBytes, `^${DIGITS}\\s*(B|kB|MB|GB|KiB|MiB|GiB)$`);

/** A length of time in nanoseconds. */
export function duration(declaration: Declaration): z.ZodType<number> {
  return declare(DURATION, "duration", declaration);
}

/** Events per second, above zero. */
export function rate(declaration: Declaration): z.ZodType<number> {
  return declare(RATE, "rate", declaration);
}

/** A size in bytes. */
export function bytes(declaration: Declaration): z.ZodType<number> {
  return declare(BYTES, "bytes", declaration);
}

/** A whole number within limits. */
export function count(declaration: Declaration & { least: number; most?: number }): z.ZodType<number> {
  const { least, most } = declaration;
  const error =
    most === undefined ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`;
  // Made with its checks: zod's `check` copies a schema.
  const schema = new z.ZodNumberFormat({
    type: "number",
    check: "number_format",
    format: "safeint",
    abort: true,
    error: () => error,
    checks: [z.gte(least, { error }), z.lte(most ?? Number.MAX_SAFE_INTEGER, { error })],
  });
  return declare(schema, "count", declaration, false);
}

/** A finite number above a limit. */
export function number(declaration: Declaration & { above: number; most?: number }): z.ZodType<number> {
  const { above, most } = declaration;
  const error =
    most === undefined ? `a number above ${above}` : `a number above ${above} and at most ${most}`;
  const checks = [z.gt(above, { error }), z.lte(most ?? Number.MAX_VALUE, { error })];
  const schema = new z.ZodNumber({ type: "number", error: () => error, checks });
  return declare(schema, "number", declaration, false);
}

const SHARE_EXPECTED = "a share from 0 to 1";
const SHARE = z
  .number({ error: SHARE_EXPECTED })
  .check(z.gte(0, { error: SHARE_EXPECTED }), z.lte(1, { error: SHARE_EXPECTED }));

/** A share, from 0 to 1. */
export function share(declaration: Declaration): z.ZodType<number> {
  return declare(SHARE, "share", declaration);
}

const TOGGLE = z.boolean({ error: "true or false" });

/** true or false. */
export function toggle(declaration: Declaration): z.ZodType<boolean> {
  return declare(TOGGLE, undefined, declaration);
}

const TEXT_EXPECTED = "a text";
const TEXT = z.string({ error: TEXT_EXPECTED }).min(1, { error: TEXT_EXPECTED });

/** Free text that is not empty. */
export function text(declaration: Declaration): z.ZodType<string> {
  return declare(TEXT, undefined, declaration);
}

/** A text that must have a form; `expected` completes "expected". */
export function pattern(declaration: Declaration & { expected: string; form: RegExp }): z.ZodType<string> {
  const error = declaration.expected;
  const checks = [z.regex(declaration.form, { error })];
  const schema = new z.ZodString({ type: "string", error: () => error, checks });
  return declare(schema, undefined, declaration, false);
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], declaration: Declaration): z.ZodType<W> {
  const error =
    words.length === 1 ? `"${words[0]}"` : `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  // zod infers a type that a declaration file cannot spell.
  return declare(z.enum(words as [W, ...W[]], { error }) as z.ZodType<W>, undefined, declaration, false);
}

const NOTHING_ELSE = z.never();

/** A group of settings. Unknown keys are refused; the message lists the known ones for a suggestion. */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
  help?: string,
): z.ZodObject<{ -readonly [Key in keyof Shape]: Shape[Key] }, z.core.$strict> {
  // What zod's strictObject makes, which has a `never` of its own in each.
  const schema = new z.ZodObject({
    type: "object",
    shape,
    catchall: NOTHING_ELSE,
    error: (issue: z.core.$ZodRawIssue) =>
      issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : "a section of settings",
  }) as z.ZodObject<Shape, z.core.$strict>;
  if (help === undefined) return schema;
  described.set(schema, { help });
  return schema.register(z.globalRegistry, { description: help });
}

const ANYTHING = z.unknown();

/** A schema that is made when a value is read: most scenarios have none for most of what is optional. */
export function later<T extends z.ZodType>(make: () => T): z.ZodType<z.output<T>> {
  const made = once(make);
  const schema = ANYTHING.transform((input, context) => delegate(made(), input, context));
  return withJsonSchema(schema, () => fragment(made())) as never;
}

/** One element or a list of them; inside it is always a list. */
export function oneOrMany<T extends z.ZodType>(
  element: T | (() => T),
  help: string,
): z.ZodType<z.output<T>[]> {
  const one = typeof element === "function" ? once(element) : () => element;
  const many = once(() =>
    z.array(one(), { error: "a list" }).min(1, { error: "a list with at least one element" }),
  );
  const schema = ANYTHING.transform((input, context) => {
    if (Array.isArray(input)) return delegate(many(), input, context);
    const only = delegate(one(), input, context);
    return only === z.NEVER ? z.NEVER : [only];
  });
  const told = schema.register(z.globalRegistry, { description: help });
  described.set(told, { help });
  return withJsonSchema(told, () => ({ anyOf: [fragment(one()), fragment(many())] })) as never;
}

/** A mapping whose `key` names its kind by a word; `expected` completes "expected" for any other. */
export function byWord<Kinds extends Record<string, () => z.ZodType<object>>>(
  key: string,
  kinds: Kinds,
  expected: string,
): z.ZodType<z.output<ReturnType<Kinds[keyof Kinds & string]>>> {
  const made = new Map(Object.entries(kinds).map(([word, kind]) => [word, once(kind)]));
  const schema = ANYTHING.transform((input, context) => {
    const isMapping = typeof input === "object" && input !== null && !Array.isArray(input);
    const kind = isMapping ? made.get((input as Record<string, unknown>)[key] as string) : undefined;
    if (kind) return delegate(kind(), input, context);
    context.addIssue({ code: "custom", message: expected, input, path: isMapping ? [key] : [] });
    return z.NEVER;
  });
  return withJsonSchema(schema, () => ({
    oneOf: [...made.values()].map((kind) => fragment(kind())),
  })) as never;
}

/**
 * A mapping with exactly one key that names its kind, as `{ exponential: 50ms }`.
 * The value inside is `{ kind, ...settings }`; `short` reads an abbreviation such as `1s`.
 */
export function byKind<Kinds extends Record<string, z.ZodType<object>>>(
  kinds: Kinds | (() => Kinds),
  options: { expected: string; short?: z.ZodType<{ kind: string }> },
): z.ZodType<{ [K in keyof Kinds & string]: { kind: K } & z.output<Kinds[K]> }[keyof Kinds & string]> {
  const table = () => (typeof kinds === "function" ? kinds() : kinds);
  const schema = ANYTHING.transform((input, context) => {
    if (options.short && (typeof input !== "object" || input === null))
      return delegate(options.short, input, context);
    const keys =
      typeof input === "object" && input !== null && !Array.isArray(input) ? Object.keys(input) : [];
    const [key, ...others] = keys;
    if (key === undefined || others.length > 0) {
      context.addIssue({ code: "custom", message: options.expected, input });
      return z.NEVER;
    }
    const kind = Object.hasOwn(table(), key) ? table()[key] : undefined;
    if (!kind) {
      const message = Object.keys(table()).join(" ");
      context.addIssue({ code: "unrecognized_keys", keys: [key], message, input: input as object as never });
      return z.NEVER;
    }
    const inner = delegate(kind as z.ZodType<object>, (input as Record<string, unknown>)[key], context, key);
    return inner === z.NEVER ? z.NEVER : { kind: key, ...inner };
  });
  return withJsonSchema(schema, () => ({
    anyOf: [
      ...(options.short ? [fragment(options.short)] : []),
      ...Object.entries(table()).map(([key, kind]) => ({
        type: "object",
        properties: { [key]: fragment(kind) },
        required: [key],
        additionalProperties: false,
      })),
    ],
  })) as never;
}

/** Parses `input` with another schema and passes its issues on, below `key`. */
export function delegate<T extends z.ZodType>(
  schema: T,
  input: unknown,
  context: z.core.$RefinementCtx,
  key?: PropertyKey,
): z.output<T> {
  const outcome = schema.safeParse(input);
  if (outcome.success) return outcome.data;
  for (const issue of outcome.error.issues) {
    const path = key === undefined ? issue.path : [key, ...issue.path];
    context.issues.push({ ...issue, path, input } as never);
  }
  return z.NEVER;
}
