// What clients see of routes, retries and kept connections, beyond vegeta's block.

import { isSuccess } from "../component/outcome.js";
import type { Estimate, Result, RouteResult } from "../run/result.js";
import { printCount, printDuration, printRate, printShare, prose, spaced } from "./format.js";
import { printable, wrap } from "./lines.js";
import { byFrequency, shareEstimate, together } from "./outcomes.js";

/** What each route's requests came to; nothing unless there are several. */
export function routeLines({ routes = {} }: Result, columns: number): string[] {
  return Object.entries(routes).flatMap(([path, route]) =>
    wrap(`${printable(path)}: ${routeText(route)}`, columns, 4, 2),
  );
}

function routeText({ requests, outcomes, latencies }: RouteResult): string {
  const count = `${prose(printCount(requests))} requests`;
  const failing = byFrequency(outcomes).filter(([name, { count }]) => !isSuccess(name) && count > 0);
  const whole = prose(printShare(shareEstimate(together(outcomes, (name) => !isSuccess(name))), " %"));
  const each = failing.map(([name, share]) => `${name} ${prose(printShare(shareEstimate(share), " %"))}`);
  const failures = failing.length === 0 ? "none fails" : `${whole} fail: ${each.join(", ")}`;
  const { all } = latencies;
  if (!all) return `${count}, ${failures}`;
  const times = (["p50", "p95", "p99"] as const).map((q) => `${q} ${durationText(all[q])}`);
  return `${count}, ${failures}; latency ${times.join(", ")}`;
}

function durationText(estimate: Estimate): string {
  const { text, spread } = printDuration(estimate);
  return prose({ text: spaced(text), spread: spread === "" ? "" : spaced(spread) });
}

/** Attempts and connections of the clients; nothing unless some try again or keep connections. */
export function clientLines({ clients = {} }: Result, columns: number): string[] {
  const { attempts_per_request, retries, over_budget, connections, reused, resent } = clients;
  const count = (of: Estimate | undefined) => (of === undefined ? "no" : prose(printCount(of)));
  const texts: string[] = [];
  if (attempts_per_request !== undefined) {
    const budget = over_budget === undefined ? "" : `, ${count(over_budget)} more were beyond the budget`;
    texts.push(
      `${prose(printRate(attempts_per_request))} attempts a request: ${count(retries)} retries${budget}`,
    );
  }
  if (connections !== undefined) {
    const again = resent === undefined || resent.value === 0 ? "" : `, ${count(resent)} of them sent again`;
    texts.push(`${count(connections)} connections opened, ${count(reused)} requests over kept ones${again}`);
  }
  return texts.flatMap((text) => wrap(text, columns, 4, 2));
}
