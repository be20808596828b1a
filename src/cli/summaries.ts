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
    help: "tell what changes from one scenario to another, and whether it is more than chance",
  },
  sensitivity: {
    usage: "<scenario>",
    help: "tell which settings matter, and what to change first",
  },
  sweep: {
    usage: "<scenario>",
    help: "predict it at many values of its settings: tables, curves and heat maps",
  },
  worker: { usage: "[redis]", help: "compute points of sweeps on other machines, which come through Redis" },
  merge: { usage: "<parts..>", help: "put the parts of a sweep together that --shard has made" },
  capacity: {
    usage: "<scenario>",
    help: "find the largest rate, or the fewest workers, that meet objectives",
  },
  import: {
    usage: "[folder]",
    help: "write a scenario from nginx.conf, gunicorn's command line and sysctls",
  },
  verify: { usage: "<cases..>", help: "replay measured cases and score the prediction" },
} as const;
