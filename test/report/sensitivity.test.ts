// What `recvq sensitivity` prints, of a burst of 40 that is exact: some with the workers, one more than the lower of
// both backlogs in the queue, the others refused.

import { beforeAll, describe, expect, test } from "vitest";
import { type Sensitivity, sensitivity } from "../../src/index.js";
import { sensitivityText } from "../../src/report/sensitivity.js";
import { tornado } from "../../src/report/tornado.js";

const BURST = `
kernel: { sysctl: { net.core.somaxconn: 9 } }
clients: { arrivals: { process: burst, requests: 40 } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 9, overhead: 0s }
app: { sleep: 1s }
`;
const KNOBS = [
  "gunicorn.workers=1,4",
  "gunicorn.backlog",
  "net.core.somaxconn",
  "gunicorn.timeout",
  "clients.arrivals.requests=36",
];

describe("the text of a sensitivity", () => {
  let found: Sensitivity;
  const text = (options = {}) => sensitivityText(found, { columns: 80, colour: false, ...options });

  beforeAll(async () => {
    found = await sensitivity(BURST, { knobs: KNOBS });
  });

  test("says first what to change, what that turns failures into, and by how much", () => {
    // 28 of 40 are refused; two at a time, the last of 40 is done after 20 s, and of 12 after 6 s.
    const [first = "", second = ""] = text({ quiet: true }).split("; then ");
    expect(first).toContain(
      "net.core.somaxconn 9 -> 128, gunicorn.backlog 9 -> 128 removes all EAGAIN failures (70 % -> 0 %) " +
        "and turns them into waiting (p99 of successes 6s -> 20s)",
    );
    expect(first).toMatch(/\[failure.share -70 pp\]$/);
    expect(second).toMatch(/^gunicorn.workers 2 -> 4 removes 7.1 % of the EAGAIN failures \(70 % -> 65 %\)/);
    expect(text()).toContain("gunicorn.workers 2 -> 1 brings 3.6 % more EAGAIN failures (70 % -> 72.5 %)");
  });

  test("names the setting that hides another one, and leaves out what has no effect", () => {
    const none = text({ columns: 500 }).split("No effect here")[1] ?? "";
    expect(none).toContain(
      "gunicorn.backlog 9 -> 128 or 4096: bound by net.core.somaxconn = 9, so that both are turned together as well",
    );
    expect(none).toContain("net.core.somaxconn 9 -> 128 or 4096: bound by gunicorn.backlog = 9");
    expect(none).toContain("gunicorn.timeout 30s -> 15s or 60s");
  });

  test("keeps to the columns", () => {
    for (const columns of [60, 80, 120]) {
      const longest = Math.max(
        ...text({ columns })
          .split("\n")
          .map((line) => line.length),
      );
      expect(longest).toBeLessThanOrEqual(columns);
    }
  });

  test("has colour only where it is wanted", () => {
    expect(text()).not.toContain("\u001b");
    expect(text({ colour: true })).toContain("\u001b[32m");
  });
});

describe("a tornado chart", () => {
  const bar = (label: string, size: number) => ({
    label,
    size,
    value: String(size),
    finding: "good" as const,
  });

  test("has what lowers a number on the left and what raises it on the right, in proportion", () => {
    const lines = tornado([bar("a", -4), bar("b", 2), bar("c", -1)], { columns: 40, colour: false });
    expect(lines).toMatchInlineSnapshot(`
      [
        "  a  -4  ████████████████████│",
        "  b   2                      │██████████",
        "  c  -1                 █████│",
      ]
    `);
  });

  test("shows the smallest change as well, and no bar on a side where there is none", () => {
    const lines = tornado([bar("a", 1000), bar("b", 1)], { columns: 40, colour: false });
    expect(lines.map((line) => line.split("│")[1]?.length)).toEqual([28, 1]);
  });
});
