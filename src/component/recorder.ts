// What is kept of every request: how it ended, why, and when. Fixed memory, whatever the number of requests.

import { DOUBLE } from "../engine/time.js";
import { Counts } from "../metrics/counts.js";
import { Histogram } from "../metrics/histogram.js";
import type { TimeAxis } from "../metrics/time-axis.js";
import { errnoName, type Failure } from "./errno.js";
import { FNV_BASIS, FNV_PRIME, hashOf } from "./name-hash.js";
import { isSuccess } from "./outcome.js";
import { NO_CAUSE, type Requests } from "./requests.js";
import type { Waits } from "./waits.js";

// Requests keep the number of their cause in 16 bits, in which 0 is none.
const MOST_CAUSES = 65_535;

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
  /** Of its id, for the fingerprint. */
  readonly hash: number;
  count: number;
  firstNs: number;
}

/** One ended request, for those who want every single one. */
export interface EndedRequest {
  id: number;
  sentNs: number;
  serviceNs: number;
  /** Processor time of the application. */
  cpuNs: number;
  /** It takes some for this request or for others. */
  computes: boolean;
  /** `200`, or an error word. */
  outcome: string;
  cause: string;
  /** From the first time it was sent. */
  latencyNs: number;
  /** How often it was sent. */
  attempts: number;
  /** Which route of the application it asked for, by number. */
  route: number;
}

export interface OutcomeRecord {
  outcome: string;
  /** Of the word, for the fingerprint. */
  readonly hash: number;
  readonly isSuccess: boolean;
  latencies: Histogram;
  ended: Counts;
}

/** What became of the requests of one route: latencies by outcome, at the outcome's number. */
export interface RouteRecord {
  path: string;
  latencies: (Histogram | undefined)[];
}

const TWO_TO_32 = 2 ** 32;
const FIRST_LOW = FNV_BASIS | 0;
const FIRST_HIGH = 0x9747b28c | 0;

export class Recorder {
  readonly outcomes: OutcomeRecord[] = [];
  readonly causes: CauseRecord[] = [
    { id: "", hash: hashOf(""), text: () => "", settings: [], count: 0, firstNs: Number.POSITIVE_INFINITY },
  ];
  /** Empty unless there are several routes to tell apart. */
  routes: readonly RouteRecord[] = [];
  /** Named counters: statuses that nginx logs (`nginx.502`), errnos that requests met (`error.EAGAIN`). */
  readonly tallies = new Map<string, { count: number }>();
  /** Requests that have their outcome. */
  count = 0;
  /** Requests there will be, on average: for the progress of a run only. */
  expected = 0;
  bytesIn = DOUBLE;
  lastEndNs = DOUBLE;
  /** Requests that were sent before do not count. */
  fromNs = DOUBLE;
  /** The application takes processor time for some requests. */
  computes = false;
  observer: ((request: EndedRequest) => void) | undefined;
  /** Wanted only where theory says how long requests wait. */
  waits: Waits | undefined;
  private readonly axis: TimeAxis;
  private readonly requests: Requests;
  private readonly commonCauses = new Map<string, number>();
  private readonly errnos: Failure[] = [];
  private readonly errnoTallies: { count: number }[] = [];
  /** Histograms that nobody has at the moment: of 220 kB each. */
  private readonly unused: Histogram[] = [];
  /** How many outcomes, causes, common ones and tallies there were when `keep` was called. */
  private kept = { outcomes: 0, causes: 1, commonCauses: 0, tallies: 0 };
  /**
   * When the request ended of which only some runs want more: handed over here, since as a parameter of those
   * calls it would be an object for every request (0.97 times the benchmark's processor time).
   */
  private endNs = DOUBLE;
  private hashLow = FIRST_LOW;
  private hashHigh = FIRST_HIGH;

  constructor(axis: TimeAxis, requests: Requests) {
    this.axis = axis;
    this.requests = requests;
    this.reset();
  }

  /** The number of an outcome, by status or error word. */
  outcome(outcome: string): number {
    const known = this.outcomes.findIndex((record) => record.outcome === outcome);
    if (known >= 0) return known;
    const hash = hashOf(outcome);
    const latencies = this.unused.pop() ?? new Histogram();
    const ended = new Counts(this.axis);
    return this.outcomes.push({ outcome, hash, isSuccess: isSuccess(outcome), latencies, ended }) - 1;
  }

  /** Outcomes are wanted by route too: `paths` in the order of `Requests.route`. */
  tellApart(paths: readonly string[]): void {
    this.routes = paths.map((path) => ({ path, latencies: [] }));
  }

  /** The number of a cause. */
  cause(declaration: CauseDeclaration): number {
    if (this.causes.length > MOST_CAUSES)
      throw new Error(`${declaration.id}: more than ${MOST_CAUSES} causes`);
    const hash = hashOf(declaration.id);
    return this.causes.push({ ...declaration, hash, count: 0, firstNs: Number.POSITIVE_INFINITY }) - 1;
  }

