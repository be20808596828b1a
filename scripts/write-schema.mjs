// Writes scenario.schema.json from the settings that the models declare, result.schema.json from the Result,
// comparison.schema.json from the Comparison and sweep.schema.json from the Sweep: `npm run schema`.

import { writeFile } from "node:fs/promises";
import {
  comparisonJsonSchema,
  jsonSchema,
  resultJsonSchema,
  sweepJsonSchema,
} from "../dist/lib/src/index.js";

for (const [name, schema] of [
  ["scenario.schema.json", jsonSchema()],
  ["result.schema.json", resultJsonSchema()],
  ["comparison.schema.json", comparisonJsonSchema()],
  ["sweep.schema.json", sweepJsonSchema()],
]) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
