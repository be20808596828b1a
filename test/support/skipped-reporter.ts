// Says at the end how many tests were skipped and why, so that nobody takes a bare machine's green for a full
// one.

import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

export const skippedReporter: Reporter = {
  onTestRunEnd(modules) {
    const counts = new Map<string, number>();
    for (const because of modules.flatMap(reasonsOfSkipped))
      counts.set(because, (counts.get(because) ?? 0) + 1);
    for (const [because, count] of counts) {
      process.stdout.write(`skipped ${count} ${count === 1 ? "test" : "tests"}: ${because}\n`);
    }
  },
};

function reasonsOfSkipped(module: TestModule): string[] {
  const tests = [...module.children.allTests("skipped")];
  return tests.map((test) => test.meta().skippedBecause ?? reasonOf(test.parent) ?? noteOf(test));
}

function reasonOf(parent: TestSuite | TestModule): string | undefined {
  if (parent.type === "module") return undefined;
  return parent.meta().skippedBecause ?? reasonOf(parent.parent);
}

function noteOf(test: TestCase): string {
  const result = test.result();
  return (result.state === "skipped" && result.note) || "marked as skipped";
}
