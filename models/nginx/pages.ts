// Modelled: the size of nginx's own error pages, by version and server_tokens.
// Not modelled: error_page, and the padding for old browsers (msie_padding), which load generators do not
// get.
//
// A page is a fixed text and a footer that names the server; from 1.15.4 on it has no bgcolor attribute,
// which is 16 bytes less (src/http/ngx_http_special_response.c; measured: all that nginx 1.22.1 has).

import { isAtLeast } from "../version.js";

/** Titles of the pages; other statuses have none (ngx_http_error_pages). */
const TITLES: Record<number, string> = {
  400: "400 Bad Request",
  401: "401 Authorization Required",
  402: "402 Payment Required",
  403: "403 Forbidden",
  404: "404 Not Found",
  405: "405 Not Allowed",
  406: "406 Not Acceptable",
  409: "409 Conflict",
  410: "410 Gone",
  411: "411 Length Required",
  412: "412 Precondition Failed",
  413: "413 Request Entity Too Large",
  414: "414 Request-URI Too Large",
  415: "415 Unsupported Media Type",
  416: "416 Requested Range Not Satisfiable",
  421: "421 Misdirected Request",
  429: "429 Too Many Requests",
  498: "404 Not Found",
  500: "500 Internal Server Error",
  501: "501 Not Implemented",
  502: "502 Bad Gateway",
  503: "503 Service Temporarily Unavailable",
  504: "504 Gateway Time-out",
  505: "505 HTTP Version Not Supported",
  507: "507 Insufficient Storage",
};
/** Those of nginx's own codes that are a 400 to the client, with a line that says why. */
const REASONS: Record<number, string> = {
  494: "Request Header Or Cookie Too Large",
  495: "The SSL certificate error",
  496: "No required SSL certificate was sent",
  497: "The plain HTTP request was sent to HTTPS port",
};
const BAD_REQUEST = 400;
/** `<center>` and `</center>` and the end of the line around a reason, and "400 " before it in the title. */
const REASON_BYTES = 19 + 4;
const CLOSING = new Set([400, 408, 413, 414, 444, 495, 496, 497, 499, 500, 501]);
/** A page has its title twice, and this much around it; with server_tokens off. */
const FRAME_BYTES = 120;
const BGCOLOR_BYTES = 16;
// "nginx/" and the version replace "nginx".
const SLASH_BYTES = 1;

/** Bytes of the body of an error response. `version` may carry a distribution's suffix: `1.18.0 (Ubuntu)`. */
export function errorPageBytes(status: number, version: string, serverTokens: boolean): number {
  const textBytes = titleBytes(status);
  if (textBytes === 0) return 0;
  const plain = FRAME_BYTES + textBytes;
  if (!serverTokens) return plain;
  const before = isAtLeast(version, "1.15.4") ? 0 : BGCOLOR_BYTES;
  return plain + SLASH_BYTES + version.length + before;
}

/** The title and the heading, which say the same but for the reasons of a 400. */
function titleBytes(status: number): number {
  const reason = REASONS[status];
  if (reason === undefined) return 2 * (TITLES[status] ?? "").length;
  return (TITLES[BAD_REQUEST] as string).length + REASON_BYTES + 2 * reason.length;
}

/** The status that the client sees and nginx logs. */
export function sentStatus(status: number): number {
  return status in REASONS ? BAD_REQUEST : status;
}

/**
 * Whether nginx closes without a response instead of sending its own page (ngx_http_finalize_request;
 * measured: nginx 1.22.1, 2026-11); it logs the status all the same.
 */
export function isUnanswered(status: number): boolean {
  return status === 408 || status === 444 || status === 499;
}

/**
 * Whether nginx closes a client's connection after its own page of this status
 * (ngx_http_special_response_handler); an answer of the application with the same status changes nothing.
 */
export function closesAfterPage(status: number): boolean {
  return CLOSING.has(status);
}
