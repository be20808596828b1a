// Measured cases beside predictions: the verdict on each, and all that is needed to understand it.

import type { Component } from "../component/component.js";
import type { EndedRequest } from "../component/recorder.js";
import { REQUESTS } from "../import/case.js";
import { ImportError, type Note } from "../import/note.js";
import { ScenarioError } from "../scenario/error.js";
import {
  type CaseFolder,
  type CaseScenario,
  caseScenario,
  type Measured,
  readMeasured,
  readRuns,
  replay,
} from "./case.js";
import { type Beside, logLines, netstatCounters, queueLengths, timeWaits } from "./reasons.js";
import { type Observed, ownDifference, type Score, score } from "./score.js";

/** What verify found out about one case. */
export interface Verified {
  name: string;
  passed: boolean;
  /** Why it could not be replayed; then the rest is missing. */
  problem?: string;
  score?: Score;
  measured?: Observed;
  predicted?: Observed;
  log?: Beside[];
  queues?: Beside[];
  timeWaits?: Beside[];
  netstat?: Beside[];
  /** What the case has and the models do not. */
  notes: Note[];
}

export interface VerifyOptions {
  components: readonly Component[];
  /** Folders of the case's family, itself among them: for the real system's own difference. */
  family: readonly CaseFolder[];
  ended?: (replication: number, request: EndedRequest) => void;
  progress?: (share: number) => void | Promise<void>;
}

/** Replays a case and scores it. A case that cannot be replayed has failed. */
export async function verifyCase(folder: CaseFolder, options: VerifyOptions): Promise<Verified> {
  let notes: Note[] = [];
  try {
    const measured = readMeasured(folder);
    if (folder.read(REQUESTS) === undefined) return failed(folder, `there is no ${REQUESTS}`, notes);
    const imported = caseScenario(folder);
    notes = imported.notes.filter(({ kind }) => kind === "not-modelled");
    if (notes.length > 0) return failed(folder, "it has more than the models can do", notes);
    return await judged(folder, imported, measured, options);
  } catch (error) {
    if (!(error instanceof ScenarioError || error instanceof ImportError)) throw error;
    return failed(folder, error.message, notes);
  }
}

async function judged(
  folder: CaseFolder,
  imported: CaseScenario,
  measured: Measured,
  options: VerifyOptions,
): Promise<Verified> {
  const { result, predicted, unlogged } = await replay(folder, imported, options);
  const own = ownDifference(
    options.family.map((one) => (one.name === folder.name ? measured.runs : runsOf(one))),
  );
  const reference = measured.mean;
  const judgement = score(predicted, reference, own);
  return {
    name: folder.name,
    passed: judgement.passed,
    score: judgement,
    measured: reference,
    predicted,
    log: logLines(result, measured.records, unlogged),
    queues: queueLengths(result, measured.records),
    timeWaits: timeWaits(result, measured.records),
    netstat: netstatCounters(result, measured.records),
    notes: [],
  };
}

/** Another case of the family that cannot be read fails by itself, and tells nothing about this one. */
function runsOf(folder: CaseFolder): Observed[] {
  try {
    return readRuns(folder);
  } catch (error) {
    if (error instanceof ImportError) return [];
    throw error;
  }
}

function failed({ name }: CaseFolder, problem: string, notes: Note[]): Verified {
  return { name, passed: false, problem, notes };
}
