// Writes scenario.schema.json from the settings that the models declare: `npm run schema`.

import { writeFile } from "node:fs/promises";
import { jsonSchema } from "../dist/lib/src/index.js";

const file = new URL("../scenario.schema.json", import.meta.url);
await writeFile(file, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
