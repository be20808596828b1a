// limit_conn: how many requests of a key may be processed at a time.
//
// Modelled: a request counts from its header being read until it is answered or given up, whatever its
// connection does (src/http/modules/ngx_http_limit_conn_module.c); the first limit that is reached refuses,
// and then none of them counts the request. One zone is shared by all worker processes. It is tested after
// limit_req: a request that limit_req delays counts only after its delay, and may be refused then (measured:
// nginx 1.22.1, 2026-11, of two at once under "rate=2r/s burst=5" and one connection the second waits 500 ms
// and is refused).
// Not modelled: the size of a zone, which is taken as never full; limit_conn_dry_run; empty keys, which nginx
// does not limit.

import type * as z from "zod";
import { count, oneOrMany, section, text } from "../../src/component/settings.js";
import { keyOf, limitStatus, longer, refuseDoubles, zoneKey, zoneOf } from "./limit-req.js";

const FIRST_KEYS = 16;

const zone = () =>
  section({
    name: text({ help: "name of the zone; the size that nginx.conf gives it makes no difference" }),
    key: zoneKey,
  });

const use = () =>
  section({
    zone: text({ help: "name of a zone of limit_conn_zone" }),
    connections: count({
      least: 1,
      most: 65_535,
      help: "requests of a key that are processed at a time",
      source: "ngx_http_limit_conn_module limit_conn",
    }),
  });

/** The directives, to be spread into a section of settings. */
export const limitConnSettings = {
  limit_conn_zone: oneOrMany(zone, "keys by which limit_conn counts requests").optional(),
  limit_conn: oneOrMany(use, "limits of requests being processed; all of them hold").optional(),
  limit_conn_status: limitStatus("limit_conn_status"),
};

/** How many requests of every key are processed; shared by whoever uses the zone. */
export interface LimitConnZone extends z.output<ReturnType<typeof zone>> {
  processed: Float64Array;
}

export interface LimitConn {
  /** A request whose header has been read: whether it may be processed. `client` as for limit_req. */
  enter(client: number): boolean;
  /** A request that entered is answered or given up. */
  leave(client: number): void;
  /** Which limit refused last, by its place in the list. */
  readonly refusedBy: number;
  /** The settings behind a refusal by this limit. */
  settings(index: number): string[];
  /** No request of any key is processed. */
  reset(): void;
}

/** The zones of limit_conn_zone, with nothing in them. Throws a SettingError for two of the same name. */
export function limitConnZones(
  declared: readonly z.output<ReturnType<typeof zone>>[],
  path = "nginx",
): LimitConnZone[] {
  refuseDoubles(
    declared.map(({ name }) => name),
    [path, "limit_conn_zone"],
    "name",
  );
  return declared.map((one) => ({ ...one, processed: new Float64Array(FIRST_KEYS) }));
}

/** The limits of one place. Throws a SettingError for a zone that is not declared or used twice. */
export function limitConn(
  zones: readonly LimitConnZone[],
  uses: readonly z.output<ReturnType<typeof use>>[],
  path = "nginx",
): LimitConn {
  refuseDoubles(
    uses.map((one) => one.zone),
    [path, "limit_conn"],
    "zone",
  );
  const limits = uses.map(({ zone: name, connections }, index) => ({
    zone: zoneOf(zones, name, [path, "limit_conn", index, "zone"]),
    connections,
  }));

  function enter(client: number): boolean {
    for (let index = 0; index < limits.length; index++) {
      const { zone, connections } = limits[index] as (typeof limits)[number];
      const key = keyOf(zone, client);
      if (key >= zone.processed.length) zone.processed = longer(zone.processed, key, 0);
      if ((zone.processed[key] as number) < connections) continue;
      limit.refusedBy = index;
      return false;
    }
    add(client, 1);
    return true;
  }

  function add(client: number, change: number): void {
    for (const { zone } of limits) {
      const key = keyOf(zone, client);
      zone.processed[key] = (zone.processed[key] as number) + change;
    }
  }

  const limit = {
    enter,
    leave: (client: number) => add(client, -1),
    refusedBy: 0,
    settings(index: number) {
      const { zone, connections } = limits[index] as (typeof limits)[number];
      return [`${path}.limit_conn.${zone.name}.connections = ${connections}`];
    },
    reset() {
      for (const { zone } of limits) zone.processed.fill(0);
      limit.refusedBy = 0;
    },
  };
  return limit;
}
