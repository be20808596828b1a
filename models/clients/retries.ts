// Clients that send a failed request again.
//
// Modelled: which outcomes, how often, after which delay (fixed, drawn, growing, with AWS's kinds of jitter),
// and a budget that all clients of a population share. A retry asks the same of the application, from the
// same address; the user sees the last attempt's outcome and waits from the first one on. The budget is that
// of Finagle and linkerd (finagle-core RetryBudget.scala and util-core's LeakyTokenBucket; tower Budget):
// each request pays in `ratio` of a retry, which expires after `ttl`, and so does what a retry takes out;
// besides there is a reserve of `min_retries_per_second` times `ttl`.
// Not modelled: Retry-After, hedged requests, circuit breakers.

import { recordedDistribution } from "../../src/component/recorded-distribution.js";
import type { World } from "../../src/component/world.js";
import { isRandom, sampler } from "../../src/engine/distribution.js";
import { SECOND } from "../../src/engine/time.js";
import type { Budget, Retries } from "./settings.js";

export interface Retrying {
  /** A request is sent for the first time. */
  sent(): void;
  /** Whether a request is sent again after this outcome, a number of the recorder; then it is counted. */
  wants(request: number, outcome: number): boolean;
  /** Time until the next attempt; `attempt` is the number of the one that failed, from 1. */
  delayNs(attempt: number): number;
}

export function retries(world: World, declared: Retries, path: string): Retrying {
  const { requests, recorder, sim } = world;
  const { attempts, factor, most: mostNs, jitter } = declared;
  const outcomes = new Set(declared.on.map(String));
  const isWanted: (boolean | undefined)[] = [];
  const delay = recordedDistribution(world.table, declared.delay, [path, "retries", "delay"]);
  const drawNs = sampler(delay, isRandom(delay) ? world.random(`${path}.delay`) : () => 0);
  const uniform = jitter === "none" ? () => 0 : world.random(`${path}.jitter`);
  const sentAgain = recorder.tally("clients.retries");
  const budget = declared.budget && retryBudget(declared.budget, () => sim.now);
  const refused = budget && recorder.tally("clients.over_budget");
  world.onReset(() => {
    isWanted.fill(undefined);
    budget?.reset();
  });

  function wants(request: number, outcome: number): boolean {
    if ((requests.attempt[request] as number) >= attempts) return false;
    isWanted[outcome] ??= outcomes.has(recorder.outcomes[outcome]?.outcome as string);
    if (!isWanted[outcome]) return false;
    if (budget && !budget.withdraw()) {
      (refused as { count: number }).count++;
      return false;
    }
    sentAgain.count++;
    return true;
  }

  function delayNs(attempt: number): number {
    const wholeNs = Math.min(mostNs, drawNs() * factor ** (attempt - 1));
    if (jitter === "full") return Math.round(wholeNs * uniform());
    if (jitter === "equal") return Math.round((wholeNs / 2) * (1 + uniform()));
    return Math.round(wholeNs);
  }

  return { sent: () => budget?.deposit(), wants, delayNs };
}

/** What has been paid in and taken out in the last `ttl` is kept in so many slices of it. */
const SLICES = 10;
// In whole thousandths of a deposit, so that nothing is lost by rounding (RetryBudget.ScaleFactor).
const DEPOSIT = 1_000;

/** Tokens of the last `ttl` and the reserve. */
export function retryBudget({ ratio, min_retries_per_second, ttl }: Budget, nowNs: () => number) {
  const deposit = ratio === 0 ? 0 : DEPOSIT;
  const price = ratio === 0 ? 1 : Math.floor(DEPOSIT / ratio);
  const reserve = Math.floor(min_retries_per_second * (ttl / SECOND)) * price;
  const sliceNs = ttl / SLICES;
  const slices = new Float64Array(SLICES);
  const state = { slice: 0, sum: 0 };

  /** Forgets what is older than `ttl`. */
  function forget(): number {
    const slice = Math.floor(nowNs() / sliceNs);
    for (let old = Math.max(state.slice + 1, slice - SLICES + 1); old <= slice; old++) {
      state.sum -= slices[old % SLICES] as number;
      slices[old % SLICES] = 0;
    }
    state.slice = slice;
    return slice % SLICES;
  }

  function add(tokens: number): void {
    (slices[forget()] as number) += tokens;
    state.sum += tokens;
  }

  return {
    deposit: () => add(deposit),
    /** Takes the tokens of a retry; false if there are too few. */
    withdraw(): boolean {
      forget();
      if (state.sum + reserve < price) return false;
      add(-price);
      return true;
    },
    /** As it was before the first deposit. */
    reset(): void {
      slices.fill(0);
      state.slice = 0;
      state.sum = 0;
    },
  };
}
