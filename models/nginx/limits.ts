// Modelled: limit_req and then limit_conn before a request is proxied; a delayed request is not counted by
// limit_conn before its delay is over (measured: nginx 1.22.1, 2026-11); their status codes.
// Not modelled: dry run, and the log level of refusals.

import type { World } from "../../src/component/world.js";
import { MILLISECOND } from "../../src/engine/time.js";
import { limitConn, limitConnZones } from "./limit-conn.js";
import { limitReq, limitReqZones, REFUSED } from "./limit-req.js";
import type { NginxSettings } from "./settings.js";

export const PASSED = 0;

export interface Limits {
  /** Nothing limits: no call is needed. */
  readonly isOpen: boolean;
  /**
   * limit_req and, if it does not delay, limit_conn. The status of a refusal, whose cause is noted; PASSED;
   * or the negative of a delay in milliseconds, after which `count` follows.
   */
  enter(client: number): number;
  /** limit_conn: the status of a refusal, or PASSED. */
  count(client: number): number;
  /** A request that was not refused is over. */
  leave(client: number): void;
}

/** The limits of all workers together: their zones are shared memory. */
export function limits(world: World, declared: NginxSettings): Limits {
  const { sim, connections, requests, recorder } = world;
  const { limit_req: rates, limit_conn: numbers } = declared;
  const rate = rates && limitReq(limitReqZones(declared.limit_req_zone ?? []), rates);
  const number = numbers && limitConn(limitConnZones(declared.limit_conn_zone ?? []), numbers);
  world.onReset(() => {
    rate?.reset();
    number?.reset();
  });
  const rateCauses = (rates ?? []).map(({ zone }, index) =>
    recorder.cause({
      id: `limit-req-${zone}`,
      text: () => `limiting requests by zone "${zone}"`,
      settings: rate?.settings(index) ?? [],
    }),
  );
  const numberCauses = (numbers ?? []).map(({ zone }, index) =>
    recorder.cause({
      id: `limit-conn-${zone}`,
      text: () => `limiting connections by zone "${zone}"`,
      settings: number?.settings(index) ?? [],
    }),
  );

  /** The number of a client's address: what `$binary_remote_addr` tells apart. */
  const clientOf = (client: number) => requests.client[connections.request[client] as number] as number;

  function enter(client: number): number {
    if (!rate) return count(client);
    const delayMs = rate.request(clientOf(client), Math.floor(sim.now / MILLISECOND));
    if (delayMs === 0) return count(client);
    if (delayMs !== REFUSED) return -delayMs;
    requests.cause[connections.request[client] as number] = rateCauses[rate.refusedBy] as number;
    return declared.limit_req_status;
  }

  function count(client: number): number {
    if (!number || number.enter(clientOf(client))) return PASSED;
    requests.cause[connections.request[client] as number] = numberCauses[number.refusedBy] as number;
    return declared.limit_conn_status;
  }

  return {
    isOpen: !rate && !number,
    enter,
    count,
    leave: (client) => number?.leave(clientOf(client)),
  };
}
