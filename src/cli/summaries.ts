/** What the commands are called and what they do; the commands themselves are loaded when they are called. */
export const summaries = {
  run: { usage: "run <scenario>", help: "predict what becomes of a scenario's requests" },
  import: {
    usage: "import [folder]",
    help: "write a scenario from nginx.conf, gunicorn's command line and sysctls",
  },
  verify: { usage: "verify <cases..>", help: "replay measured cases and score the prediction" },
} as const;
