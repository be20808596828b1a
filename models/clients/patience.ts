// Clients that do not wait for ever.
//
// Modelled: each attempt of a request has so much time from its sending on, whatever connections it uses; the
// cause says where the request was then, or which queue was full, if it never got in.
// Not modelled: time-outs of their own for connect and read.

import type { Place } from "../../src/component/places.js";
import { durationText } from "../../src/component/units.js";
import type { World } from "../../src/component/world.js";
import { grown } from "../../src/engine/grown.js";
import type { Timer } from "../../src/engine/timer.js";

/** In place of a connection: the request waits for one; its client has left meanwhile. */
export const WAITS = -1;
export const HAS_LEFT = -2;

export type Patience = ReturnType<typeof patience>;

/** `left` is called with a request that takes too long. Rows are requests. */
export function patience(
  world: World,
  timeoutNs: number,
  given: { path: string; left(request: number): void },
) {
  const { requests, sim } = world;
  const causes: number[] = [];
  let timer: Timer | undefined;
  let running = new Int32Array(0);
  let connection = new Int32Array(0);
  let startedNs = new Float64Array(0);
  world.onReset(() => {
    causes.length = 0;
    running.fill(0);
    connection.fill(0);
    startedNs.fill(0);
  });

  function reserve(request: number): void {
    const capacity = Math.max(2 * running.length, request + 1, requests.id.length);
    running = grown(running, new Int32Array(capacity));
    connection = grown(connection, new Int32Array(capacity));
    startedNs = grown(startedNs, new Float64Array(capacity));
  }

  function causeAt({ id, text }: Place): number {
    return world.recorder.cause({
      id: id === "" ? "client-timeout" : `client-timeout-${id}`,
      text: () => `client timeout of ${durationText(timeoutNs)} ${text}`.trimEnd(),
      settings: [`${given.path}.timeout = ${durationText(timeoutNs)}`],
    });
  }

  return {
    /** Why a client leaves, by the place of its request. */
    cause: (place: number) => causes[place] as number,
    /** Time runs from the moment of sending, `leadNs` before anything can be observed. */
    prepare(leadNs: number): void {
      causes.push(...world.places.all.map(causeAt));
      timer ??= sim.timer(`${given.path} timeout`, Math.max(0, timeoutNs - leadNs), given.left);
    },
    /** An attempt has been sent at `sentNs`. */
    begins(request: number, sentNs: number): void {
      if (request >= running.length) reserve(request);
      startedNs[request] = sentNs;
      connection[request] = WAITS;
      running[request] = (timer as Timer).start(request);
    },
    /** The connection that it uses now, WAITS or HAS_LEFT. */
    uses(request: number, now: number): void {
      connection[request] = now;
    },
    connectionOf: (request: number) => connection[request] as number,
    ends(request: number): void {
      (timer as Timer).stop(running[request] as number);
    },
    /** When the client leaves. */
    leavesNs: (request: number) => (startedNs[request] as number) + timeoutNs,
  };
}
