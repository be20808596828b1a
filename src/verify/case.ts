// A measured case: what its folder holds, and the replay of its arrivals and service times.

import type { Component } from "../component/component.js";
import { isStatus } from "../component/outcome.js";
import type { EndedRequest } from "../component/recorder.js";
import { SECOND } from "../engine/time.js";
import { CASE_FILES, importCase, REQUESTS } from "../import/case.js";
import type { Files } from "../import/nginx-conf.js";
import type { Note } from "../import/note.js";
import { parseRequestsCsv } from "../import/requests-csv.js";
import type { Result } from "../run/result.js";
import { run } from "../run/run.js";
import { loadScenario } from "../scenario/load.js";
import { parseTable } from "../scenario/table.js";
import { toYaml } from "../scenario/yaml.js";
import { type MeasuredRecord, parseMeasured } from "./measured.js";
import { meanOf, type Observed, observe } from "./score.js";

/** Replications of the inner randomness. */
const REPLICATIONS = 20;

/** A folder of a measured case; `read` answers undefined for a file that is not there. */
export interface CaseFolder extends Files {
  name: string;
}

/** What was measured in one run, and in a second run of the same inputs if there is one. */
export interface Measured {
  runs: Observed[];
  mean: Observed;
  records: MeasuredRecord[];
}

export interface Replayed {
  predicted: Observed;
  result: Result;
  /** Failures in each replication, by cause, that nginx does not log. */
  unlogged: Record<string, number>;
}

/** The family of a case: its name without the trailing number. */
export function familyOf(name: string): string {
  return name.replace(/-\d+$/, "");
}

/** Reads what the real system did. Throws an ImportError for a file that cannot be understood. */
export function readMeasured(folder: CaseFolder): Measured {
  const runs = readRuns(folder);
  const records = ["measured.json", "measured-again.json"].flatMap((file) => {
    const text = folder.read(file);
    return text === undefined ? [] : [parseMeasured(file, text)];
  });
  return { runs, mean: meanOf(runs), records };
}

/** The runs of a case. Throws an ImportError for a requests file that cannot be understood. */
export function readRuns(folder: CaseFolder): Observed[] {
  const texts = [REQUESTS, "requests-again.csv"].map((file) => ({ file, text: folder.read(file) }));
  return texts.flatMap(({ file, text }) => (text === undefined ? [] : [observeFile(file, text)]));
}

function observeFile(file: string, text: string): Observed {
  return observe(
    parseRequestsCsv({ file, text }).map(({ status, error, latencyNs }) => ({
      outcome: status === 0 ? error : String(status),
      latency_s: latencyNs / SECOND,
    })),
  );
}

/** A case's scenario, and what it leaves out. */
export interface CaseScenario {
  yaml: string;
  notes: Note[];
}

/** The scenario of a case's own files, which replays its requests, as YAML; and what it leaves out. */
export function caseScenario(folder: CaseFolder): CaseScenario {
  const texts = Object.fromEntries(
    [...CASE_FILES, REQUESTS].flatMap((name): [string, string][] => {
      const text = folder.read(name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
  const { scenario, notes } = importCase(texts, folder, { replay: true, folder: folder.name });
  return { yaml: toYaml({ ...scenario, run: { replications: REPLICATIONS } }), notes };
}

/** Replays a case's arrivals and service times. `ended` gets every predicted request. */
export async function replay(
  folder: CaseFolder,
  { yaml }: Pick<CaseScenario, "yaml">,
  options: {
    components: readonly Component[];
    ended?: (replication: number, request: EndedRequest) => void;
    progress?: (share: number) => void | Promise<void>;
  },
): Promise<Replayed> {
  const source = `${folder.name}.yaml`;
  const { components, ended, progress } = options;
  const scenario = loadScenario(source, { read: () => yaml, components });
  const requests: { outcome: string; latency_s: number }[][] = [];
  const unlogged: Record<string, number> = {};
  const result = await run(scenario, {
    components,
    table: (file) => parseTable(folder.read(file) as string, file),
    ended(replication, request) {
      requests[replication] ??= [];
      requests[replication].push({ outcome: request.outcome, latency_s: request.latencyNs / SECOND });
      const { outcome, cause } = request;
      if (isUnseen(outcome)) unlogged[cause] = (unlogged[cause] ?? 0) + 1;
      ended?.(replication, request);
    },
    ...(progress && { progress }),
  });
  for (const cause of Object.keys(unlogged)) (unlogged[cause] as number) /= requests.length;
  return { predicted: meanOf(requests.map(observe)), result, unlogged };
}

/**
 * Whether nginx knows nothing of a request's failure: its client has met an errno, or has left. It does if
 * nginx itself has closed the connection.
 */
function isUnseen(outcome: string): boolean {
  return !isStatus(outcome) && outcome !== "closed";
}
