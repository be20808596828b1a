import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { v8Flags } from "./src/node/tuning.js";
import { skippedReporter } from "./test/support/skipped-reporter.js";

/**
 * Tests that compute for minutes import src and models as they are built, and as modules of Node's own:
 * vitest's hand every name over through a getter, where V8 no longer sees one function. Together with the
 * flags that `recvq run` gives V8 they take 0.47 of the time (N20 of the theory to 5 %, Node 20.20, 2026-12).
 */
const computing = [
  "test/theory/*.test.ts",
  "test/rare/*.test.ts",
  "test/run/{coverage,one-long-run}.test.ts",
];
const built = fileURLToPath(new URL("dist/lib/", import.meta.url));

export default defineConfig({
  test: {
    // .ci/run counts the tests in the JSON file.
    reporters: ["default", "json", skippedReporter],
    outputFile: { json: "node_modules/.cache/recvq/tests.json" },
    // vitest leaves one processor for itself, which is half of two. Files that start the command line then wait
    // for each other's processes: their tests have time for that.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "recvq",
          include: ["test/**/*.test.ts"],
          exclude: computing,
          globalSetup: "test/support/built-command.ts",
        },
      },
      {
        extends: true,
        resolve: { alias: [{ find: /^(?:\.\.\/)+(src|models)\//, replacement: `${built}$1/` }] },
        test: {
          name: "computing",
          include: computing,
          globalSetup: "test/support/built-library.ts",
          server: { deps: { external: [/\/dist\/lib\//] } },
          execArgv: v8Flags(process.versions.v8),
        },
      },
    ],
  },
});
