// What the requests of a population bring along.
//
// Modelled: the method, as far as it decides whether nginx may send a request to a second server; a body of a
// fixed size, and how fast the client sends it.
// Not modelled: sizes that vary, `Expect: 100-continue`, clients that stop in the middle of a body.

import { choice, bytes as size } from "../../src/component/settings.js";
import type { World } from "../../src/component/world.js";
import { SECOND } from "../../src/engine/time.js";

export const requestContentSettings = {
  method: choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "LOCK"], {
    help: "method of the requests; POST, PATCH and LOCK are not sent to another server once they were sent",
    default: "GET",
    source: "src/http/ngx_http_upstream.c ngx_http_upstream_next",
  }),
  body: size({ help: "size of a request's body", default: "0B" }),
  upload: size({
    help: "how much of its body a client sends in a second; without it all at once",
  }).optional(),
};

interface Content {
  method: string;
  body: number;
  upload?: number | undefined;
}

/** Methods that nginx does not send a second time unless it is told so (ngx_http_upstream_next). */
export const NON_IDEMPOTENT = ["POST", "PATCH", "LOCK"];

/** Notes what a request of this population brings; undefined if that is nothing. */
export function requestContent(
  { requests }: World,
  { method, body: bodyBytes, upload: bytesPerSecond }: Content,
): ((request: number) => void) | undefined {
  const isOnce = NON_IDEMPOTENT.includes(method) ? 1 : 0;
  if (bodyBytes === 0 && !isOnce) return undefined;
  const bodies = requests.withBodies();
  const uploadNs = bytesPerSecond === undefined ? 0 : Math.round((bodyBytes / bytesPerSecond) * SECOND);
  return (request) => {
    bodies.bytes[request] = bodyBytes;
    bodies.uploadNs[request] = uploadNs;
    bodies.isOnce[request] = isOnce;
  };
}
