// The JSON Schema of the sections of a scenario. To make it takes zod a fifth of what a small run takes, so
// that the bundle of the command line has that of recvq's own components ready (scripts/ready-schema.mjs).

import type { Component } from "../component/component.js";
import { toJsonSchema } from "../component/settings.js";
import { scenarioSchema } from "./schema.js";
import type { JsonSchema } from "./shape.js";

/** What may stand in a scenario of these components, without `extends`. */
export function describedSections(components: readonly Component[]): JsonSchema {
  return toJsonSchema(scenarioSchema(components)) as JsonSchema;
}
