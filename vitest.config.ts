import { defineConfig } from "vitest/config";
import { skippedReporter } from "./test/support/skipped-reporter.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/global-setup.ts",
    // .ci/run counts the tests in the JSON file.
    reporters: ["default", "json", skippedReporter],
    outputFile: { json: "node_modules/.cache/recvq/tests.json" },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
