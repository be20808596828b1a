// What is kept of every request: how it ended, why, and when. Fixed memory, whatever the number of requests.

import { Counts } from "../metrics/counts.js";
import { Histogram } from "../metrics/histogram.js";
import type { TimeAxis } from "../metrics/time-axis.js";
import { errnoName, type Failure } from "./errno.js";
import { NO_CAUSE, type Requests } from "./requests.js";

// Requests keep the number of their cause in a byte, in which 0 is none.
const MOST_CAUSES = 255;

/** Why requests fail, declared by the part that makes them fail. */
export interface CauseDeclaration {
  /** Its name in metrics. */
  id: string;
  /** As an SRE would say it, with the numbers of this run: called at its end. */
  text: () => string;
  /** The settings that decided, as `gunicorn.backlog = 2048`. */
  settings: string[];
}

export interface CauseRecord extends CauseDeclaration {
  count: number;
  firstNs: number;
}

/** One ended request, for those who want every single one. */
export interface EndedRequest {
  id: number;
  sentNs: number;
  serviceNs: number;
  cpuNs: number;
  /** `200`, or an error word. */
  outcome: string;
  cause: string;
  latencyNs: number;
}

export interface OutcomeRecord {
  outcome: string;
  latencies: Histogram;
  ended: Counts;
}

const TWO_TO_32 = 2 ** 32;

export class Recorder {
  readonly outcomes: OutcomeRecord[] = [];
  readonly causes: CauseRecord[] = [{ id: "", text: () => "", settings: [], count: 0, firstNs: 0 }];
  /** Named counters: statuses that nginx logs (`nginx.502`), errnos that requests met (`error.EAGAIN`). */
  readonly tallies = new Map<string, { count: number }>();
  /** Requests that have their outcome. */
  count = 0;
  /** Requests there will be, on average: for the progress of a run only. */
  expected = 0;
  bytesIn = 0;
  lastEndNs = 0;
  observer: ((request: EndedRequest) => void) | undefined;
  private readonly axis: TimeAxis;
  private readonly requests: Requests;
  private readonly errnos: Failure[] = [];
  private readonly errnoTallies: { count: number }[] = [];
  private hashLow = 0x811c9dc5;
  private hashHigh = 0x9747b28c;

  constructor(axis: TimeAxis, requests: Requests) {
    this.axis = axis;
    this.requests = requests;
  }

  /** The number of an outcome, by status or error word. */
  outcome(outcome: string): number {
    const known = this.outcomes.findIndex((record) => record.outcome === outcome);
    if (known >= 0) return known;
    return this.outcomes.push({ outcome, latencies: new Histogram(), ended: new Counts(this.axis) }) - 1;
  }

  /** The number of a cause. */
  cause(declaration: CauseDeclaration): number {
    if (this.causes.length > MOST_CAUSES)
      throw new Error(`${declaration.id}: more than ${MOST_CAUSES} causes`);
    return this.causes.push({ ...declaration, count: 0, firstNs: Number.POSITIVE_INFINITY }) - 1;
  }

  /** A named counter; the same name is the same counter. */
  tally(name: string): { count: number } {
    const tally = this.tallies.get(name) ?? { count: 0 };
    this.tallies.set(name, tally);
    return tally;
  }

  /** A request meets an errno; however often it does, it counts once. */
  met(request: number, errno: Failure): void {
    let bit = this.errnos.indexOf(errno);
    if (bit < 0) {
      bit = this.errnos.push(errno) - 1;
      this.errnoTallies.push(this.tally(`error.${errnoName(errno)}`));
    }
    const met = this.requests.errnos[request] as number;
    if ((met & (1 << bit)) !== 0) return;
    this.requests.errnos[request] = met | (1 << bit);
    (this.errnoTallies[bit] as { count: number }).count++;
  }

  /** A request has its outcome at `endNs`, which may be a little later than now. */
  ended(request: number, outcome: number, endNs: number, bodyBytes: number): void {
    const cause = this.requests.cause[request] as number;
    const sentNs = this.requests.sentNs[request] as number;
    const record = this.outcomes[outcome] as OutcomeRecord;
    record.latencies.record(endNs - sentNs);
    record.ended.add(endNs);
    this.count++;
    this.bytesIn += bodyBytes;
    if (endNs > this.lastEndNs) this.lastEndNs = endNs;
    if (cause !== NO_CAUSE) {
      const why = this.causes[cause] as CauseRecord;
      why.count++;
      if (endNs < why.firstNs) why.firstNs = endNs;
    }
    this.fingerprint(sentNs, endNs, outcome * 256 + cause);
    if (this.observer) this.observe(this.observer, request, record.outcome, cause, endNs);
  }

  /** 64 bits over every request's outcome, cause and times, in hexadecimal. */
  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return hex(this.hashHigh) + hex(this.hashLow);
  }

  /**
   * Two multiplicative hashes (Fibonacci hashing and MurmurHash3's constants), one over the low words of the
   * times (`| 0` takes them) and one over the high words as well: 2^32 ns are 4.3 s.
   */
  private fingerprint(sentNs: number, endNs: number, ending: number): void {
    this.hashLow = Math.imul(this.hashLow ^ endNs ^ ending, 0x9e3779b1) + (sentNs | 0);
    this.hashLow ^= this.hashLow >>> 15;
    const high = Math.imul((sentNs / TWO_TO_32) | 0, 0xc2b2ae35) + ((endNs / TWO_TO_32) | 0);
    this.hashHigh = Math.imul(this.hashHigh ^ high ^ (sentNs | 0), 0x85ebca6b) + (endNs | 0) + ending;
    this.hashHigh ^= this.hashHigh >>> 13;
  }

  private observe(
    observer: (request: EndedRequest) => void,
    request: number,
    outcome: string,
    cause: number,
    endNs: number,
  ): void {
    const sentNs = this.requests.sentNs[request] as number;
    observer({
      id: this.requests.id[request] as number,
      sentNs,
      serviceNs: this.requests.serviceNs[request] as number,
      cpuNs: this.requests.cpuNs[request] as number,
      outcome,
      cause: (this.causes[cause] as CauseRecord).id,
      latencyNs: endNs - sentNs,
    });
  }
}
