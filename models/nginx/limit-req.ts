// limit_req: requests of a key pass at a rate; some more wait or pass at once, the rest is refused.
//
// Modelled: the arithmetic of nginx in whole thousandths of a request and whole milliseconds: a request adds
// 1000 to its key's excess, which falls by the rate; a new key starts at 0. Above burst it is refused and
// nothing changes. Above delay it waits (excess - delay) / rate, without a second test; nodelay never waits.
// Several limits hold together: the first that refuses decides, else the longest wait. One zone is shared by
// all worker processes (src/http/modules/ngx_http_limit_req_module.c ngx_http_limit_req_lookup and
// ngx_http_limit_req_account; measured: nginx 1.22.1, 2026-11, each of 320 requests the same).
// Not modelled: the size of a zone, which is taken as never full; keys that are forgotten after a minute of
// silence, when their excess is gone all the same; differences between the clocks of worker processes;
// limit_req_dry_run. An empty key is not limited by nginx: such a zone has no place here.

import * as z from "zod";
import { SettingError } from "../../src/component/setting-error.js";
import {
  choice,
  count,
  declare,
  oneOrMany,
  section,
  text,
  toggle,
  withJsonSchema,
} from "../../src/component/settings.js";

/** What `request` answers for one that is refused. */
export const REFUSED = -1;

const THOUSANDTHS = 1000;
const MILLISECONDS = 1000;
const FIRST_KEYS = 16;
/** Excess of a key that has not been seen; what is seen is never negative. */
const UNSEEN = -1;

const RATE = /^(\d{1,9})r\/([sm])$/;
const RATE_EXPECTED = 'a rate such as "20r/s" or "30r/m"';
const SECONDS: Record<string, number> = { s: 1, m: 60 };

/**
 * `"20r/s"` and `"30r/m"` in whole thousandths of a request per second, rounded down as nginx does: 1r/m is
 * 16 (ngx_http_limit_req_zone). Undefined for anything else, and for a rate of 0.
 */
export function parseRequestRate(rate: string): number | undefined {
  const match = RATE.exec(rate);
  if (!match) return undefined;
  const seconds = SECONDS[match[2] as string] as number;
  return Math.floor((Number(match[1]) * THOUSANDTHS) / seconds) || undefined;
}

const requestRate = withJsonSchema(
  z.string({ error: RATE_EXPECTED }).transform((written, context) => {
    const thousandthsPerSecond = parseRequestRate(written);
    if (thousandthsPerSecond !== undefined) return { written, thousandthsPerSecond };
    context.addIssue({ code: "custom", message: RATE_EXPECTED, input: written });
    return z.NEVER;
  }),
  () => ({ type: "string", pattern: "^[0-9]{1,9}r/[sm]$" }),
);

/** Which requests share a limit; for zones of limit_req and of limit_conn. */
export const zoneKey = choice(["server", "client"], {
  help: 'who shares the limit: "server" is a key alike for all ($server_name, $host), "client" their address',
  source: "ngx_http_limit_req_module limit_req_zone",
});

/** Status of what a limit refuses; the codes that nginx takes (ngx_http_limit_req_module.c). */
export const limitStatus = (directive: string) =>
  count({
    least: 400,
    most: 599,
    help: "status of what is refused",
    default: 503,
    source: `ngx_http_${directive.replace("_status", "_module")} ${directive}`,
  });

const zone = () =>
  section({
    name: text({ help: "name of the zone; the size that nginx.conf gives it makes no difference" }),
    key: zoneKey,
    rate: declare(requestRate, "requests per second or minute", {
      help: "rate at which the requests of a key pass",
      source: "ngx_http_limit_req_module limit_req_zone",
    }),
  });

const use = () =>
  section({
    zone: text({ help: "name of a zone of limit_req_zone" }),
    burst: count({
      least: 0,
      most: 1_000_000_000,
      help: "requests above the rate that are not refused",
      default: 0,
      source: "ngx_http_limit_req_module limit_req",
    }),
    delay: count({
      least: 1,
      most: 1_000_000_000,
      help: "requests above the rate that do not wait; without it every one waits",
      source: "ngx_http_limit_req_module limit_req",
    }).optional(),
    nodelay: toggle({
      help: "whether what is not refused passes at once",
      default: false,
      source: "ngx_http_limit_req_module limit_req",
    }),
  });

/** The directives, to be spread into a section of settings. */
export const limitReqSettings = {
  limit_req_zone: oneOrMany(zone, "rates by which limit_req limits requests").optional(),
  limit_req: oneOrMany(use, "limits of requests; all of them hold").optional(),
  limit_req_status: limitStatus("limit_req_status"),
};

/** The excess of every key of a zone; kept for a whole run, shared by whoever uses the zone. */
export interface LimitReqZone extends z.output<ReturnType<typeof zone>> {
  excess: Float64Array;
  lastMs: Float64Array;
}

export interface LimitReq {
  /**
   * A request whose header has been read: the milliseconds that it has to wait, 0 if none, or REFUSED.
   * `client` is a whole number from 0 that tells clients apart; `nowMs` is nginx's clock in whole
   * milliseconds.
   */
  request(client: number, nowMs: number): number;
  /** Which limit refused last, by its place in the list. */
  readonly refusedBy: number;
  /** The settings behind a refusal by this limit. */
  settings(index: number): string[];
  /** No key has been seen. */
  reset(): void;
}

