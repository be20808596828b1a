// Writes scenario.schema.json from the settings that the models declare, and the schemas of the Result, the
// Comparison and the Diagnosis: `npm run schema`.

import { writeFile } from "node:fs/promises";
import {
  comparisonJsonSchema,
  diagnosisJsonSchema,
  jsonSchema,
  resultJsonSchema,
} from "../dist/lib/src/index.js";

for (const [name, schema] of [
  ["scenario.schema.json", jsonSchema()],
  ["result.schema.json", resultJsonSchema()],
  ["comparison.schema.json", comparisonJsonSchema()],
  ["diagnosis.schema.json", diagnosisJsonSchema()],
]) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
