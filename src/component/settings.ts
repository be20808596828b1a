// Settings are declared once: name, default, unit, help and source. Validation, error messages, the JSON
// Schema and the list of settings all follow from the declaration.
//
// Convention for messages: what a schema of this file says about a bad value completes the sentence "expected
// …", so that every error reads "expected a whole number of at least 1, got 0".

import * as z from "zod";
import { type Declaration, type Described, STEPS } from "./declaration.js";
import { parseBytes, parseDurationNs, parseRatePerSecond } from "./units.js";

export type { Declaration, Described };

const described = new WeakMap<z.ZodType, Described>();
const jsonSchemas = new WeakMap<z.ZodType, () => object>();
const definitions = new Map<string, () => object>();

/** Help, unit and source that a schema was declared with. */
export function describe(schema: z.ZodType): Described | undefined {
  return described.get(schema);
}

/** The JSON Schema fragment of a schema that zod itself cannot express. */
function jsonSchemaOf(schema: z.ZodType): object | undefined {
  return jsonSchemas.get(schema)?.();
}

/** Gives a schema its default, and what the list of settings and the JSON Schema tell about it. */
export function declare<T extends z.ZodType>(
  schema: T,
  unit: string | undefined,
  declaration: Declaration,
): z.ZodType<z.output<T>> {
  const { help, source, steps } = declaration;
  const description = source ? `${help} (${source})` : help;
  const about = { description, ...(steps && { [STEPS]: steps }) };
  const withDefault: z.ZodType =
    declaration.default === undefined ? schema : z.prefault(schema, declaration.default as never);
  // Others may have the same schema, so that this is told of a copy; one with a default nobody else has.
  const told = withDefault === schema ? schema.meta(about) : withDefault.register(z.globalRegistry, about);
  described.set(told, { help, ...(unit && { unit }), ...(source && { source }) });
  // A copy has to keep the fragment.
  const json = jsonSchemas.get(withDefault);
  if (json) jsonSchemas.set(told, json);
  return told as unknown as z.ZodType<z.output<T>>;
}

/** Gives a schema that zod cannot express its JSON Schema. */
export function withJsonSchema<T extends z.ZodType>(schema: T, json: () => object): T {
  // Zod asks for it at each place where the schema stands, and several times at each.
  let known: object | undefined;
  jsonSchemas.set(schema, () => {
    known ??= json();
    return known;
  });
  return schema;
}

/**
 * Moves the JSON Schema of such a schema to the definitions: it contains itself, or stands in many places.
 */
export function named<T extends z.ZodType>(name: string, schema: T): T {
  definitions.set(name, jsonSchemas.get(schema) as () => object);
  return withJsonSchema(schema, () => ({ allOf: [{ $ref: `#/definitions/${name}` }] }));
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
  jsonSchemas.set(schema, () => ({ type: "string", pattern }));
  return schema;
}

// For editors: no stricter than the parsers of units.ts.
const DIGITS = "[0-9.]+(e[+-]?[0-9]+)?";
const DURATION_EXPECTED = 'a duration with a unit such as "250ms" or "30s"';

/** A length of time in nanoseconds. */
export function duration(declaration: Declaration): z.ZodType<number> {
  const schema = parsed(
    DURATION_EXPECTED,
    parseDurationNs,
    `^(0|\\s*(${DIGITS}\\s*(ns|us|µs|ms|s|min|m|h|d)\\s*)+)$`,
  );
  return declare(schema, "duration", declaration);
}

/** Events per second, above zero. */
export function rate(declaration: Declaration): z.ZodType<number> {
  const positive = (text: string) => parseRatePerSecond(text) || undefined;
  const schema = parsed(
    'a rate above zero such as "200/s"',
    positive,
    `^${DIGITS}\\s*/\\s*(s|sec|min|m|h|d)$`,
  );
  return declare(schema, "rate", declaration);
}

/** A size in bytes. */
export function bytes(declaration: Declaration): z.ZodType<number> {
  const schema = parsed(
    'a size such as "2B" or "4KiB"',
    parseBytes,
    `^${DIGITS}\\s*(B|kB|MB|GB|KiB|MiB|GiB)$`,
  );
  return declare(schema, "bytes", declaration);
}

