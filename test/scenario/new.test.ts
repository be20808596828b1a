// A new scenario: every template loads and runs, every answer is in the text, wrong ones are named.

import { describe, expect, test } from "vitest";
import { components } from "../../models/index.js";
import { load, predict } from "../../src/index.js";
import { type Answers, complaintAbout, newScenario } from "../../src/scenario/new.js";
import { TEMPLATES } from "../../src/scenario/templates.js";

const given = (key: keyof Answers, value: string) => `--${key} ${value}`;
const SCHEMA = "./scenario.schema.json";
const [{ claim, answers: usual }] = TEMPLATES as [(typeof TEMPLATES)[number]];
const textOf = (answers: Answers) => newScenario({ claim, answers, schema: SCHEMA, components, given });

describe("the template", () => {
  test.each(TEMPLATES.map((template) => [template.name, template] as const))(
    "%s loads and runs",
    async (_, template) => {
      const text = newScenario({ ...template, schema: SCHEMA, components, given });
      expect(text.split("\n").slice(0, 2)).toEqual([
        `# ${template.claim}`,
        `# yaml-language-server: $schema=${SCHEMA}`,
      ]);
      const short = text.replaceAll("for: 60s", "for: 500ms").replace("replications: 20", "replications: 1");
      const { outcomes, warnings } = await predict(short);
      expect(outcomes["200"]?.count).toBeGreaterThan(10);
      expect(warnings).toEqual([]);
    },
  );
});

test("an answer is in the scenario that it makes", () => {
  const answers: Answers = {
    ...usual,
    socket: "tcp",
    rate: "7/s",
    service: "90ms",
    workers: "3",
    worker_class: "gthread",
    threads: "5",
    kernel: "linux-4.15",
  };
  const { settings } = load(textOf(answers));
  expect(settings).toMatchObject({
    kernel: [{ profile: "linux-4.15" }],
    clients: [{ arrivals: [{ rate: 7 }] }],
    nginx: { upstream: { servers: [{ address: "127.0.0.1:8000" }] } },
    gunicorn: [{ bind: ["127.0.0.1:8000"], workers: 3, worker_class: "gthread", threads: 5 }],
    app: { sleep: { kind: "exponential", meanNs: 90e6 } },
  });
});

test("clients may connect straight to gunicorn", () => {
  expect(load(textOf({ ...usual, connect: "gunicorn" })).settings.nginx).toBeUndefined();
});

test("wrong answers are all told, as they were given", () => {
  expect(() => textOf({ ...usual, workers: "0", rate: "fast" })).toThrow(
    '--rate fast: expected a rate above zero such as "200/s", got "fast"\n' +
      "--workers 0: expected a whole number from 1 to 100000, got 0",
  );
});

test("a question can be told what is wrong with its answer alone", () => {
  expect(complaintAbout("service", { ...usual, service: "50" }, components)).toMatch(/^expected a duration/);
  expect(complaintAbout("service", usual, components)).toBeUndefined();
});
