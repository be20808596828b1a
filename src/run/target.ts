// The number that knobs are judged by.

import { isSuccess } from "../component/outcome.js";
import { type Compared, mean, type Ran, shareOfRequests } from "./compared.js";
import { metricOf } from "./metrics.js";

/** All requests but those that succeed. */
const FAILURES = "failure.share";
const WITHOUT_FAILURES = "success.latency.p99";

/** The metric of this name, as `run.until` has it; undefined if there is none. */
export function targetOf(name: string, base: Ran): Compared | undefined {
  if (metricOf(name, base.first) === undefined) return undefined;
  const values = ({ numbers, first }: Ran) => metricOf(name, first)?.values(numbers) ?? [];
  const [of = "", measure = ""] = name.split(".");
  if (name === "wasted.share")
    return mean({ metric: name, kind: "work", unit: "share", wanted: "less" }, values);
  if (name.startsWith("cause."))
    return shareOfRequests({ metric: name, kind: "cause", wanted: "less" }, values);
  const wanted = of === "success" || isSuccess(of) ? "more" : "less";
  if (measure === "share") return shareOfRequests({ metric: name, kind: "outcome", wanted }, values);
  if (measure === "rate") return mean({ metric: name, kind: "throughput", unit: "1/s", wanted }, values);
  if (name === "throughput")
    return mean({ metric: name, kind: "throughput", unit: "1/s", wanted: "more" }, values);
  if (name === "workers.utilisation")
    return mean({ metric: name, kind: "work", unit: "share", wanted: undefined }, values);
  const isLevel = of === "accept_queue" || of === "time_wait";
  if (isLevel) {
    const fewer = of === "accept_queue" ? "less" : undefined;
    return mean({ metric: name, kind: "level", unit: "1", wanted: fewer }, values);
  }
  return mean({ metric: name, kind: "latency", unit: "s", wanted: "less" }, values);
}

/** What is asked for if nothing is: the share of failures, or the p99 of successes if nothing fails. */
export function usualTarget(base: Ran): Compared {
  const sent = base.numbers.of("sent");
  const failing = base.numbers.of("count successes").some((count, index) => count < (sent[index] as number));
  return targetOf(failing ? FAILURES : WITHOUT_FAILURES, base) as Compared;
}
