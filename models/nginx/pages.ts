// Modelled: the size of nginx's own error pages, by version and server_tokens.
// Not modelled: error_page, and the padding for old browsers (msie_padding), which load generators do not
// get.
//
// A page is a fixed text and a footer that names the server; from 1.15.4 on it has no bgcolor attribute,
// which is 16 bytes less (src/http/ngx_http_special_response.c; measured: 157 bytes for a 502 of 1.22.1).

import { isAtLeast } from "../version.js";

/** Bytes of the page with server_tokens off. */
const PLAIN_BYTES: Record<number, number> = { 500: 170, 502: 150, 503: 190, 504: 160 };
const BGCOLOR_BYTES = 16;
// "nginx/" and the version replace "nginx".
const SLASH_BYTES = 1;

/** Bytes of the body of an error response. `version` may carry a distribution's suffix: `1.18.0 (Ubuntu)`. */
export function errorPageBytes(status: number, version: string, serverTokens: boolean): number {
  const plain = PLAIN_BYTES[status] as number;
  if (!serverTokens) return plain;
  const before = isAtLeast(version, "1.15.4") ? 0 : BGCOLOR_BYTES;
  return plain + SLASH_BYTES + version.length + before;
}
