// The JSON Schema that gives editors completion and checks. It follows from the declared settings.

import type { Component } from "../component/component.js";
import { STEPS } from "../component/declaration.js";
import { describedSections } from "./described.js";
import { EXTENDS_HELP } from "./schema.js";
import type { JsonSchema } from "./shape.js";

/**
 * JSON Schema (draft 7) of a scenario file. A file that extends another need not be complete, and its nulls
 * remove keys: there the same settings are described with nothing required.
 */
export function scenarioJsonSchema(components: readonly Component[]): JsonSchema {
  const { $schema, definitions, ...whole } = withoutSteps(describedSections(components));
  const base: JsonSchema = { type: "string", minLength: 1, description: EXTENDS_HELP };
  const overlay = relaxed(whole);
  const relaxedDefinitions = Object.entries(definitions ?? {}).map(([name, definition]) => [
    overlayName(name),
    relaxed(definition),
  ]);
  return {
    ...($schema !== undefined && { $schema }),
    title: "recvq scenario",
    description: "What clients send, and what nginx, gunicorn and the kernel that receive it are set to.",
    type: "object",
    if: { required: ["extends"] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
    then: { ...overlay, properties: { extends: base, ...overlay.properties } },
    else: { ...whole, properties: { extends: base, ...whole.properties } },
    ...(definitions && { definitions: { ...definitions, ...Object.fromEntries(relaxedDefinitions) } }),
  };
}

/** How a setting is turned is nothing that an editor checks. */
function withoutSteps(schema: object): JsonSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === STEPS ? undefined : value)));
}

const overlayName = (name: string) => `${name}-overlay`;

/** The same schema with nothing required and null allowed for every key. */
function relaxed(schema: JsonSchema): JsonSchema {
  const { required: _, ...loose } = schema;
  if (loose.$ref !== undefined) loose.$ref = overlayName(loose.$ref);
  for (const key of ["anyOf", "oneOf", "allOf"] as const) {
    const inner = loose[key];
    if (inner) loose[key] = inner.map(relaxed);
  }
  // Without what is required, several alternatives may fit.
  if (loose.oneOf) {
    loose.anyOf = loose.oneOf;
    delete loose.oneOf;
  }
  if (loose.properties) loose.properties = mapValues(loose.properties, orNull);
  if (typeof loose.additionalProperties === "object") {
    loose.additionalProperties = orNull(loose.additionalProperties);
  }
  return loose;
}

function orNull(schema: JsonSchema): JsonSchema {
  const { description, default: byDefault, ...inner } = relaxed(schema);
  return {
    ...(description !== undefined && { description }),
    ...(byDefault !== undefined && { default: byDefault }),
    anyOf: [inner, { type: "null" }],
  };
}

function mapValues(record: Record<string, JsonSchema>, change: (schema: JsonSchema) => JsonSchema) {
  return Object.fromEntries(Object.entries(record).map(([key, schema]) => [key, change(schema)]));
}
