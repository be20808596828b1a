// How a user writes a distribution of durations: `1s`, or a mapping whose one key names the kind, such as
// `{ lognormal: { mean: 50ms, cv: 1.2 } }`.

import * as z from "zod";
import {
  type Distribution,
  type Mixture,
  type Simple,
  sampler,
  type Truncated,
} from "../engine/distribution.js";
import { streams } from "../engine/random.js";
import { LONGEST_NS } from "../engine/time.js";
import { once } from "./once.js";
import {
  byKind,
  type Declaration,
  declare,
  delegate,
  duration,
  fragment,
  named,
  number,
  section,
  text,
  withJsonSchema,
} from "./settings.js";

/** An empirical distribution whose values are in a file, which this layer cannot read. */
interface EmpiricalFile {
  kind: "empirical";
  file: string;
}

/** A distribution as the scenario gives it: empirical values may still be in files. */
export type DistributionSetting =
  | Simple
  | EmpiricalFile
  | Mixture<DistributionSetting>
  | Truncated<DistributionSetting>;

/** A distribution of durations, in nanoseconds. */
export function distribution(declaration: Declaration): z.ZodType<DistributionSetting> {
  return declare(anyDistribution, "duration or distribution", declaration);
}

/**
 * The distribution with the values of its files, which `read` gives in nanoseconds; what `read` throws
 * passes.
 */
export function withFiles(setting: DistributionSetting, read: (file: string) => number[]): Distribution {
  switch (setting.kind) {
    case "empirical":
      return "file" in setting ? { kind: "empirical", valuesNs: read(setting.file) } : setting;
    case "mixture":
      return {
        ...setting,
        parts: setting.parts.map(({ weight, of }) => ({ weight, of: withFiles(of, read) })),
      };
    case "truncated":
      return { ...setting, of: withFiles(setting.of, read) };
    default:
      return setting;
  }
}

const anyDistribution: z.ZodType<DistributionSetting> = named(
  "distribution",
  byKind(() => kinds(), {
    expected: "a duration or a mapping with one kind of distribution such as { exponential: 50ms }",
    short: duration({ help: "always the same" }).transform((valueNs) => ({ kind: "constant", valueNs })),
  }),
);

// With more, no run is long enough to see the mean: a standard error of 1 % would take 10^10 values.
const MOST_CV = 1_000;

// Made when the first mapping is read: most scenarios say durations only.
const kinds = once(() => {
  const POSITIVE = z.number().gt(0, { error: "a duration above zero" });
  const positive = (help: string) => duration({ help }).pipe(POSITIVE);
  const mean = positive("the mean");
  const meanAndCv = section({
    mean,
    cv: number({ above: 0, most: MOST_CV, help: "coefficient of variation: standard deviation over mean" }),
  }).transform(({ mean, cv }) => ({ meanNs: mean, cv }));
  return {
    constant: byForm("a duration such as 50ms", {
      scalar: duration({ help: "the value" }).transform((valueNs) => ({ valueNs })),
    }),
    uniform: byForm("limits such as { low: 10ms, high: 20ms }", {
      mapping: section({ low: duration({ help: "least value" }), high: duration({ help: "largest value" }) })
        .refine(({ low, high }) => low < high, { path: ["high"], error: 'a duration above "low"' })
        .transform(({ low, high }) => ({ lowNs: low, highNs: high })),
    }),
    exponential: byForm("a mean such as 50ms or { mean: 50ms }", {
      scalar: mean.transform((meanNs) => ({ meanNs })),
      mapping: section({ mean }).transform(({ mean }) => ({ meanNs: mean })),
    }),
    lognormal: byForm("parameters such as { mean: 50ms, cv: 1.2 }", { mapping: meanAndCv }),
    gamma: byForm("parameters such as { mean: 50ms, cv: 0.5 }", { mapping: meanAndCv }),
    weibull: byForm("parameters such as { shape: 0.7, scale: 50ms }", {
      mapping: section({
        shape: number({ above: 0, help: "shape; 1 is exponential, below 1 has a heavier tail" }),
        scale: positive("scale; 63 % of the values are below it"),
      }).transform(({ shape, scale }) => ({ shape, scaleNs: scale })),
    }),
    pareto: byForm("parameters such as { minimum: 10ms, alpha: 1.5 }", {
      mapping: section({
        minimum: positive("least value"),
        alpha: number({ above: 0, help: "tail index; at 1 or less the mean is infinite" }),
      }).transform(({ minimum, alpha }) => ({ minimumNs: minimum, alpha })),
    }),
    hyperexponential: byForm("parameters such as { mean: 1s, cv: 4 }, or a list of phases", {
      mapping: section({
        mean,
        cv: number({ above: 0, most: MOST_CV, help: "coefficient of variation, at least 1" }).pipe(
          z.number().gte(1, { error: "a number of at least 1; less is for gamma or lognormal" }),
        ),
      }).transform(balancedMeans),
      list: z
        .array(section({ probability: number({ above: 0, most: 1, help: "probability" }), mean }))
        .min(1, { error: "a list with at least one phase" })
        .transform((phases) => ({
          phases: phases.map(({ probability, mean }) => ({ probability, meanNs: mean })),
        }))
        .superRefine(sumToOne),
    }),
    mixture: byForm("a list of parts such as { weight: 0.9, of: 50ms }", {
      list: z
        .array(
          section({
            weight: number({ above: 0, help: "weight, relative to the others" }),
            of: anyDistribution,
          }),
        )
        .min(1, { error: "a list with at least one part" })
        .transform((parts) => ({ parts })),
    }),
    empirical: byForm("a file of durations, or a list of them", {
      scalar: text({ help: "CSV file" }).transform((file) => ({ file })),
      list: z
        .array(duration({ help: "a value" }))
        .min(1, { error: "a list with at least one duration" })
        .transform((valuesNs) => ({ valuesNs })),
    }),
    truncated: byForm("a distribution and limits such as { of: { exponential: 1s }, high: 10s }", {
      mapping: section({
        of: anyDistribution,
        low: duration({ help: "least value", default: "0s" }),
        high: duration({ help: "largest value" }).optional(),
      })
        .transform(({ of, low, high }) => ({ of, lowNs: low, highNs: high ?? LONGEST_NS }))
        .superRefine(reachable),
    }),
  };
});

