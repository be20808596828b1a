// From the files of a deployment, or of a measured case, to one scenario.

import { importGunicorn } from "./gunicorn.js";
import { importLoad } from "./load.js";
import { importNginx } from "./nginx.js";
import type { Files } from "./nginx-conf.js";
import { ImportError, type Imported, type Source } from "./note.js";
import { importSysctl } from "./sysctl.js";
import { coresIn, importVersions } from "./versions.js";

/** The files that are read, by what they are named in a folder. Each of them may be missing. */
export const CASE_FILES = ["nginx.conf", "gunicorn.sh", "sysctl.txt", "versions.txt", "load.json"] as const;

const CONFIGURATION: readonly string[] = ["nginx.conf", "gunicorn.sh"];

/** What a measured case holds besides: the requests that were sent. */
export const REQUESTS = "requests.csv";

/**
 * Imports the texts of a folder, by file name; `files` reads what nginx.conf includes, relative to that
 * folder. With `replay` an open loop sends what requests.csv recorded, in place of the load's phases. `names`
 * are the user's own names for the files, `folder` is where they were looked for. Throws an ImportError with
 * file and line.
 */
export function importCase(
  texts: { readonly [name: string]: string },
  files: Files,
  options: { replay?: boolean; names?: { readonly [name: string]: string }; folder?: string } = {},
): Imported {
  const source = (name: (typeof CASE_FILES)[number]): Source | undefined => {
    const text = texts[name];
    return text === undefined ? undefined : { file: options.names?.[name] ?? name, text };
  };
  if (CONFIGURATION.every((name) => texts[name] === undefined)) {
    const others = CASE_FILES.filter((name) => !CONFIGURATION.includes(name)).join(", ");
    throw new ImportError(
      { file: options.folder ?? "import" },
      "",
      `expected ${CONFIGURATION.join(" or ")} (and, if they are there, ${others}), got neither`,
    );
  }
  const load = importAny(source("load.json"), (text) =>
    importLoad(text, options.replay ? { replay: REQUESTS } : {}),
  );
  const target = (load?.scenario.clients as { target?: string } | undefined)?.target;
  const computes = (load?.scenario.app as { cpu?: unknown } | undefined)?.cpu !== undefined;
  const cores = importAny(source("versions.txt"), coresIn);
  const nginx = importAny(source("nginx.conf"), (text) =>
    importNginx(text, files, { ...(target && { target }), ...(cores !== undefined && { cores }) }),
  );
  const gunicorn = importAny(source("gunicorn.sh"), (text) => importGunicorn(text, files));
  const tcp = (nginx?.tcp || gunicorn?.tcp) ?? false;
  const versions = importAny(source("versions.txt"), (text) => importVersions(text, { tcp, computes }));
  const { profile } = (versions?.scenario.kernel ?? {}) as { profile?: string };
  const sysctl = importAny(source("sysctl.txt"), (text) => importSysctl(text, { tcp, profile }));
  const { clients, app } = load?.scenario ?? {};
  const kernel = { ...section(versions, "kernel"), ...section(sysctl, "kernel") };
  const scenario = {
    ...(Object.keys(kernel).length > 0 && { kernel }),
    ...(clients !== undefined && { clients }),
    // A version alone makes no nginx or gunicorn: only what is configured runs.
    ...(nginx && { nginx: { ...section(versions, "nginx"), ...section(nginx, "nginx") } }),
    ...(gunicorn && {
      gunicorn: withVersion(gunicorn, {
        ...section(versions, "gunicorn"),
        // The load of a measured case begins whole seconds after gunicorn.
        ...(options.replay && { started_ago: "1s" }),
      }),
    }),
    ...(app !== undefined && { app }),
  };
  const parts = [nginx, gunicorn, sysctl, versions, load].filter((part) => part !== undefined);
  return { scenario, notes: parts.flatMap(({ notes }) => notes) };
}

function importAny<Part>(source: Source | undefined, read: (source: Source) => Part): Part | undefined {
  return source && read(source);
}

function section(part: Imported | undefined, name: string): object | undefined {
  return part?.scenario[name] as object | undefined;
}

/** Each of one or several gunicorns with the version. */
function withVersion(gunicorn: Imported, version: object | undefined): object {
  const configured = section(gunicorn, "gunicorn") as object;
  return Array.isArray(configured)
    ? configured.map((one: object) => ({ ...version, ...one }))
    : { ...version, ...configured };
}