/** A whole number within limits. */
export function count(declaration: Declaration & { least: number; most?: number }): z.ZodType<number> {
  const { least, most } = declaration;
  const error =
    most === undefined ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`;
  // Both at once: zod copies a schema for each call.
  const schema = z
    .int({ error, abort: true })
    .check(z.gte(least, { error }), z.lte(most ?? Number.MAX_SAFE_INTEGER, { error }));
  return declare(schema, "count", declaration);
}

/** A finite number above a limit. */
export function number(declaration: Declaration & { above: number; most?: number }): z.ZodType<number> {
  const { above, most } = declaration;
  const error =
    most === undefined ? `a number above ${above}` : `a number above ${above} and at most ${most}`;
  const schema = z
    .number({ error })
    .check(z.gt(above, { error }), z.lte(most ?? Number.MAX_VALUE, { error }));
  return declare(schema, "number", declaration);
}

/** A share, from 0 to 1. */
export function share(declaration: Declaration): z.ZodType<number> {
  const error = "a share from 0 to 1";
  return declare(z.number({ error }).min(0, { error }).max(1, { error }), "share", declaration);
}

/** true or false. */
export function toggle(declaration: Declaration): z.ZodType<boolean> {
  return declare(z.boolean({ error: "true or false" }), undefined, declaration);
}

/** Free text that is not empty. */
export function text(declaration: Declaration): z.ZodType<string> {
  const error = "a text";
  return declare(z.string({ error }).min(1, { error }), undefined, declaration);
}

/** A text that must have a form; `expected` completes "expected". */
export function pattern(declaration: Declaration & { expected: string; form: RegExp }): z.ZodType<string> {
  const error = declaration.expected;
  return declare(z.string({ error }).regex(declaration.form, { error }), undefined, declaration);
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], declaration: Declaration): z.ZodType<W> {
  const error =
    words.length === 1 ? `"${words[0]}"` : `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  // zod infers a type that a declaration file cannot spell.
  return declare(z.enum(words as [W, ...W[]], { error }) as z.ZodType<W>, undefined, declaration);
}

/** A group of settings. Unknown keys are refused; the message lists the known ones for a suggestion. */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
  help?: string,
): z.ZodObject<{ -readonly [Key in keyof Shape]: Shape[Key] }, z.core.$strict> {
  const schema = z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : "a section of settings",
  });
  if (help === undefined) return schema;
  const told = schema.meta({ description: help });
  described.set(told, { help });
  return told;
}

/** One element or a list of them; inside it is always a list. */
export function oneOrMany<T extends z.ZodType>(element: T, help: string): z.ZodType<z.output<T>[]> {
  const many = z.array(element, { error: "a list" }).min(1, { error: "a list with at least one element" });
  const schema = z.unknown().transform((input, context) => {
    if (Array.isArray(input)) return delegate(many, input, context);
    const only = delegate(element, input, context);
    return only === z.NEVER ? z.NEVER : [only];
  });
  const told = schema.meta({ description: help });
  described.set(told, { help });
  return withJsonSchema(told, () => ({ anyOf: [fragment(element), fragment(many)] })) as unknown as z.ZodType<
    z.output<T>[]
  >;
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
  const schema = z.unknown().transform((input, context) => {
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
  jsonSchemas.set(schema, () => ({
    anyOf: [
      ...(options.short ? [fragment(options.short)] : []),
      ...Object.entries(table()).map(([key, kind]) => ({
        type: "object",
        properties: { [key]: fragment(kind) },
        required: [key],
        additionalProperties: false,
      })),
    ],
  }));
  return schema as never;
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

/** JSON Schema (draft 7) of what a user may write for this schema, with the definitions that it refers to. */
export function toJsonSchema(schema: z.ZodType): object {
  const own = fragment(schema);
  const used = referred(own);
  return { $schema: DRAFT, ...own, ...(Object.keys(used).length > 0 && { definitions: used }) };
}

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** The same without the definitions, to stand inside another one. */
export function fragment(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const known = jsonSchemaOf(zodSchema as unknown as z.ZodType);
      if (known) Object.assign(jsonSchema, known);
    },
  });
  return rest;
}

function referred(json: object, found: Record<string, object> = {}): Record<string, object> {
  for (const [, name] of JSON.stringify(json).matchAll(/"#\/definitions\/([\w-]+)"/g)) {
    const definition = definitions.get(name as string);
    if (!definition || (name as string) in found) continue;
    found[name as string] = definition();
    referred(found[name as string] as object, found);
  }
  return found;
}
