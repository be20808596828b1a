// Components that only declare settings: enough to load scenarios, independent of what is modelled.

import * as z from "zod";
import { type Component, component } from "../../src/component/component.js";
import {
  byKind,
  bytes,
  choice,
  count,
  duration,
  named,
  number,
  oneOrMany,
  pattern,
  rate,
  section,
  text,
} from "../../src/component/settings.js";
import { type LoadOptions, loadScenario } from "../../src/scenario/load.js";

const mean = () => section({ mean: duration({ help: "mean", default: "50ms" }) });

const sleep: z.ZodType<{ kind: string }> = named(
  "sleep-of-tests",
  byKind(
    () => ({
      exponential: mean(),
      lognormal: section({
        mean: duration({ help: "mean" }),
        cv: number({ help: "coefficient of variation", above: 0, default: 1 }),
      }),
      empirical: section({ file: text({ help: "CSV file" }) }),
      mixture: section({
        of: z.array(section({ weight: number({ help: "w", above: 0, default: 1 }), of: sleep })),
      }),
    }),
    {
      expected: "a duration or one distribution",
      short: z
        .string({ error: "a duration or one distribution" })
        .regex(/^\d+(ms|s)$/, { error: "a duration or one distribution" })
        .transform((constant) => ({ kind: "constant", constant })),
    },
  ),
);

const phase = z.discriminatedUnion(
  "process",
  [
    section({
      process: z.literal("constant"),
      rate: rate({ help: "rate" }),
      for: duration({ help: "length", default: "1s" }),
    }),
    section({ process: z.literal("burst"), requests: count({ help: "how many", least: 1, default: 10 }) }),
    section({ process: z.literal("trace"), file: text({ help: "CSV file" }) }),
  ],
  { error: 'a process: "constant", "burst" or "trace"' },
);

const declared = [
  {
    section: "kernel",
    occurs: "once",
    help: "the kernel",
    settings: section({
      profile: choice(["linux-4.15", "linux-6.1"], { help: "profile", default: "linux-6.1" }),
      sysctl: section({
        "net.core.somaxconn": count({ help: "limit", least: 0 }).optional(),
        "net.ipv4.tcp_tw_reuse": count({ help: "reuse", least: 0, most: 2, default: 2 }),
      }).prefault({} as never),
      labels: z.record(z.string().regex(/^[a-z.]+$/, { error: "small letters" }), z.string()).optional(),
    }),
  },
  {
    section: "clients",
    occurs: "many",
    help: "the clients",
    settings: section({
      name: text({ help: "name" }).optional(),
      arrivals: oneOrMany(phase, "phases"),
      timeout: duration({ help: "timeout", default: "30s", source: "guess" }),
      retries: count({ help: "retries", least: 0, default: 0 }),
    }),
  },
  {
    section: "gunicorn",
    occurs: "once",
    help: "gunicorn",
    settings: section({
      bind: pattern({ help: "bind", expected: "an address", form: /^unix:/, default: "unix:/run/g.sock" }),
      workers: count({ help: "workers", least: 1, default: 1 }),
      timeout: duration({ help: "timeout", default: "30s" }),
      threads: count({ help: "threads", least: 1, default: 1 }),
    }),
  },
  {
    section: "nginx",
    occurs: "optional",
    help: "nginx",
    settings: section({
      listen: text({ help: "address" }),
      proxy_read_timeout: duration({ help: "read timeout", default: "60s" }),
    }),
  },
  {
    section: "app",
    occurs: "once",
    help: "the application",
    settings: section({
      sleep: z.prefault(sleep, "0s" as never),
      body: bytes({ help: "size", default: "2B" }),
    }),
  },
] as const;

export const components = declared.map((one) =>
  component({ ...one, settings: one.settings as z.ZodType, build: () => undefined }),
) as readonly Component[];

/** Loads `files["a.yaml"]`, or a single text under that name. */
export function load(files: string | Record<string, string>, options: Partial<LoadOptions> = {}) {
  const texts = typeof files === "string" ? { "a.yaml": files } : files;
  const read = (path: string) => {
    const text = texts[path];
    if (text === undefined)
      throw Object.assign(new Error(`ENOENT: no such file: ${path}`), { code: "ENOENT" });
    return text;
  };
  return loadScenario("a.yaml", { read, components, ...options });
}

/** What the user is told, line by line. */
export function complaints(
  files: string | Record<string, string>,
  options: Partial<LoadOptions> = {},
): string[] {
  try {
    load(files, options);
  } catch (error) {
    if (error instanceof Error && error.name === "ScenarioError") return error.message.split("\n");
    throw error;
  }
  return [];
}
