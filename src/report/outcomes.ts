// Outcomes: their shares taken together, and their names as load testers print them.

import { isStatus } from "../component/outcome.js";
import type { Estimate, Share } from "../run/result.js";

/** Outcomes that occurred or may occur, the most frequent first. */
export function byFrequency(shares: Record<string, Share>): [string, Share][] {
  return Object.entries(shares).sort(
    ([nameA, a], [nameB, b]) => b.share - a.share || (nameA < nameB ? -1 : 1),
  );
}

/**
 * Several outcomes as one. All but one outcome is that one's complement, interval included; for other sets
 * the ends of the intervals are added, which is too wide rather than too narrow.
 */
export function together(shares: Record<string, Share>, belongs: (outcome: string) => boolean): Share {
  const chosen: Share[] = [];
  const others: Share[] = [];
  for (const [outcome, share] of Object.entries(shares)) (belongs(outcome) ? chosen : others).push(share);
  const sum = (key: keyof Share) => chosen.reduce((total, share) => total + share[key], 0);
  // If there is nothing else, it is all, whatever the rounding of the sum.
  const alone = chosen.length > 0 && others.every(({ share }) => share === 0);
  const whole = { count: sum("count"), share: alone ? 1 : Math.min(1, sum("share")) };
  const [other] = others;
  if (chosen.length !== 1 && others.length === 1 && other) {
    return { ...whole, low: Math.max(0, 1 - other.high), high: Math.min(1, 1 - other.low) };
  }
  return { ...whole, low: Math.min(1, sum("low")), high: Math.min(1, sum("high")) };
}

/** The share with its interval as a plain estimate. */
export function shareEstimate({ share, low, high }: Share): Estimate {
  return { value: share, low, high };
}

/**
 * The same interval in requests. If all ended so, they vary as all do; what doubt there is stands with the
 * ratio.
 */
export function countEstimate({ count, share, low, high }: Share, total: Estimate): Estimate {
  if (share >= 1) return total;
  return { value: count, low: low * total.value, high: high * total.value };
}

/** What vegeta's error set says, without the address and port, which differ from request to request. */
export function errorText(outcome: string): string {
  const phrase = REASONS[outcome];
  if (isStatus(outcome)) return phrase ? `${outcome} ${phrase}` : outcome;
  return ERRORS[outcome] ?? outcome;
}

/** nginx's reason phrases (src/http/ngx_http_header_filter_module.c, ngx_http_status_lines). */
const REASONS: Record<string, string> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  408: "Request Time-out",
  413: "Request Entity Too Large",
  414: "Request-URI Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
};

/** Go's texts (net/http, net, syscall/zerrors_linux_amd64.go). */
const ERRORS: Record<string, string> = {
  "client-timeout": "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
  closed: "EOF",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
  EAGAIN: "connect: resource temporarily unavailable",
  ECONNREFUSED: "connect: connection refused",
  ECONNRESET: "read: connection reset by peer",
  EMFILE: "socket: too many open files",
  ENOENT: "connect: no such file or directory",
  EPIPE: "write: broken pipe",
  ETIMEDOUT: "connect: connection timed out",
};
