// The JSON Schema of a scenario's sections, made when the bundle is built instead of at each start.

import { build } from "esbuild";

/** What asks for it in the sources, and what the bundle has instead. */
const MODULE = "src/scenario/described.ts";

const MAKER = `
import { components } from "./models/index.js";
import { describedSections } from "./${MODULE.replace(/ts$/, "js")}";
export const described = describedSections(components);`;

/** An esbuild plugin: the module of a bundle whose only components are those of `models/`. */
export function readySchema(root) {
  return {
    name: "ready-schema",
    setup(bundle) {
      bundle.onLoad({ filter: /[\\/]scenario[\\/]described\.ts$/ }, async () => {
        const json = JSON.stringify(await described(root));
        const contents = `export const describedSections = () => JSON.parse(${JSON.stringify(json)});`;
        return { contents, loader: "js" };
      });
    },
  };
}

async function described(root) {
  const { outputFiles } = await build({
    stdin: { contents: MAKER, resolveDir: root },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return (await import(`data:text/javascript;base64,${code}`)).described;
}