type Forms = Partial<Record<"scalar" | "mapping" | "list", z.ZodType<object>>>;

/** One schema for each form that the input may have. */
function byForm<F extends Forms>(expected: string, forms: F): z.ZodType<z.output<NonNullable<F[keyof F]>>> {
  const schema = z.unknown().transform((input, context) => {
    const form = Array.isArray(input)
      ? "list"
      : typeof input === "object" && input !== null
        ? "mapping"
        : "scalar";
    const chosen = forms[form];
    if (chosen) return delegate(chosen, input, context);
    context.addIssue({ code: "custom", message: expected, input });
    return z.NEVER;
  });
  return withJsonSchema(schema, () => {
    const [first, ...others] = Object.values(forms).map((form) => fragment(form));
    return others.length === 0 ? (first as object) : { anyOf: [first, ...others] };
  }) as never;
}

// Two phases that contribute equally to the mean, p1 m1 = p2 m2 = mean / 2, where p1, p2 = (1 ± root) / 2
// with root^2 = (cv^2 - 1) / (cv^2 + 1) (W. Whitt, Operations Research 30, 1982, p. 137). The smaller one is
// written so that a large cv loses no digits.
function balancedMeans({ mean, cv }: { mean: number; cv: number }) {
  const root = Math.sqrt((cv ** 2 - 1) / (cv ** 2 + 1));
  const rare = 1 / ((cv ** 2 + 1) * (1 + root));
  const phases = [1 - rare, rare].map((probability) => ({ probability, meanNs: mean / 2 / probability }));
  return { phases };
}

// Three thirds with seven digits pass; a digit that was forgotten does not.
const MOST_OFF = 1e-6;

function sumToOne({ phases }: { phases: { probability: number }[] }, context: z.core.$RefinementCtx): void {
  const sum = phases.reduce((total, { probability }) => total + probability, 0);
  if (Math.abs(sum - 1) <= MOST_OFF) return;
  const message = `probabilities that sum to 1 (these sum to ${Number(sum.toPrecision(9))})`;
  context.addIssue({ code: "custom", message });
}

const PROBES = 1_000;
const FEWEST_HITS = 10;

// A truncation draws again what is outside, so it has to hold enough of the distribution for that to come to
// an end (the sampler gives up after 10,000 in a row). Where values are in files, only a run can tell.
function reachable(
  truncated: Omit<Truncated<DistributionSetting>, "kind">,
  context: z.core.$RefinementCtx,
): void {
  const { of, lowNs, highNs } = truncated;
  if (lowNs >= highNs) {
    context.addIssue({ code: "custom", path: ["high"], message: 'a duration above "low"' });
    return;
  }
  if (usesFiles(of)) return;
  const valueNs = sampler(
    withFiles(of, () => []),
    streams("truncated", 0).stream("probe"),
  );
  let hits = 0;
  for (let probe = 0; probe < PROBES; probe++) {
    const value = valueNs();
    if (value >= lowNs && value <= highNs) hits++;
  }
  if (hits >= FEWEST_HITS) return;
  const message = 'limits that hold at least 1 % of the distribution in "of" (the others are drawn again)';
  context.addIssue({ code: "custom", message });
}

function usesFiles(setting: DistributionSetting): boolean {
  if (setting.kind === "empirical") return "file" in setting;
  if (setting.kind === "mixture") return setting.parts.some(({ of }) => usesFiles(of));
  return setting.kind === "truncated" && usesFiles(setting.of);
}
