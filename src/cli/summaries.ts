/** Arguments and help of the commands; the commands themselves are loaded when they are called. */
export const summaries = {
  run: { usage: "<scenario>", help: "predict what becomes of a scenario's requests" },
  capacity: {
    usage: "<scenario>",
    help: "find the largest rate, or the fewest workers, that meet objectives",
  },
  compare: {
    usage: "<a> [b]",
    help: "tell what changes from one scenario to another, and whether it is more than chance",
  },
  import: {
    usage: "[folder]",
    help: "write a scenario from nginx.conf, gunicorn's command line and sysctls",
  },
  verify: { usage: "<cases..>", help: "replay measured cases and score the prediction" },
} as const;