  /** The same for a cause of several parts: it is the same one if id and settings are. */
  commonCause(declaration: CauseDeclaration): number {
    const key = [declaration.id, ...declaration.settings].join("\n");
    const number = this.commonCauses.get(key) ?? this.cause(declaration);
    this.commonCauses.set(key, number);
    return number;
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
    if (sentNs < this.fromNs) {
      this.endNs = endNs;
      this.leftOut(request, record, cause);
      return;
    }
    record.latencies.record(endNs - sentNs);
    record.ended.add(endNs);
    this.count++;
    this.bytesIn += bodyBytes;
    if (endNs > this.lastEndNs) this.lastEndNs = endNs;
    const why = this.causes[cause] as CauseRecord;
    if (cause !== NO_CAUSE) {
      why.count++;
      if (endNs < why.firstNs) why.firstNs = endNs;
    }
    // Two multiplicative hashes (Fibonacci hashing and MurmurHash3's constants), one over the low words of
    // the times (`| 0` takes them) and one over the high words as well: 2^32 ns are 4.3 s. Names stand for
    // outcome and cause: their numbers would change with every cause that a model gains. Each hash is written
    // once, as a word: a sum would be a double.
    const ending = Math.imul(record.hash, FNV_PRIME) ^ why.hash;
    const [sentLow, endLow] = [sentNs | 0, endNs | 0];
    const low = (Math.imul(this.hashLow ^ endLow ^ ending, 0x9e3779b1) + sentLow) | 0;
    this.hashLow = low ^ (low >>> 15);
    const times = Math.imul((sentNs / TWO_TO_32) | 0, 0xc2b2ae35) + ((endNs / TWO_TO_32) | 0);
    const high = (Math.imul(this.hashHigh ^ times ^ sentLow, 0x85ebca6b) + endLow + ending) | 0;
    this.hashHigh = high ^ (high >>> 13);
    if (this.routes.length > 0 || this.waits || this.observer) {
      this.endNs = endNs;
      this.tellMore(request, outcome, cause);
    }
  }

  /** What only some runs want to know of a request. */
  private tellMore(request: number, outcome: number, cause: number): void {
    const { endNs } = this;
    const latencyNs = endNs - (this.requests.sentNs[request] as number);
    const record = this.outcomes[outcome] as OutcomeRecord;
    if (this.routes.length > 0) this.endedOnRoute(request, outcome, latencyNs);
    if (this.waits && record.isSuccess) this.waits.ended(request, latencyNs);
    if (this.observer) this.observe(this.observer, request, record.outcome, cause);
  }

  /** Nothing counts of what was recorded so far, nor of what was sent before. */
  restart(nowNs: number): void {
    this.fromNs = nowNs;
    this.bytesIn = 0;
    for (const tally of this.tallies.values()) tally.count = 0;
    for (const outcome of this.outcomes) outcome.latencies.clear();
    for (const { latencies } of this.routes) for (const own of latencies) own?.clear();
    for (const cause of this.causes) [cause.count, cause.firstNs] = [0, Number.POSITIVE_INFINITY];
    this.waits?.clear();
  }

  /** Outcomes, causes and tallies that are known by now stay when it is reset; later ones do not. */
  keep(): void {
    const { outcomes, causes, commonCauses, tallies } = this;
    this.kept = {
      ...{ outcomes: outcomes.length, causes: causes.length },
      ...{ commonCauses: commonCauses.size, tallies: tallies.size },
    };
  }

  /** As it was when `keep` was called, before any request had its outcome. The axis has been reset before. */
  reset(): void {
    const { kept } = this;
    this.restart(0);
    for (const { latencies } of this.outcomes.splice(kept.outcomes)) this.unused.push(latencies);
    this.causes.length = kept.causes;
    forget(this.commonCauses, kept.commonCauses);
    forget(this.tallies, kept.tallies);
    this.errnos.length = this.errnoTallies.length = 0;
    for (const { ended } of this.outcomes) ended.reset();
    for (const { latencies } of this.routes) latencies.length = 0;
    this.count = this.lastEndNs = this.endNs = 0;
    this.observer = this.waits = undefined;
    this.hashLow = FIRST_LOW;
    this.hashHigh = FIRST_HIGH;
  }

  /** The end of a request of the warm-up: whoever wants every single one gets it. */
  private leftOut(request: number, { outcome, ended }: OutcomeRecord, cause: number): void {
    const { endNs } = this;
    ended.add(endNs);
    this.count++;
    if (endNs > this.lastEndNs) this.lastEndNs = endNs;
    if (this.observer) this.observe(this.observer, request, outcome, cause);
  }

  private endedOnRoute(request: number, outcome: number, latencyNs: number): void {
    const { latencies } = this.routes[this.requests.route[request] as number] as RouteRecord;
    latencies[outcome] ??= new Histogram();
    latencies[outcome].record(latencyNs);
  }

  /** 64 bits over every request's outcome, cause and times, in hexadecimal. */
  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
    return hex(this.hashHigh) + hex(this.hashLow);
  }

  private observe(
    observer: (request: EndedRequest) => void,
    request: number,
    outcome: string,
    cause: number,
  ): void {
    const { endNs } = this;
    const sentNs = this.requests.sentNs[request] as number;
    observer({
      id: this.requests.id[request] as number,
      sentNs,
      serviceNs: this.requests.serviceNs[request] as number,
      cpuNs: this.requests.cpuNs[request] as number,
      computes: this.computes,
      outcome,
      cause: (this.causes[cause] as CauseRecord).id,
      latencyNs: endNs - sentNs,
      attempts: this.requests.attempt[request] as number,
      route: this.requests.route[request] as number,
    });
  }
}

/** Leaves the first so many entries. */
function forget(map: Map<string, unknown>, kept: number): void {
  for (const key of [...map.keys()].slice(kept)) map.delete(key);
}
