// What `recvq sensitivity` prints: what to change first, a tornado chart of all steps, what has no effect
// here, and where knobs depend on each other.

import pc from "picocolors";
import type { KnobResult, MainEffect, Sensitivity, Step } from "../run/sensitivity-result.js";
import { differenceText, plainText, valueText } from "./difference.js";
import { countText, prose } from "./format.js";
import { GLUE, type TextOptions, wrap } from "./lines.js";
import { effectText, shortPath, stepName, stepSentence } from "./sensitivity-sentence.js";
import { type TornadoBar, tornado } from "./tornado.js";
import { verdict } from "./verdict.js";

/** More bars are told as a number; `--json` has them all. */
const MOST_BARS = 30;
const MOST_SENTENCES = 8;

/** The whole text, ending in a newline. */
export function sensitivityText(sensitivity: Sensitivity, options: TextOptions): string {
  const { columns, colour, quiet } = options;
  if (quiet) return `${wrap(sensitivityVerdict(sensitivity), Number.POSITIVE_INFINITY).join("\n")}\n`;
  const colours = pc.createColors(colour);
  const { base, warnings, left_out } = sensitivity;
  const wrapped = (text: string, hang = 0, indent = 0) =>
    wrap(text.replace(/ (?=%|pp)/g, GLUE), columns, hang, indent);
  const section = (title: string, texts: readonly string[]) =>
    texts.length === 0 ? [] : ["", colours.bold(title), ...texts.flatMap((text) => wrapped(text, 4, 2))];
  const all = stepsOf(sensitivity);
  const lines = [
    ...[...warnings, ...base.warnings]
      .flatMap((text) => wrap(`Warning: ${text}`, columns, 2))
      .map(colours.yellow),
    ...wrapped(sensitivityVerdict(sensitivity)).map(colours.bold),
    ...wrapped(`${base.source}: ${verdict(base)}`),
    ...wrapped(basis(sensitivity)).map(colours.dim),
    ...section("What to change first", ranked(all, "better")),
    ...section("What makes it worse", ranked(all, "worse")),
    ...section("What changes", [...ranked(all, "more"), ...ranked(all, "less")]),
    ...chart(sensitivity, options, colours.bold),
    ...section("No effect here: not one request ends otherwise", withoutEffect(all)),
    ...section("May be chance", uncertain(all)),
    ...section("All knobs together", together(sensitivity)),
    ...section(
      "Left out",
      left_out.map(({ settings, why }) => `${settings.map(shortPath).join(", ")}: ${why}`),
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

interface Told {
  knob: KnobResult;
  step: Step;
}

function stepsOf({ knobs }: Sensitivity): Told[] {
  return knobs.flatMap((knob) => knob.steps.map((step) => ({ knob, step })));
}

/** One sentence, for somebody who reads nothing else. */
function sensitivityVerdict(sensitivity: Sensitivity): string {
  const { metric, value, unit } = sensitivity;
  const all = stepsOf(sensitivity);
  if (all.length === 0) return "There is nothing to turn in this scenario.";
  const [first, second] = ranked(all, "better");
  const now = `${metric} is ${valueText(value, unit)}`;
  if (first !== undefined) return `${first}${second === undefined ? "" : `; then ${second}`}.`;
  const worse = ranked(all, "worse");
  const none = `No step makes it better for sure (${now})`;
  return worse[0] === undefined ? `${none}.` : `${none}; ${worse[0]}.`;
}

/** Sentences of what is more than chance, one for each knob, the largest effects first. */
function ranked(all: readonly Told[], finding: Step["effect"]["finding"]): string[] {
  const told = all.filter(({ knob, step }) => knob.role === "knob" && step.effect.finding === finding);
  const sentences = bySize(worthTelling(told)).map(({ step }) => stepSentence(step));
  const more = sentences.length - MOST_SENTENCES;
  return [...sentences.slice(0, MOST_SENTENCES), ...(more > 0 ? [`and ${more} more, see the chart`] : [])];
}

/** A larger step, or several settings together, are worth a sentence if they do so much more. */
const CONSIDERABLY_MORE = 1.02;

/** Of each knob the smallest step that does nearly all that its steps do. */
function worthTelling(told: readonly Told[]): Told[] {
  const best = [...new Set(told.map(({ knob }) => knob))].map((knob) => {
    const own = told.filter((one) => one.knob === knob);
    const largest = Math.max(...own.map(sizeOf));
    return own.find((one) => CONSIDERABLY_MORE * sizeOf(one) >= largest) as Told;
  });
  return best.filter((one) => {
    const { paths } = one.knob;
    const single = best.filter(({ knob }) => knob.paths.length === 1 && paths.includes(knob.paths[0] ?? ""));
    return paths.length === 1 || single.every((other) => sizeOf(one) > CONSIDERABLY_MORE * sizeOf(other));
  });
}

function sizeOf({ step }: Told): number {
  return Math.abs(step.effect.difference?.value ?? 0);
}

function bySize(told: readonly Told[]): Told[] {
  return [...told].sort((one, other) => sizeOf(other) - sizeOf(one));
}

/** Where the numbers come from and what ± means. */
function basis({ replications, seed, recvq, metric, base, knobs }: Sensitivity): string {
  const steps = knobs.reduce((sum, knob) => sum + knob.steps.length, 0);
  const what = `${countText(steps)} steps of ${countText(knobs.length)} settings, measured by ${metric}`;
  if (replications === 1 && base.deterministic)
    return `${what}, recvq ${recvq}. Nothing here is random: exact.`;
  const by = `seed ${seed}, recvq ${recvq}`;
  const pairs = `each in ${countText(replications)} pairs with the scenario as it is, ${by}`;
  const sure = "what is said of a step holds for all steps together at 95 % (Holm)";
  return `${what}, ${pairs}: the same random numbers for all. ± is the 95 % interval; ${sure}.`;
}

function chart(sensitivity: Sensitivity, options: TextOptions, bold: (text: string) => string): string[] {
  const { metric, value, unit } = sensitivity;
  const changing = bySize(stepsOf(sensitivity)).filter(
    ({ step }) => !step.same && step.effect.difference !== null && step.effect.difference.value !== 0,
  );
  if (changing.length === 0) return [];
  const shown = changing.slice(0, MOST_BARS);
  const bars = shown.map(({ knob, step }): TornadoBar => {
    const { effect } = step;
    const difference = effect.difference as NonNullable<typeof effect.difference>;
    const outside = knob.role === "environment" ? "(from outside) " : "";
    return {
      label: `${outside}${stepName(step)}`,
      value: prose(differenceText(difference, unit)),
      size: difference.value,
      finding: findingOf(effect.finding),
    };
  });
  const more = changing.length - shown.length;
  return [
    "",
    ...wrap(`${metric}, ${valueText(value, unit)} as it is: what each step changes`, options.columns, 2).map(
      bold,
    ),
    ...tornado(bars, options),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function findingOf(finding: Step["effect"]["finding"]): TornadoBar["finding"] {
  if (finding === "better") return "good";
  if (finding === "worse") return "bad";
  return finding === "undecided" ? "undecided" : "neither";
}

/** By knob: those that another setting hides, and why; then the others. */
function withoutEffect(all: readonly Told[]): string[] {
  const same = all.filter(({ step }) => step.same);
  const names = [...new Set(same.map(({ knob }) => knob))].map((knob) => {
    const steps = same.filter((one) => one.knob === knob).map(({ step }) => step);
    return { name: namesOf(steps), knob, bound: steps.find(({ bound_by }) => bound_by !== null)?.bound_by };
  });
  const bound = names.flatMap(({ name, knob, bound: by }) => {
    if (by === undefined) return [];
    const isTogether = all.some(
      ({ knob: { paths } }) => paths.length > 1 && paths.includes(knob.paths[0] ?? ""),
    );
    return [`${name}: bound by ${by}${isTogether ? ", so that both are turned together as well" : ""}`];
  });
  const others = names.filter(({ bound: by }) => by === undefined).map(({ name }) => name);
  return [...bound, ...(others.length === 0 ? [] : [others.join("; ")])];
}

/** `gunicorn.backlog 2048 -> 1024 or 4096`. */
function namesOf(steps: readonly Step[]): string {
  const [first, ...more] = steps as [Step, ...Step[]];
  const values = more.flatMap(({ settings }) => (settings.length === 1 ? [plainText(settings[0]?.b)] : []));
  if (values.length < more.length || first.settings.length > 1) return steps.map(stepName).join("; ");
  return [stepName(first), ...values].join(" or ");
}

function uncertain(all: readonly Told[]): string[] {
  return bySize(all.filter(({ step }) => !step.same && step.effect.finding === "undecided")).map(
    ({ step }) => {
      const { replications_needed: needed } = step.effect;
      const more =
        needed === null ? "" : `; about ${countText(Number(needed.toPrecision(2)))} replications would tell`;
      return `${stepName(step)}: ${effectText(step.effect)}${more}`;
    },
  );
}

/** The main effects, and whose effect depends on the others. */
function together({ screening, no_screening: why, knobs, unit }: Sensitivity): string[] {
  if (!screening) return why === null ? [] : [`not turned: ${why}`];
  const { factors, points, runs, replications } = screening;
  const each = replications === 1 ? "" : ` of ${replications} replications each`;
  const design =
    `${factors} knobs, each turned at ${points} settings of all others, ${countText(runs)} runs${each} ` +
    "(elementary effects, Morris)";
  const known = knobs.flatMap(({ paths, main_effect: effect }) =>
    effect && !effect.same ? [{ name: shortPath(paths[0] ?? ""), effect }] : [],
  );
  const by = (size: (effect: MainEffect) => number) => (one: Known, other: Known) =>
    Math.abs(size(other.effect)) - Math.abs(size(one.effect));
  const text = (estimate: MainEffect["alone"]) => prose(differenceText(estimate, unit));
  const exactly = (value: number) => differenceText({ value, low: value, high: value }, unit).text;
  const flagged = known
    .filter(({ effect }) => effect.interaction.flagged)
    .sort(by((effect) => effect.interaction.difference.value))
    .map(({ name, effect: { difference, alone, least, most } }) => {
      const range = `from ${exactly(least)} to ${exactly(most)}`;
      return `${name} depends on the others: ${text(alone)} alone, ${text(difference)} on average (${range})`;
    });
  const plain = known
    .filter(({ effect }) => effect.significant && !effect.interaction.flagged)
    .sort(by((effect) => effect.difference.value))
    .map(({ name, effect }) => `${name}: ${text(effect.difference)} on average, much as alone`);
  const inert = factors - known.length;
  const none = inert === 0 ? [] : [`${inert} of them change nothing at any of these settings either`];
  return [design, ...flagged, ...plain, ...none];
}

interface Known {
  name: string;
  effect: MainEffect;
}
