// Writes scenario.schema.json from the settings that the models declare, and result.schema.json,
// comparison.schema.json and sensitivity.schema.json from what commands print: `npm run schema`.

import { writeFile } from "node:fs/promises";
import {
  comparisonJsonSchema,
  jsonSchema,
  resultJsonSchema,
  sensitivityJsonSchema,
} from "../dist/lib/src/index.js";

for (const [name, schema] of [
  ["scenario.schema.json", jsonSchema()],
  ["result.schema.json", resultJsonSchema()],
  ["comparison.schema.json", comparisonJsonSchema()],
  ["sensitivity.schema.json", sensitivityJsonSchema()],
]) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
