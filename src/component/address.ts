// Where somebody listens: a unix socket's path or a TCP host and port, as nginx and gunicorn write it.

import { type Declaration, pattern } from "./settings.js";

// 1 to 65535: nobody can connect to port 0.
const PORT = "(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";
const HOST = "(?:\\[[0-9a-fA-F:]+\\]|(?!\\d+(?::|$))[A-Za-z0-9_.*-]+)";
/** A host, as `kernel.addresses` has them. */
export const HOST_FORM = new RegExp(`^${HOST}$`);
/** A host with or without a port. */
export const HOST_PORT_FORM = new RegExp(`^${HOST}(:${PORT})?$`);
const FORM = new RegExp(`^(unix:\\S+|${PORT}|${HOST}(:${PORT})?)$`);

export interface Address {
  family: "unix" | "tcp";
  /** Of a unix socket. */
  path?: string;
  /** Of a TCP address: a name, `127.0.0.1`, or `*` for all. */
  host?: string;
  port?: number;
  /** The one way of writing it. */
  text: string;
}

const DEFAULT_PORT = 80;

/** A unix socket or TCP address setting. */
export function address(declaration: Declaration) {
  return pattern({
    ...declaration,
    expected: 'an address without spaces such as "unix:/run/app.sock" or "127.0.0.1:8000"',
    form: FORM,
  });
}

/** Reads `unix:/run/app.sock`, `127.0.0.1:8000`, `8000`, `*:80`, `localhost`. */
export function parseAddress(text: string): Address {
  if (text.startsWith("unix:")) return { family: "unix", path: text.slice(5), text };
  if (/^\d+$/.test(text)) return tcp("*", Number(text));
  const match = /^(.*?)(?::(\d+))?$/.exec(text) as RegExpExecArray;
  const host = match[1] as string;
  return tcp(host === "0.0.0.0" || host === "[::]" ? "*" : host, match[2] ? Number(match[2]) : DEFAULT_PORT);
}

// Of IPv6 the one address only.
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

/** Whether only its own network namespace can reach this address (127.0.0.0/8, localhost, ::1). */
export function isLoopback({ host }: Address): boolean {
  return host !== undefined && LOOPBACK.test(host);
}

/** Whether a connect() to `target` reaches a socket of its network namespace that listens at `listener`. */
export function reaches(target: Address, listener: Address): boolean {
  if (target.family !== listener.family) return false;
  if (target.family === "unix") return target.path === listener.path;
  return target.port === listener.port && (listener.host === "*" || hostOf(target) === hostOf(listener));
}

/** Whether two TCP sockets would listen at one address: that of one may be all of them. */
export function overlaps(one: Address, other: Address): boolean {
  if (one.family === "unix" || other.family === "unix" || one.port !== other.port) return false;
  // All addresses are those of IPv4: a socket of IPv6 beside them has ports of its own (IPV6_V6ONLY).
  if (one.host === "*" || other.host === "*") return !isIpv6(one) && !isIpv6(other);
  return hostOf(one) === hostOf(other);
}

function isIpv6({ host }: Address): boolean {
  return host?.startsWith("[") === true;
}

function tcp(host: string, port: number): Address {
  return { family: "tcp", host, port, text: `${host}:${port}` };
}

// localhost is 127.0.0.1 here; its second address ::1 matters only for groups of upstream servers.
function hostOf(address: Address): string {
  return address.host === "localhost" || address.host === "*" ? "127.0.0.1" : (address.host as string);
}