/** The zones of limit_req_zone, with nothing in them. Throws a SettingError for two of the same name. */
export function limitReqZones(
  declared: readonly z.output<ReturnType<typeof zone>>[],
  path = "nginx",
): LimitReqZone[] {
  refuseDoubles(
    declared.map(({ name }) => name),
    [path, "limit_req_zone"],
    "name",
  );
  return declared.map((one) => ({
    ...one,
    excess: new Float64Array(FIRST_KEYS).fill(UNSEEN),
    lastMs: new Float64Array(FIRST_KEYS),
  }));
}

/**
 * The limits of one place. Throws a SettingError for a zone that is not declared or used twice, and for
 * `delay` beside `nodelay`.
 */
export function limitReq(
  zones: readonly LimitReqZone[],
  uses: readonly z.output<ReturnType<typeof use>>[],
  path = "nginx",
): LimitReq {
  refuseDoubles(
    uses.map((one) => one.zone),
    [path, "limit_req"],
    "zone",
  );
  const limits = uses.map((one, index) => {
    if (one.nodelay && one.delay !== undefined) {
      throw new SettingError([path, "limit_req", index, "delay"], "expected no delay beside nodelay");
    }
    const burst = one.burst * THOUSANDTHS;
    const delay = one.nodelay ? Number.POSITIVE_INFINITY : (one.delay ?? 0) * THOUSANDTHS;
    return { zone: zoneOf(zones, one.zone, [path, "limit_req", index, "zone"]), burst, delay };
  });
  // What each limit's excess would be; stored when all of them let the request pass.
  const excess = new Float64Array(limits.length);

  function request(client: number, nowMs: number): number {
    for (let index = 0; index < limits.length; index++) {
      const { zone, burst } = limits[index] as (typeof limits)[number];
      excess[index] = excessAfter(zone, keyOf(zone, client), nowMs);
      if ((excess[index] as number) > burst) {
        limit.refusedBy = index;
        return REFUSED;
      }
    }
    let longestMs = 0;
    for (let index = 0; index < limits.length; index++) {
      const { zone, delay } = limits[index] as (typeof limits)[number];
      const stored = excess[index] as number;
      store(zone, keyOf(zone, client), stored, nowMs);
      const delayMs = Math.floor(((stored - delay) * MILLISECONDS) / zone.rate.thousandthsPerSecond);
      longestMs = Math.max(longestMs, delayMs);
    }
    return longestMs;
  }

  const limit = {
    request,
    refusedBy: 0,
    settings(index: number) {
      const { zone, burst } = limits[index] as (typeof limits)[number];
      return [
        `${path}.limit_req_zone.${zone.name}.rate = ${zone.rate.written}`,
        `${path}.limit_req.${zone.name}.burst = ${burst / THOUSANDTHS}`,
      ];
    },
    reset() {
      for (const { zone } of limits) {
        zone.excess.fill(UNSEEN);
        zone.lastMs.fill(0);
      }
      excess.fill(0);
      limit.refusedBy = 0;
    },
  };
  return limit;
}

/** Thousandths of requests above the rate if one more comes now. */
function excessAfter({ excess, lastMs, rate }: LimitReqZone, key: number, nowMs: number): number {
  if (key >= excess.length || excess[key] === UNSEEN) return 0;
  const fallen = Math.floor((rate.thousandthsPerSecond * (nowMs - (lastMs[key] as number))) / MILLISECONDS);
  return Math.max(0, (excess[key] as number) - fallen + THOUSANDTHS);
}

function store(zone: LimitReqZone, key: number, excess: number, nowMs: number): void {
  if (key >= zone.excess.length) {
    zone.excess = longer(zone.excess, key, UNSEEN);
    zone.lastMs = longer(zone.lastMs, key, 0);
  }
  zone.excess[key] = excess;
  zone.lastMs[key] = nowMs;
}

/** A copy with room for `key`; what is new has the value `empty`. */
export function longer(column: Float64Array, key: number, empty: number): Float64Array {
  const copy = new Float64Array(Math.max(key + 1, column.length * 2)).fill(empty);
  copy.set(column);
  return copy;
}

/** The key of a request in a zone: that of its client, or one for all. */
export function keyOf(zone: { key: "server" | "client" }, client: number): number {
  return zone.key === "client" ? client : 0;
}

/** The zone of this name. Throws a SettingError, of the setting at `path`, if there is none. */
export function zoneOf<Zone extends { name: string }>(
  zones: readonly Zone[],
  name: string,
  path: (string | number)[],
): Zone {
  const found = zones.find((zone) => zone.name === name);
  if (found) return found;
  const known = zones.map((zone) => `"${zone.name}"`).join(", ");
  throw new SettingError(path, `expected the name of a declared zone (${known || "none is"}), got "${name}"`);
}

/** Throws a SettingError for the second of two names that are alike. */
export function refuseDoubles(names: readonly string[], path: (string | number)[], key: string): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    throw new SettingError([...path, index, key], `expected each name once, got "${name}" again`);
  }
}
