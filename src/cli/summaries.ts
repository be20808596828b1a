interface Summary {
  /** Arguments: those in angle brackets there have to be. */
  usage: string;
  help: string;
  /** What is expected of the first argument, if it has to be there. */
  expected?: string;
}

const SCENARIO = "a scenario file, or the name of a scenario that comes with recvq";

/** Arguments and help of the commands; the commands themselves are loaded when they are called. */
export const summaries = {
  run: { usage: "[scenario]", help: "predict what becomes of a scenario's requests" },
  new: { usage: "[template]", help: "write a commented scenario, from a template or by a few questions" },
  doctor: {
    usage: "[scenarios..]",
    help: "tell what a scenario's settings say by themselves, with numbers, before any simulation",
  },
  check: {
    usage: "[scenarios..]",
    help: "tell whether scenarios show what they expect, and what changed since the baseline",
  },
  compare: {
    usage: "<a> [b]",
    expected: "a scenario file, with a second one, --set or --rate beside it",
    help: "tell what changes from one scenario to another, and whether it is more than chance",
  },
  sensitivity: {
    usage: "<scenario>",
    expected: SCENARIO,
    help: "tell which settings matter, and what to change first",
  },
  sweep: {
    usage: "<scenario>",
    expected: SCENARIO,
    help: "predict it at many values of its settings: tables, curves and heat maps",
  },
  worker: { usage: "[redis]", help: "compute points of sweeps on other machines, which come through Redis" },
  merge: {
    usage: "<parts..>",
    expected: "files that recvq sweep --shard has written",
    help: "put the parts of a sweep together that --shard has made",
  },
  capacity: {
    usage: "<scenario>",
    expected: SCENARIO,
    help: "find the largest rate, or the fewest workers, that meet objectives",
  },
  import: {
    usage: "[folder]",
    help: "write a scenario from nginx.conf, gunicorn's command line and sysctls",
  },
  verify: {
    usage: "<cases..>",
    expected: "folders of measured cases",
    help: "replay measured cases and score the prediction",
  },
} as const satisfies Record<string, Summary>;

/** Tells of the first argument that it is missing. */
export function missing(name: keyof typeof summaries): string {
  const { usage, expected }: Summary = summaries[name];
  return `${usage.split(" ")[0]}: expected ${expected}, got none`;
}
