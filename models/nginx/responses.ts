// The responses that nginx sends to clients.
//
// Modelled: what the access log counts, and the sizes of nginx's own pages. Not modelled: headers.

import type { World } from "../../src/component/world.js";
import { errorPageBytes } from "./pages.js";
import { OWN_PAGE } from "./proxy.js";
import type { NginxSettings } from "./settings.js";

/** Sends responses: nginx's own pages or the application's. */
export function responses({ recorder, connections }: World, declared: NginxSettings) {
  const logged: { count: number }[] = [];
  const pages: number[] = [];
  return (client: number, status: number, bodyBytes: number, laterNs: number): void => {
    logged[status] ??= recorder.tally(`nginx.${status}`);
    (logged[status] as { count: number }).count++;
    // With proxy_ignore_client_abort a request may outlive its client.
    if (!connections.isCallerOpen(client)) return;
    let bytes = bodyBytes;
    if (bytes === OWN_PAGE) {
      pages[status] ??= errorPageBytes(status, declared.version, declared.server_tokens === "on");
      bytes = pages[status] as number;
    }
    connections.caller(client).responded(client, status, bytes, laterNs);
  };
}
