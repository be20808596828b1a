import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { skippedReporter } from "./test/support/skipped-reporter.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    // .ci/run counts the tests in the JSON file.
    reporters: ["default", "json", skippedReporter],
    outputFile: { json: "node_modules/.cache/recvq/tests.json" },
    // vitest leaves one processor for itself, which is half of two. Files that start the command line then wait
    // for each other's processes: their tests have time for that.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
