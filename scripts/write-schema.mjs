// Writes scenario.schema.json from the settings that the models declare, and result.schema.json from the
// Result: `npm run schema`.

import { writeFile } from "node:fs/promises";
import { jsonSchema, resultJsonSchema } from "../dist/lib/src/index.js";

for (const [name, schema] of [
  ["scenario.schema.json", jsonSchema()],
  ["result.schema.json", resultJsonSchema()],
]) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
