// Modelled: the size of nginx's own error pages, by version and server_tokens.
// Not modelled: error_page, and the padding for old browsers (msie_padding), which load generators do not
// get.
//
// A page is a fixed text and a footer that names the server; from 1.15.4 on it has no bgcolor attribute,
// which is 16 bytes less (src/http/ngx_http_special_response.c; measured: 157 bytes for a 502 of 1.22.1).

import { isAtLeast } from "../version.js";

/** Titles of the pages; other statuses have none (ngx_http_error_pages). */
const TITLES: Record<number, string> = {
  400: "400 Bad Request",
  403: "403 Forbidden",
  404: "404 Not Found",
  408: "408 Request Time-out",
  413: "413 Request Entity Too Large",
  429: "429 Too Many Requests",
  500: "500 Internal Server Error",
  502: "502 Bad Gateway",
  503: "503 Service Temporarily Unavailable",
  504: "504 Gateway Time-out",
};
/** A page has its title twice, and this much around it; with server_tokens off. */
const FRAME_BYTES = 120;
const BGCOLOR_BYTES = 16;
// "nginx/" and the version replace "nginx".
const SLASH_BYTES = 1;

/** Bytes of the body of an error response. `version` may carry a distribution's suffix: `1.18.0 (Ubuntu)`. */
export function errorPageBytes(status: number, version: string, serverTokens: boolean): number {
  const title = TITLES[status];
  if (title === undefined) return 0;
  const plain = FRAME_BYTES + 2 * title.length;
  if (!serverTokens) return plain;
  const before = isAtLeast(version, "1.15.4") ? 0 : BGCOLOR_BYTES;
  return plain + SLASH_BYTES + version.length + before;
}

/**
 * Whether nginx closes a client's connection after its own page of this status
 * (ngx_http_special_response_handler); an answer of the application with the same status changes nothing.
 */
export function closesAfterPage(status: number): boolean {
  return status === 400 || status === 413 || status === 414 || status === 500 || status === 501;
}
