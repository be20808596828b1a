// The responses that nginx sends to clients.
//
// Modelled: what the access log counts, the sizes of nginx's own pages, codes that have no response.
// Not modelled: headers.

import { byStatus } from "../../src/component/outcome.js";
import type { World } from "../../src/component/world.js";
import { errorPageBytes, isUnanswered, sentStatus } from "./pages.js";
import { OWN_PAGE } from "./proxy.js";
import type { NginxSettings } from "./settings.js";

interface Page {
  status: number;
  isSent: boolean;
  bytes: number;
}

/** Sends responses: nginx's own pages or the application's. */
export function responses(world: World, declared: NginxSettings) {
  const { recorder, connections } = world;
  const logged = byStatus<{ count: number }>();
  world.onReset(() => logged.fill(undefined));
  const pages = byStatus<Page>();

  function log(status: number): void {
    logged[status] ??= recorder.tally(`nginx.${status}`);
    (logged[status] as { count: number }).count++;
  }

  /** One of nginx's own pages; for some codes it closes instead. */
  function sendPage(client: number, code: number, laterNs: number): void {
    pages[code] ??= pageOf(code);
    const { status, isSent, bytes } = pages[code] as Page;
    log(status);
    if (!connections.isCallerOpen(client)) return;
    if (isSent) connections.caller(client).responded(client, status, bytes, laterNs);
    else connections.caller(client).hungUp(client);
  }

  function pageOf(code: number): Page {
    const status = sentStatus(code);
    const bytes = errorPageBytes(code, declared.version, declared.server_tokens === "on");
    return { status, isSent: !isUnanswered(status), bytes };
  }

  return (client: number, status: number, bodyBytes: number, laterNs: number): void => {
    if (bodyBytes === OWN_PAGE) {
      sendPage(client, status, laterNs);
      return;
    }
    log(status);
    // With proxy_ignore_client_abort a request may outlive its client.
    if (!connections.isCallerOpen(client)) return;
    connections.caller(client).responded(client, status, bodyBytes, laterNs);
  };
}
