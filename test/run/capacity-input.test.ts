// What is wrong with a search is told with what was expected.

import { describe, expect, test } from "vitest";
import { capacity, ScenarioError, type Sought } from "../../src/index.js";

const SMALL = `
clients: { arrivals: { process: poisson, rate: 80/s, for: 20s } }
gunicorn: { bind: "unix:/run/g.sock", workers: 2, backlog: 2, overhead: 0s }
app: { sleep: { exponential: 20ms } }
`;
const failing = (text: string, sought: Sought) =>
  capacity(text, sought).then(
    () => "no error",
    (error: Error) => (error instanceof ScenarioError ? error.message : error),
  );

describe("wrong input is told with what was expected:", () => {
  const slo = "EAGAIN.share < 5%";
  test.each<[string, Sought, RegExp]>([
    ["neither max nor min", { slo }, /expected either max or min/],
    ["no objective", { max: "rate", slo: [] }, /expected at least one objective/],
    ["an objective that is none", { max: "rate", slo: "EAGAIN.shar < 5%" }, /did you mean "EAGAIN.share"/],
    [
      "an unknown setting",
      { min: "gunicorn.wokers", slo },
      /^--min gunicorn.wokers: unknown key; did you mean "workers"/,
    ],
    [
      "a setting with other words",
      { min: "gunicorn.preload_app", slo },
      /^--min gunicorn.preload_app: expected a setting that is a number/,
    ],
    [
      "a setting that is no number",
      { min: "gunicorn.bind", slo },
      /^--min gunicorn.bind: expected a setting that is a number/,
    ],
    [
      "bounds in another unit",
      { max: "rate", slo, within: "1..2" },
      /^--within 1..2: expected bounds such as 100\/s/,
    ],
    [
      "bounds the wrong way round",
      { max: "rate", slo, within: "2/s..1/s" },
      /expected the lower bound first/,
    ],
    ["no bounds where there is no value", { min: "app.sleep", slo }, /^--within: expected bounds such as/],
    [
      "a cause that there is not",
      { max: "rate", slo: "cause.rain.share < 1%" },
      /expected a cause of this scenario \(.*got "rain"/,
    ],
    [
      "never, of what is random",
      { max: "rate", slo: "EAGAIN.share <= 0%" },
      /^--slo "EAGAIN.share <= 0%": expected a limit above 0, .* no number of random runs/,
    ],
    [
      "a confidence that nobody has",
      { max: "rate", slo, confidence: 95 },
      /^--confidence: expected a share from 50% up to, and without, 100%, got 95$/,
    ],
    [
      "memory for no worker",
      { max: "rate", slo, memory: { worker: 2, total: 1 } },
      /expected memory for at least one worker/,
    ],
  ])("%s", async (_, sought, message) => {
    expect(await failing(SMALL, sought)).toMatch(message);
  });
});
