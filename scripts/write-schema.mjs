// Writes scenario.schema.json from the settings that the models declare, and a schema for each thing that
// commands print as JSON: `npm run schema`.

import { writeFile } from "node:fs/promises";
import * as recvq from "../dist/lib/src/index.js";

for (const [name, schema] of [
  ["scenario.schema.json", recvq.jsonSchema()],
  ["result.schema.json", recvq.resultJsonSchema()],
  ["comparison.schema.json", recvq.comparisonJsonSchema()],
  ["capacity.schema.json", recvq.capacityJsonSchema()],
  ["sweep.schema.json", recvq.sweepJsonSchema()],
  ["sensitivity.schema.json", recvq.sensitivityJsonSchema()],
  ["diagnosis.schema.json", recvq.diagnosisJsonSchema()],
  ["check.schema.json", recvq.checkJsonSchema()],
]) {
  await writeFile(new URL(`../${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
