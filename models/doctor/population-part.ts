// A population of clients as rules see it.
//
// Modelled: mean and highest rate of each phase, and how many requests it sends. Not modelled: closed loops
// have no rate.

import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";
import { expectedRequests } from "../clients/arrivals.js";
import { knotsOf, meanPerSecond, type Phase } from "../clients/phases.js";
import type { Settings as ClientSettings } from "../clients/settings.js";
import { readTrace } from "../clients/trace.js";
import type { PhaseLoad, Population } from "./parts.js";

/** What says how fast a phase sends. */
const RATE_KEYS: { [kind in Phase["process"]]: string } = {
  constant: "rate",
  poisson: "rate",
  burst: "requests",
  ramp: "to",
  mmpp: "states",
  profile: "rates",
  trace: "file",
};

export function populationPart(settings: ClientSettings, table: World["table"]): Population {
  const path = settings.name === undefined ? "clients" : `clients.${settings.name}`;
  const phases = (settings.arrivals ?? []).map((declared, index): PhaseLoad => {
    const requests = expectedRequests([declared], table, path);
    const isTrace = declared.process === "trace";
    const perSecond = isTrace
      ? tracedPerSecond(readTrace(declared.file, table, path, index).sent)
      : meanPerSecond(declared);
    return {
      declared,
      perSecond,
      peakPerSecond: peakOf(declared) ?? perSecond,
      requests,
      rate: { path: [path, "arrivals", index, RATE_KEYS[declared.process]], of: "recvq" },
    };
  });
  const rated = phases.filter(({ perSecond }) => perSecond !== undefined);
  const most = Math.max(...rated.map(({ perSecond }) => perSecond as number));
  return {
    path,
    settings,
    phases,
    busiest: rated.find(({ perSecond }) => perSecond === most),
    target: undefined,
    setting: (key) => ({ path: [path, ...key.split(".")], of: "recvq" }),
  };
}

/** Requests a second of a population; 0 without a rate. */
export function rateOf({ busiest }: Population): number {
  return busiest?.perSecond ?? 0;
}

function tracedPerSecond(sent: Float64Array): number | undefined {
  const lasts = (sent[sent.length - 1] ?? 0) - (sent[0] ?? 0);
  return lasts > 0 ? sent.length / lasts : undefined;
}

/** The highest rate of a phase whose rate changes. */
function peakOf(declared: Phase): number | undefined {
  switch (declared.process) {
    case "ramp":
      return Math.max(declared.from, declared.to);
    case "mmpp":
      return Math.max(...declared.states.map(({ rate }) => rate));
    case "profile":
      return Math.max(...knotsOf(declared).map(({ perSecond }) => perSecond));
    default:
      return undefined;
  }
}

/** How long the busiest phase of a population lasts; 0 without one. */
export function lastsNsOf({ busiest }: Population): number {
  return busiest ? (busiest.requests / (busiest.perSecond as number)) * SECOND : 0;
}
