// The JSON Schema of declared settings, also of those that zod cannot express.

import * as z from "zod";

const jsonSchemas = new WeakMap<z.ZodType, () => object>();
const definitions = new Map<string, () => object>();

/** The JSON Schema fragment of a schema that zod itself cannot express. */
function jsonSchemaOf(schema: z.ZodType): object | undefined {
  return jsonSchemas.get(schema)?.();
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

/** Gives a copy of a schema, which zod makes for each change, the same JSON Schema. */
export function keepJsonSchema(schema: z.ZodType, copy: z.ZodType): void {
  const json = jsonSchemas.get(schema);
  if (json) jsonSchemas.set(copy, json);
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
