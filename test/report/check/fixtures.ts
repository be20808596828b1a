// Checks with all that reports have to say, written by hand, and one with hostile names.

import type {
  BaselineFinding,
  Check,
  CheckedThreshold,
  ScenarioCheck,
} from "../../../src/check/check-result.js";
import { parseExpression } from "../../../src/check/expression.js";
import { around } from "../fixtures.js";

export const HOSTILE =
  "a <b> & \"c\" 'd'\u001b[2J\u0000\n::error::x,y:z%0A|`e`` @team #1 $x$ \\ ]]> \ud800.yaml";
const CAUSE = {
  id: "unix-accept-queue-full",
  text: "unix accept queue full (5 of 5) at unix:/run/g.sock",
  settings: ["gunicorn.backlog = 4", "net.core.somaxconn = 4096"],
  share: 0.0398,
};

export function threshold(
  text: string,
  status: CheckedThreshold["status"],
  more: Partial<CheckedThreshold> = {},
) {
  const parsed = parseExpression(text);
  if ("wrong" in parsed) throw new Error(parsed.wrong);
  return {
    ...parsed.objective,
    ...{ status, estimate: around(0.039, 0.02), p: 0.3, replications_needed: null },
    ...{ file: "s/a.yaml", line: 4, column: 5 },
    ...more,
  };
}

export function scenario(source: string, thresholds: CheckedThreshold[], more: Partial<ScenarioCheck> = {}) {
  const statuses = thresholds.map(({ status }) => status);
  const status = (["failed", "undecided"] as const).find((one) => statuses.includes(one)) ?? "passed";
  return {
    ...{ source, seed: "1", replications: 20, exact: false, status, thresholds, baseline: null },
    ...{ causes: [CAUSE], warnings: [] },
    ...more,
  } satisfies ScenarioCheck;
}

export function check(...scenarios: ScenarioCheck[]): Check {
  const statuses = scenarios.map(({ status }) => status);
  const status = (["failed", "undecided"] as const).find((one) => statuses.includes(one)) ?? "passed";
  return { version: 1, recvq: "0.1.0", confidence: 0.95, status, scenarios };
}

const passed = threshold("502.share < 90%", "passed");
export const failed = threshold("EAGAIN.share < 1%", "failed");
const undecided = threshold("EAGAIN.share < 4.3%", "undecided", { replications_needed: 800, line: 5 });
const changed: BaselineFinding = {
  ...{
    status: "changed",
    recvq: "0.0.9",
    replications: 20,
    paired: true,
    fingerprint: "b",
    was: "a",
    resolution: 0.001,
  },
  differences: [
    {
      ...{
        metric: "EAGAIN.share",
        kind: "outcome",
        unit: "share",
        a: around(0.02, 0.01),
        b: around(0.04, 0.01),
      },
      ...{ difference: around(0.02, 0.001), relative: 1, method: "t", pairs: 20, p: 1e-9, p_holm: 1e-8 },
      ...{ finding: "worse", replications_needed: null, variance_ratio: 0.1 },
    },
  ],
  culprits: [{ kind: "setting", name: "gunicorn.backlog", a: 9, b: 4, effect: null }],
};
export const MIXED = check(
  scenario("s/good.yaml", [passed]),
  scenario("s/a.yaml", [passed, failed, undecided], { warnings: ["the load has no steady state"] }),
  scenario("s/none.yaml", [], { causes: [], replications: 0, warnings: ["expects nothing"] }),
);
export const GOOD = check(scenario("s/good.yaml", [passed]));
export const NASTY = check(
  scenario(HOSTILE, [failed, threshold("EAGAIN.share < 2%", "failed", { file: HOSTILE })], {
    causes: [{ ...CAUSE, text: HOSTILE, settings: [HOSTILE] }],
    warnings: [HOSTILE],
  }),
);
export const CHANGED = check(scenario("s/a.yaml", [passed], { status: "failed", baseline: changed }));
