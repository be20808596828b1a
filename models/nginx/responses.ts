// The responses that nginx sends to clients.
//
// Modelled: what the access log counts, the sizes of nginx's own pages, codes that have no response.
// Not modelled: headers.

import type { World } from "../../src/component/world.js";
import { errorPageBytes, isUnanswered, sentStatus } from "./pages.js";
import { OWN_PAGE } from "./proxy.js";
import type { NginxSettings } from "./settings.js";

/** Sends responses: nginx's own pages or the application's. */
export function responses({ recorder, connections }: World, declared: NginxSettings) {
  const logged: { count: number }[] = [];
  const pages: number[] = [];
  return (client: number, code: number, bodyBytes: number, laterNs: number): void => {
    const isOwn = bodyBytes === OWN_PAGE;
    const status = isOwn ? sentStatus(code) : code;
    logged[status] ??= recorder.tally(`nginx.${status}`);
    (logged[status] as { count: number }).count++;
    // With proxy_ignore_client_abort a request may outlive its client.
    if (!connections.isCallerOpen(client)) return;
    if (isOwn && isUnanswered(status)) {
      connections.caller(client).hungUp(client);
      return;
    }
    let bytes = bodyBytes;
    if (isOwn) {
      pages[code] ??= errorPageBytes(code, declared.version, declared.server_tokens === "on");
      bytes = pages[code] as number;
    }
    connections.caller(client).responded(client, status, bytes, laterNs);
  };
}
