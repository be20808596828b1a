// Which batches of a run are long enough, and their numbers, by the names that those of a replication have.

import { isStatus, isSuccess } from "../component/outcome.js";
import type { World } from "../component/world.js";
import { SECOND } from "../engine/time.js";
import { Histogram } from "../metrics/histogram.js";
import { dependenceOfAll } from "../stats/batch-means.js";
import { type Batch, grouped } from "./batching.js";
import { latencyOf } from "./record.js";
import { isOfRequests } from "./settled.js";
import { latencyNumbers } from "./summary.js";

/** The batches of a run: plain data. */
export interface Batches {
  /** Numbers of each batch, by name; `sent` are requests that ended in it, however they did. */
  rows: (readonly [name: string, value: number])[][];
  /** Mean length of a batch in nanoseconds. */
  lengthNs: number;
  /** Of half batches: see `chosen`. */
  correlation: number;
  isIndependent: boolean;
}

/** Schmeiser's limits are 10 and 30; the more, the less is left to chance in the interval's own width. */
const NUMBERS = [20, 10] as const;

/**
 * The numbers of the batches that are used: 20 of them, or 10 longer ones if those are correlated, or too few
 * requests. Undefined if the run is too short even for those.
 *
 * Too few means hide a correlation. So what is tested are batches of half the length, whose correlation is at
 * least twice as high and of which there are twice as many (as Law and Carson 1979, Operations Research 27,
 * 1011-1025, test 400 batches to use 40). Tested are requests in the system, latencies and failures.
 */
export function chosen(all: readonly Batch[], world: World): Batches | undefined {
  let found: Batches | undefined;
  const scratch = { one: new Histogram(), all: new Histogram(), answered: new Histogram() };
  for (const number of NUMBERS) {
    const halves = grouped(all, 2 * number);
    const batches = grouped(all, number);
    if (!halves || !batches) continue;
    const { correlation, isIndependent } = dependenceOfAll(tested(halves, world));
    const lengthNs = sumOf(batches, "timeNs") / number;
    found = {
      rows: batches.map((one) => [...numbersOf(one, world, scratch)]),
      lengthNs,
      correlation,
      isIndependent,
    };
    if (isIndependent) break;
  }
  return found;
}

/** Of each batch: requests that wait or run, mean latency, and the share that fails. */
function tested(batches: readonly Batch[], { gauges }: World): number[][] {
  const ofRequests = [...gauges.keys()].filter((index) => isOfRequests(gauges[index] as { name: string }));
  const inSystem = batches.map(({ sums }) => {
    const area = ofRequests.reduce((sum, index) => sum + sums.of(`area ${index}`), 0);
    return area / sums.of("timeNs");
  });
  const ends = batches.map((batch) => {
    const outcomes = [...batch.records].filter(([name]) => name.startsWith(OUTCOME));
    const count = outcomes.reduce((sum, [, records]) => sum + records.count, 0);
    const latencyNs = outcomes.reduce((sum, [, records]) => sum + records.sum, 0);
    return { latencyNs: latencyNs / (count || 1), failing: (count - successesOf(batch)) / (count || 1) };
  });
  return [inSystem, ends.map(({ latencyNs }) => latencyNs), ends.map(({ failing }) => failing)];
}

const OUTCOME = "outcome.";

/** Histograms to put records in; each is cleared by whoever uses it. */
type Scratch = Record<"one" | "all" | "answered", Histogram>;

function* numbersOf(
  batch: Batch,
  world: World,
  scratch: Scratch,
): Generator<readonly [name: string, value: number]> {
  const { sums, records } = batch;
  const sum = (name: string) => sums.of(name);
  const outcomes = world.recorder.outcomes.map(({ outcome }) => outcome);
  const ended = outcomes.reduce((all, outcome) => all + (records.get(OUTCOME + outcome)?.count ?? 0), 0);
  const [lengthS, attackS] = [sum("timeNs") / SECOND, sum("attackNs") / SECOND];
  const successes = successesOf(batch);
  const workers = world.work.busy.reduce((all, { limit }) => all + (limit ?? 0), 0);
  yield ["length", lengthS];
  yield ["attack", attackS];
  yield ["sent", ended];
  yield ["attempts", ended + sum("tally clients.retries")];
  yield ["tally clients.attempts_per_request", 1 + sum("tally clients.retries") / (ended || 1)];
  yield ["rate", sum("sent") / attackS];
  yield ["throughput", successes / lengthS];
  yield ["success", successes / (ended || 1)];
  yield ["utilisation", workers > 0 ? sum("busyNs") / (workers * sum("timeNs")) : 0];
  for (const name of sums.places.keys()) if (/^(tally|count|waits) /.test(name)) yield [name, sum(name)];
  yield ["waits sum", sum("waits sum") / SECOND];
  for (const index of world.gauges.keys()) yield [`average ${index}`, sum(`area ${index}`) / sum("timeNs")];
  yield* latencies("", batch, outcomes, scratch);
  for (const index of world.recorder.routes.keys())
    yield* latencies(`route ${index} `, batch, outcomes, scratch);
}

/** By outcome and together, of all requests or of those of a route. */
function* latencies(
  prefix: string,
  { records }: Batch,
  outcomes: readonly string[],
  { one, all, answered }: Scratch,
): Generator<readonly [name: string, value: number]> {
  all.clear();
  answered.clear();
  for (const outcome of outcomes) {
    const own = records.get(`${prefix}${OUTCOME}${outcome}`);
    if (!own || own.count === 0) continue;
    one.clear();
    for (const histogram of isStatus(outcome) ? [one, all, answered] : [one, all]) histogram.put(own);
    yield* latencyNumbers(`${prefix}${OUTCOME}${outcome}`, latencyOf(one));
  }
  if (all.count > 0) yield* latencyNumbers(`${prefix}all`, latencyOf(all));
  if (answered.count > 0) yield* latencyNumbers(`${prefix}answered`, latencyOf(answered));
}

function successesOf({ records }: Batch): number {
  const successes = [...records].filter(
    ([name]) => name.startsWith(OUTCOME) && isSuccess(name.slice(OUTCOME.length)),
  );
  return successes.reduce((sum, [, { count }]) => sum + count, 0);
}

function sumOf(batches: readonly Batch[], name: string): number {
  return batches.reduce((sum, { sums }) => sum + sums.of(name), 0);
}
