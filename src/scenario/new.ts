// A new scenario as text, with comments that say what each setting decides: from a template's answers, or
// from a user's.

import type { Component } from "../component/component.js";
import { ScenarioError } from "./error.js";
import { loadScenario } from "./load.js";

/** What a new scenario is made of; values are in the words of the file. */
export interface Answers {
  /** Where clients connect. */
  connect: "nginx" | "gunicorn";
  /** Between nginx and gunicorn, or between clients and gunicorn. */
  socket: "unix" | "tcp";
  arrivals: "poisson" | "burst" | "ramp" | "closed";
  rate: string;
  service: string;
  /** Gunicorns behind nginx. */
  servers: number;
  workers: string;
  worker_class: string;
  threads: string;
  kernel: string;
}

/** The setting at which it is told what is wrong with an answer, without the numbers of elements. */
const SETTINGS: { [key in keyof Answers]?: string } = {
  rate: "clients.arrivals",
  service: "app.sleep.exponential",
  workers: "gunicorn.workers",
  threads: "gunicorn.threads",
};

interface Wanted {
  claim: string;
  answers: Answers;
  /** Where editors find the schema, as seen from the file. */
  schema: string;
  components: readonly Component[];
  /** How the user has given an answer: `--workers 0`. */
  given(key: keyof Answers, value: string): string;
}

/** The text, which loads. Throws a ScenarioError that names the answers that are wrong. */
export function newScenario({ claim, answers, schema, components, given }: Wanted): string {
  const keys = Object.keys(SETTINGS) as (keyof Answers)[];
  const wrong = keys.flatMap((key) => {
    const text = complaintAbout(key, answers, components);
    return text === undefined ? [] : [{ file: given(key, String(answers[key])), path: "", text }];
  });
  if (wrong.length > 0) throw new ScenarioError(wrong);
  const text = scenarioText(claim, answers, schema);
  loadScenario("new scenario", { read: () => text, components });
  return text;
}

/** What is wrong with one answer; undefined if nothing is. */
export function complaintAbout(
  key: keyof Answers,
  answers: Answers,
  components: readonly Component[],
): string | undefined {
  const setting = SETTINGS[key];
  const text = scenarioText("", answers, "");
  try {
    loadScenario("new scenario", { read: () => text, components });
  } catch (error) {
    if (!(error instanceof ScenarioError) || setting === undefined) throw error;
    const found = error.problems.find(({ path }) => path.replace(/\.\d+/g, "").startsWith(setting));
    return found?.text;
  }
  return undefined;
}

/** The scenario's text. `schema` is where editors find its schema. */
function scenarioText(claim: string, answers: Answers, schema: string): string {
  return [
    `# ${claim}`,
    `# yaml-language-server: $schema=${schema}`,
    "kernel:",
    `  profile: ${answers.kernel} # its defaults: somaxconn, ports, TIME_WAIT; sysctl: { ... } ` +
      "overrides them",
    ...clientLines(answers),
    ...(answers.connect === "nginx" ? nginxLines(answers) : []),
    ...gunicornLines(answers),
    "app:",
    `  sleep: { exponential: ${answers.service} } # waiting for a database or an API: the mean; or ` +
      `a constant: ${answers.service}`,
    "  cpu: 0s # computing, which takes a core: say kernel.cores as well",
    "run:",
    "  replications: 20 # each with random numbers of its own: the spread gives the ±",
    "",
  ].join("\n");
}

function clientLines({ arrivals, rate }: Answers): string[] {
  const timeout = "  timeout: 30s # then a client leaves; its work is done all the same";
  const calm = `    - { process: poisson, rate: ${rate}, for: 60s } # independent visitors`;
  switch (arrivals) {
    case "closed":
      return [
        "clients:",
        "  closed: # a load tester: who waits does not ask, so that an overload looks mild",
        "    concurrency: 60",
        "    think: 0s # between an answer and the next request",
        "    for: 60s",
        timeout,
      ];
    case "burst":
      return [
        "clients:",
        "  arrivals: # phases follow each other",
        calm,
        "    - { process: burst, requests: 300 } # all at one instant",
        calm,
        timeout,
      ];
    case "ramp":
      return [
        "clients:",
        "  arrivals: # phases follow each other",
        calm,
        `    - { process: ramp, from: ${rate}, to: ${doubled(rate)}, for: 60s, spacing: poisson }`,
        timeout,
      ];
    case "poisson":
      return ["clients:", "  arrivals: # or constant, burst, ramp, mmpp, profile, trace", calm, timeout];
  }
}

/** `120/s` of `60/s`; what is no rate stays as it is, to be complained of where it stands first. */
function doubled(rate: string): string {
  return rate.replace(/^\d+(?:\.\d+)?/, (number) => String(2 * Number(number)));
}

function addressOf({ socket, servers }: Answers, server: number): string {
  if (socket === "tcp") return `127.0.0.1:${8000 + server}`;
  return servers === 1 ? "unix:/run/gunicorn.sock" : `unix:/run/gunicorn-${server + 1}.sock`;
}

function nginxLines(answers: Answers): string[] {
  const servers = Array.from({ length: answers.servers }, (_, server) => {
    const address = addressOf(answers, server);
    return answers.servers === 1
      ? `      - ${address}`
      : `      - { address: "${address}", max_fails: 1, fail_timeout: 10s } # a full queue is a failure too`;
  });
  return [
    "nginx:",
    "  version: 1.22.1 # it decides defaults",
    "  worker_processes: 1",
    "  worker_connections: 1024 # two for each request in flight",
    "  upstream:",
    "    servers:",
    ...servers,
    "  proxy_read_timeout: 60s # runs while a request is queued, too: then 504",
  ];
}

function gunicornLines(answers: Answers): string[] {
  const { servers, worker_class, workers, threads } = answers;
  const several = servers > 1 && answers.connect === "nginx";
  const lines = (server: number) => [
    ...(several ? [`name: app${server + 1}`] : []),
    `bind: ${addressOf(answers, server)}`,
    "version: 20.1.0",
    `workers: ${workers}`,
    `worker_class: ${worker_class}`,
    ...(worker_class === "gthread" || threads !== "1" ? [`threads: ${threads} # of each worker`] : []),
    "backlog: 2048 # the accept queue holds one more, but no more than somaxconn + 1",
    "timeout: 30s # a sync worker that is silent for longer is killed",
  ];
  if (!several) return ["gunicorn:", ...lines(0).map((line) => `  ${line}`)];
  return [
    "gunicorn:",
    ...Array.from({ length: servers }, (_, server) =>
      lines(server).map((line, index) => `${index === 0 ? "  - " : "    "}${line}`),
    ).flat(),
  ];
}
