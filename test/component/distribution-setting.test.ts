import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  type DistributionSetting,
  distribution,
  withFiles,
} from "../../src/component/distribution-setting.js";
import { describe as describeSetting, section, toJsonSchema } from "../../src/component/settings.js";
import { meanNs } from "../../src/engine/distribution.js";
import { LONGEST_NS, MILLISECOND as MS, SECOND } from "../../src/engine/time.js";

const sleep = distribution({ help: "how long a request holds its worker", default: "0s" });
const settings = section({ sleep });

/** What a good value means. */
function meaning(written: unknown): DistributionSetting {
  return settings.parse({ sleep: written }).sleep;
}

/** `path: expected …` of each mistake in a bad value. */
function mistakes(written: unknown): string[] {
  const { error } = settings.safeParse({ sleep: written });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: expected ${message}`);
}

const good: [written: unknown, DistributionSetting][] = [
  ["1s", { kind: "constant", valueNs: SECOND }],
  ["0", { kind: "constant", valueNs: 0 }],
  [{ constant: "1s" }, { kind: "constant", valueNs: SECOND }],
  [{ uniform: { low: "1ms", high: "2ms" } }, { kind: "uniform", lowNs: MS, highNs: 2 * MS }],
  [{ exponential: "50ms" }, { kind: "exponential", meanNs: 50 * MS }],
  [{ exponential: { mean: "50ms" } }, { kind: "exponential", meanNs: 50 * MS }],
  [{ lognormal: { mean: "50ms", cv: 1.2 } }, { kind: "lognormal", meanNs: 50 * MS, cv: 1.2 }],
  [{ gamma: { mean: "50ms", cv: 0.5 } }, { kind: "gamma", meanNs: 50 * MS, cv: 0.5 }],
  [{ weibull: { shape: 0.7, scale: "5ms" } }, { kind: "weibull", shape: 0.7, scaleNs: 5 * MS }],
  [{ pareto: { minimum: "5ms", alpha: 1.5 } }, { kind: "pareto", minimumNs: 5 * MS, alpha: 1.5 }],
  [
    {
      hyperexponential: [
        { probability: 0.99, mean: "10ms" },
        { probability: 0.01, mean: "1s" },
      ],
    },
    {
      kind: "hyperexponential",
      phases: [
        { probability: 0.99, meanNs: 10 * MS },
        { probability: 0.01, meanNs: SECOND },
      ],
    },
  ],
  [
    {
      mixture: [
        { weight: 0.9, of: "50ms" },
        { weight: 0.1, of: { exponential: "8s" } },
      ],
    },
    {
      kind: "mixture",
      parts: [
        { weight: 0.9, of: { kind: "constant", valueNs: 50 * MS } },
        { weight: 0.1, of: { kind: "exponential", meanNs: 8 * SECOND } },
      ],
    },
  ],
  [{ empirical: ["10ms", "20ms"] }, { kind: "empirical", valuesNs: [10 * MS, 20 * MS] }],
  [{ empirical: "times.csv" }, { kind: "empirical", file: "times.csv" }],
  [
    { truncated: { of: { exponential: "1s" }, low: "1ms", high: "10s" } },
    { kind: "truncated", of: { kind: "exponential", meanNs: SECOND }, lowNs: MS, highNs: 10 * SECOND },
  ],
  [
    { truncated: { of: { exponential: "1s" }, low: "1ms" } },
    { kind: "truncated", of: { kind: "exponential", meanNs: SECOND }, lowNs: MS, highNs: LONGEST_NS },
  ],
  [
    { truncated: { of: { empirical: "times.csv" }, high: "1s" } },
    { kind: "truncated", of: { kind: "empirical", file: "times.csv" }, lowNs: 0, highNs: SECOND },
  ],
];

const bad: [reason: string, written: unknown, ...expected: string[]][] = [
  ["a number without a unit", 3, 'sleep: expected a duration with a unit such as "250ms" or "30s"'],
  [
    "no kind",
    {},
    "sleep: expected a duration or a mapping with one kind of distribution such as { exponential: 50ms }",
  ],
  [
    "two kinds",
    { exponential: "1s", constant: "1s" },
    "sleep: expected a duration or a mapping with one kind of distribution such as { exponential: 50ms }",
  ],
  [
    "a list without a kind",
    ["1s"],
    "sleep: expected a duration or a mapping with one kind of distribution such as { exponential: 50ms }",
  ],
  ["a mean of zero", { exponential: "0s" }, "sleep.exponential: expected a duration above zero"],
  [
    "a list of means",
    { exponential: ["1s"] },
    "sleep.exponential: expected a mean such as 50ms or { mean: 50ms }",
  ],
  [
    "a duration where parameters are needed",
    { lognormal: "1s" },
    "sleep.lognormal: expected parameters such as { mean: 50ms, cv: 1.2 }",
  ],
  [
    "two mistakes, both told",
    { gamma: { mean: "1", cv: -1 } },
    'sleep.gamma.mean: expected a duration with a unit such as "250ms" or "30s"',
    "sleep.gamma.cv: expected a number above 0 and at most 1000",
  ],
  [
    "limits in the wrong order",
    { uniform: { low: "2ms", high: "1ms" } },
    'sleep.uniform.high: expected a duration above "low"',
  ],
  [
    "a limit that is no duration",
    { uniform: { low: "2", high: "1ms" } },
    'sleep.uniform.low: expected a duration with a unit such as "250ms" or "30s"',
  ],
  [
    "a hyperexponential more even than an exponential",
    { hyperexponential: { mean: "1s", cv: 0.5 } },
    "sleep.hyperexponential.cv: expected a number of at least 1; less is for gamma or lognormal",
  ],
  [
    "probabilities that do not add up",
    { hyperexponential: [0.7, 0.2].map((probability) => ({ probability, mean: "1s" })) },
    "sleep.hyperexponential: expected probabilities that sum to 1 (these sum to 0.9)",
  ],
  [
    "a probability above 1",
    { hyperexponential: [{ probability: 1.5, mean: "1s" }] },
    "sleep.hyperexponential.0.probability: expected a number above 0 and at most 1",
  ],
  [
    "a mistake deep inside",
    { mixture: [{ weight: 1, of: { truncated: { of: { weibull: { shape: 0, scale: "1s" } } } } }] },
    "sleep.mixture.0.of.truncated.of.weibull.shape: expected a number above 0",
  ],
  ["an empty mixture", { mixture: [] }, "sleep.mixture: expected a list with at least one part"],
  ["an empty list", { empirical: [] }, "sleep.empirical: expected a list with at least one duration"],
  [
    "a truncation whose limits are in the wrong order",
    { truncated: { of: { exponential: "1s" }, low: "2s", high: "1s" } },
    'sleep.truncated.high: expected a duration above "low"',
  ],
  [
    "a truncation that would draw for ever",
    { truncated: { of: { exponential: "1s" }, low: "100s" } },
    'sleep.truncated: expected limits that hold at least 1 % of the distribution in "of" ' +
      "(the others are drawn again)",
  ],
  [
    "a truncated constant outside the limits",
    { truncated: { of: "5s", high: "1s" } },
    'sleep.truncated: expected limits that hold at least 1 % of the distribution in "of" ' +
      "(the others are drawn again)",
  ],
];

describe("a distribution", () => {
  test.each(good.map(([written, expected]) => [JSON.stringify(written), written, expected] as const))(
    "is understood: %s",
    (_, written, expected) => {
      expect(meaning(written)).toEqual(expected);
    },
  );

  test.each(bad)("is refused with path and expectation: %s", (_, written, ...expected) => {
    expect(mistakes(written)).toEqual(expected);
  });

  test.each(["expnential", "constructor", "toString"])(
    "of the unknown kind %s lists the known ones",
    (kind) => {
      const { error } = settings.safeParse({ sleep: { [kind]: "1s" } });
      expect(error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: [kind], path: ["sleep"] }]);
      expect(error?.issues[0]?.message).toMatch(/^constant uniform exponential /);
    },
  );

  test("has the default of its declaration", () => {
    expect(settings.parse({}).sleep).toEqual({ kind: "constant", valueNs: 0 });
    expect(describeSetting(sleep)).toEqual({
      help: "how long a request holds its worker",
      unit: "duration or distribution",
    });
  });
});

describe("a hyperexponential by mean and cv", () => {
  test.each([1, 1.5, 4, 100, 1000])("has that mean and cv, and balanced means: %d", (cv) => {
    const found = meaning({ hyperexponential: { mean: "1s", cv } });
    if (found.kind !== "hyperexponential") throw new Error(found.kind);
    const [often, rare] = found.phases.map(({ probability, meanNs }) => ({
      probability,
      mean: meanNs / SECOND,
    }));
    expect(often!.probability + rare!.probability).toBe(1);
    expect(often!.probability * often!.mean).toBeCloseTo(0.5, 9);
    expect(rare!.probability * rare!.mean).toBeCloseTo(0.5, 9);
    // E[X^2] = 2 (p1 m1^2 + p2 m2^2) = m1 + m2 for balanced means of 1, and it is 1 + cv^2.
    expect((often!.mean + rare!.mean) / (1 + cv ** 2)).toBeCloseTo(1, 9);
  });
});

describe("the files of a distribution", () => {
  const read = (file: string) => (file === "a.csv" ? [MS, 3 * MS] : [SECOND]);

  test("are replaced by their values, however deep", () => {
    const setting = meaning({
      mixture: [
        { weight: 1, of: { empirical: "a.csv" } },
        { weight: 2, of: { truncated: { of: { empirical: "b.csv" }, high: "10s" } } },
        { weight: 1, of: "5ms" },
      ],
    });
    expect(withFiles(setting, read)).toEqual({
      kind: "mixture",
      parts: [
        { weight: 1, of: { kind: "empirical", valuesNs: [MS, 3 * MS] } },
        {
          weight: 2,
          of: {
            kind: "truncated",
            of: { kind: "empirical", valuesNs: [SECOND] },
            lowNs: 0,
            highNs: 10 * SECOND,
          },
        },
        { weight: 1, of: { kind: "constant", valueNs: 5 * MS } },
      ],
    });
    expect(meanNs(withFiles(meaning({ empirical: "a.csv" }), read))).toBe(2 * MS);
  });

  test("are not asked for where there are none", () => {
    const unread = () => {
      throw new Error("read a file");
    };
    const listed = meaning({ empirical: ["1s"] });
    expect(withFiles(listed, unread)).toEqual(listed);
    expect(() => withFiles(meaning({ empirical: "a.csv" }), unread)).toThrow("read a file");
  });
});

describe("the JSON Schema of a distribution", () => {
  const schema = toJsonSchema(settings) as { definitions: Record<string, object> };
  const validator = z.fromJSONSchema(schema as never);

  test("stands once in the definitions, and contains itself", () => {
    expect(schema).toMatchObject({
      properties: { sleep: { default: "0s", allOf: [{ $ref: "#/definitions/distribution" }] } },
    });
    expect(Object.keys(schema.definitions)).toEqual(["distribution"]);
    expect(JSON.stringify(schema.definitions.distribution)).toContain('"$ref":"#/definitions/distribution"');
  });

  test.each(good.map(([written]) => [JSON.stringify(written), written] as const))(
    "accepts %s",
    (_, written) => {
      expect(validator.safeParse({ sleep: written }).success).toBe(true);
    },
  );

  test.each<[string, unknown]>([
    ["a number without a unit", 3],
    ["an unknown kind", { expnential: "1s" }],
    ["two kinds", { exponential: "1s", constant: "1s" }],
    ["a missing parameter", { lognormal: { mean: "1s" } }],
    ["an unknown parameter", { gamma: { mean: "1s", cv: 1, shape: 2 } }],
    [
      "a mistake deep inside",
      { mixture: [{ weight: 1, of: { mixture: [{ weight: 1, of: { gamma: "1s" } }] } }] },
    ],
  ])("refuses %s", (_, written) => {
    expect(validator.safeParse({ sleep: written }).success).toBe(false);
  });
});
