// recvq new: flags or questions, one call, output.

import type { Argv } from "yargs";
import { components } from "../../models/index.js";
import { PROFILE_NAMES } from "../../models/linux/profiles.js";
import { newFile, outputFile } from "../node/files.js";
import { askOnTerminal, canAsk, type Question } from "../node/questions.js";
import { schemaPath } from "../node/shipped.js";
import { lineOf } from "../node/terminal.js";
import { listText } from "../report/list.js";
import { type Answers, complaintAbout, newScenario } from "../scenario/new.js";
import { TEMPLATES, type Template } from "../scenario/templates.js";
import { EXIT } from "./exit.js";
import { color, last, output } from "./options.js";
import { UsageError } from "./signals.js";

type Asked = Exclude<keyof Answers, "arrivals" | "servers">;

/** What may be answered, by flag or when asked. */
const ASKED: { [key in Asked]: { flag: string; text: string; words?: readonly string[] } } = {
  connect: { flag: "connect", text: "where clients connect", words: ["nginx", "gunicorn"] },
  rate: { flag: "rate", text: "requests a second, such as 200/s" },
  service: { flag: "service", text: "mean time that the application takes, such as 50ms" },
  workers: { flag: "workers", text: "gunicorn's workers" },
  worker_class: {
    flag: "worker-class",
    text: "class of the workers",
    words: ["sync", "gthread", "gevent", "eventlet", "tornado", "uvicorn"],
  },
  threads: { flag: "threads", text: "threads of a worker, more than 1 for gthread" },
  socket: { flag: "socket", text: "socket that gunicorn listens on", words: ["unix", "tcp"] },
  kernel: { flag: "kernel", text: "kernel whose defaults hold", words: PROFILE_NAMES },
};
const KEYS = Object.keys(ASKED) as Asked[];

interface Given {
  template?: string;
  list: boolean;
  output: string;
  color?: boolean;
  [flag: string]: unknown;
}

export function options(yargs: Argv): Argv {
  yargs
    .positional("template", {
      describe: "one of --list; without it, questions on a terminal, or unix",
      type: "string",
    })
    .option("list", { describe: "list the templates", type: "boolean", default: false })
    .option("output", { ...output, describe: "write to this file, which must not exist yet" })
    .option("color", color)
    .coerce(["output", ...KEYS.map((key) => ASKED[key].flag)], last)
    .example("$0 -o app.yaml", "asks, and writes what it is told")
    .example("$0 servers --rate 300/s -o app.yaml", "two gunicorns behind one nginx");
  for (const { flag, text, words } of Object.values(ASKED)) {
    const describe = words ? `${text}: ${words.join(", ")}` : text;
    yargs.option(flag, { describe, type: "string", requiresArg: true });
  }
  return yargs;
}

export async function command(given: Given): Promise<number> {
  if (given.list) {
    const list = outputFile(given.output);
    list.write(listText(TEMPLATES, lineOf(given.color, given.output)));
    list.finish();
    return EXIT.ok;
  }
  const { claim, answers } = templateOf(given.template);
  const flags = flagsOf(given);
  // Known before the first question: whether the answers have a place to go to.
  const file = newFile(given.output);
  const isAsking = given.template === undefined && Object.keys(flags).length === 0 && canAsk();
  const own = isAsking ? await askOnTerminal(questionsOf(answers)) : flags;
  const schema = schemaPath(given.output);
  const complete = { ...answers, ...own } as Answers;
  refuseUseless(flags, complete);
  file.write(newScenario({ claim, answers: complete, schema, components, given: flagText }));
  file.finish();
  return EXIT.ok;
}

/** An answer that would change nothing is a mistake. */
function refuseUseless(flags: Partial<Record<Asked, string>>, { arrivals, servers, connect }: Answers): void {
  if (flags.rate !== undefined && arrivals === "closed") {
    throw new UsageError(
      "--rate: clients in a closed loop have no rate; expected another template",
      "recvq new",
    );
  }
  if (connect === "gunicorn" && servers > 1) {
    throw new UsageError("--connect gunicorn: expected nginx in front of several servers", "recvq new");
  }
}

const flagText = (key: keyof Answers, value: string) => `--${ASKED[key as Asked].flag} ${value}`;

function templateOf(name = "unix"): Template {
  const found = TEMPLATES.find((one) => one.name === name);
  if (found) return found;
  const known = TEMPLATES.map((one) => one.name).join(", ");
  throw new UsageError(`expected a template (${known}), got "${name}"`, "recvq new");
}

function flagsOf(given: Given): Partial<Record<Asked, string>> {
  const flags: Partial<Record<Asked, string>> = {};
  for (const key of KEYS) {
    const { flag, words } = ASKED[key];
    const value = given[flag];
    if (typeof value !== "string") continue;
    if (words && !words.includes(value)) {
      throw new UsageError(`--${flag}: expected one of ${words.join(", ")}, got "${value}"`, "recvq new");
    }
    flags[key] = value;
  }
  return flags;
}

function questionsOf(answers: Answers): Question[] {
  return KEYS.map((key) => ({
    key,
    text: ASKED[key].text,
    usual: String(answers[key]),
    words: ASKED[key].words,
    wrong: (answer) => complaintAbout(key, { ...answers, [key]: answer }, components),
  }));
}
