// The first line of a capacity: the value with its interval, what binds, and where else all objectives are
// met.

import type { Capacity, CapacityEnd, ProbedValue } from "../run/capacity-result.js";
import { endText, knobText, knobValue, metricText } from "./capacity-values.js";
import { countText, prose } from "./format.js";

/** One or two sentences, for somebody who reads nothing else. */
export function capacityVerdict(capacity: Capacity): string {
  const { status } = capacity;
  if (status === "none") return noneText(capacity);
  if (status === "beyond") return beyondText(capacity);
  return status === "found" ? foundText(capacity) : undecidedText(capacity);
}

/** `all objectives`, or the only one. */
function objectivesText({ objectives }: Capacity): string {
  if (objectives.length === 1) return objectives[0]?.text as string;
  return objectives.length === 2 ? "both objectives" : `all ${objectives.length} objectives`;
}

function superlative({ knob }: Capacity): string {
  return `the ${knob.seek === "max" ? "largest" : "smallest"} ${knob.key}`;
}

function foundText(capacity: Capacity): string {
  const { answer, knob } = capacity;
  const end = answer as CapacityEnd;
  const value = end.method === "exact" ? knobValue(end.value, knob.kind) : knobText(end, knob.kind);
  const what = `${value} is ${superlative(capacity)} that meets ${objectivesText(capacity)}`;
  return `${what}; ${bindingText(end, capacity)}.${elsewhereText(capacity)}`;
}

/** What fails on the other side, and why. */
function bindingText(end: CapacityEnd, capacity: Capacity): string {
  const { knob, objectives, probes, causes } = capacity;
  const [binding = 0] = end.failing;
  const objective = objectives[binding] as Capacity["objectives"][number];
  const only = objectives.length === 1 ? "it" : objective.text;
  const isWhole = knob.whole && end.beyond !== undefined && Math.abs(end.beyond - end.value) === 1;
  const isNeighbour = isWhole || end.method === "exact";
  const beyond = probes.find(({ value }) => value === end.beyond);
  const judged = beyond?.objectives[binding];
  const cause = causes[0] && judged?.estimate ? `: ${causes[0].text}` : "";
  if (!isNeighbour || !judged) return `beyond that ${only} fails${cause}`;
  const estimate = prose(metricText(judged.estimate, objective.unit));
  const chance = end.method === "exact" ? "" : `, ${chanceText(judged.p)}`;
  return `with ${knobValue(end.beyond as number, knob.kind)}, ${only} fails (${estimate}${chance})${cause}`;
}

function chanceText(p: number): string {
  return p < 0.001 ? "p < 0.001" : `p = ${Number(p.toPrecision(1))}`;
}

/** Where all objectives are met besides, and where not: nothing if it is all of the one side. */
function elsewhereText({ regions, knob, objectives }: Capacity): string {
  const isMax = knob.seek === "max";
  const others = isMax ? "smaller" : "larger";
  if (regions.length > 1) {
    const each = regions.map(({ from, to }) => `${endText(from, knob.kind)} to ${endText(to, knob.kind)}`);
    return ` It is not one range that meets: there are those from ${each.join(", and from ")}.`;
  }
  const end = isMax ? regions[0]?.from : regions[0]?.to;
  if (!end?.bounded) return "";
  const failing = objectives[end.failing[0] ?? 0]?.text;
  return ` Not every ${others} one does: ${others} than ${endText(end, knob.kind)} ${failing} fails.`;
}

function noneText(capacity: Capacity): string {
  const { knob, objectives, probes } = capacity;
  const range = `${knobValue(knob.from, knob.kind)} to ${knobValue(knob.to, knob.kind)}`;
  const everywhere = objectives.filter((_, index) => probes.every((one) => failsAt(one, index)));
  const failing = everywhere.map(({ text }) => text).join(" and ");
  const why = failing === "" ? "there is always one that fails" : `${failing} fails at all of them`;
  const tried = `of ${probes.length} that were tried: ${why}`;
  return `No ${knob.key} from ${range} meets ${objectivesText(capacity)}, ${tried}.`;
}

function failsAt({ objectives }: ProbedValue, index: number): boolean {
  return objectives[index]?.finding === "fails";
}

function beyondText(capacity: Capacity): string {
  const { knob, answer, objectives } = capacity;
  const { value, stop } = answer as CapacityEnd;
  const end = knobValue(value, knob.kind);
  const where = knob.seek === "max" ? "above" : "below";
  const holds = objectives.length === 1 ? "holds" : "hold";
  const reached = `${objectivesText(capacity)} ${holds} as far as ${end}`;
  const open = `so that ${superlative(capacity)} is ${end} or lies ${where} it; --within looks further`;
  const rest: Record<typeof stop & string, string> = {
    bounds: open,
    effort: open,
    setting: `${superlative(capacity)} that there can be`,
    memory: "and there is no memory for more",
  };
  return `${reached}, ${rest[stop ?? "bounds"]}.${elsewhereText(capacity)}`.replace(/^[ab]/, (letter) =>
    letter.toUpperCase(),
  );
}

function undecidedText(capacity: Capacity): string {
  const { answer, knob, replications } = capacity;
  const runs = `${countText(replications)} replications`;
  const limits = "run.max_replications and run.time_limit are the limits";
  if (answer === null) {
    const what = `any ${knob.key} meets ${objectivesText(capacity)}`;
    return `Whether ${what} is not decided after ${runs}; ${limits}.`;
  }
  const [low, high] = [answer.low, answer.high].map((value) => knobValue(value, knob.kind));
  const between = low === high ? `near ${low}` : `between ${low} and ${high}`;
  const what = `${superlative(capacity)} that meets ${objectivesText(capacity)}`;
  return `Undecided: ${what} is ${between} as far as ${runs} tell; ${limits}.`;
}
