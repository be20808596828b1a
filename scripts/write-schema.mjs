// Writes scenario.schema.json from the settings that the models declare, result.schema.json from the Result,
// capacity.schema.json from the Capacity and comparison.schema.json from the Comparison: `npm run schema`.

import { writeFile } from "node:fs/promises";
import {
  capacityJsonSchema,
  comparisonJsonSchema,
  jsonSchema,
  resultJsonSchema,
} from "../dist/lib/src/index.js";

for (const [name, schema] of [
  ["scenario.schema.json", jsonSchema()],
  ["result.schema.json", resultJsonSchema()],
  ["capacity.schema.json", capacityJsonSchema()],
  ["comparison.schema.json", comparisonJsonSchema()],
]) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
