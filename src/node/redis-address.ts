// Where Redis or Valkey is, and how to get in.

import { readText } from "./files.js";
import { redactedAddress } from "./redacted.js";

/** What is wrong with an address, or what keeps its user out: exit code 2. */
export class AddressError extends Error {}

export interface RedisAddress {
  /** As messages show it. */
  text: string;
  host: string;
  port: number;
  db: number;
  username?: string;
  password?: string;
  tls?: { ca?: string; cert?: string; key?: string; servername?: string };
}

/** On the command line: the address is in the environment, where no list of processes shows it. */
const FROM_ENVIRONMENT = "redis";
const URL_VARIABLE = "RECVQ_REDIS_URL";

/** PEM files for rediss://, by what they are to node:tls. */
const FILES = { ca: "RECVQ_REDIS_CA", cert: "RECVQ_REDIS_CERT", key: "RECVQ_REDIS_KEY" } as const;

const PORT = 6379;
const EXPECTED = "expected an address such as redis://host:6379/0 or rediss://user:password@host";

/**
 * The address that was given, as messages call it, or without one that of RECVQ_REDIS_URL. Throws an
 * AddressError, or a FileError for a file of a certificate.
 */
export function redisAddress(
  given: string | undefined,
  env: NodeJS.ProcessEnv,
  called = "address of Redis",
): RedisAddress {
  const isGiven = given !== undefined && given !== FROM_ENVIRONMENT;
  const text = isGiven ? given : env[URL_VARIABLE];
  const name = isGiven ? called : URL_VARIABLE;
  const wrong = (reason: string) => new AddressError(`${name}: ${EXPECTED}; ${reason}`);
  if (text === undefined || text === "") {
    throw new AddressError(`expected the address of Redis, such as redis://host:6379/0, or ${URL_VARIABLE}`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "redis:" && url?.protocol !== "rediss:") throw wrong(`got ${redactedAddress(text)}`);
  const { hostname, port, pathname, username, password } = url;
  if (hostname === "") throw wrong("got no host");
  // ioredis would take options from there, a password among them.
  if (url.search !== "" || url.hash !== "")
    throw wrong('got "?" or "#" in it; in a password write %3F and %23');
  const db = /^\/?(\d{0,5})$/.exec(pathname)?.[1];
  if (db === undefined) throw wrong(`got "${pathname}", which is no number of a database`);
  // An IPv6 address stands in brackets in a URL only.
  const host = hostname.replace(/^\[|\]$/g, "");
  return {
    text: redactedAddress(`${url.protocol}//${username || password ? "user@" : ""}${url.host}${pathname}`),
    host,
    port: port === "" ? PORT : Number(port),
    db: Number(db),
    ...(username !== "" && { username: decoded(username, wrong) }),
    ...(password !== "" && { password: decoded(password, wrong) }),
    ...tlsOf(url.protocol, host, env),
  };
}

function decoded(text: string, wrong: (reason: string) => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('got a "%" without two hexadecimal digits; write %25');
  }
}

function tlsOf(protocol: string, host: string, env: NodeJS.ProcessEnv): Pick<RedisAddress, "tls"> {
  const given = Object.entries(FILES).filter(([, variable]) => env[variable]);
  if (protocol === "rediss:") {
    const texts = given.map(([what, variable]) => [what, readText(env[variable] as string)]);
    // Names only: an IP address is no server name (RFC 6066, section 3).
    const isName = /[^\d.:a-f]/i.test(host);
    return { tls: { ...(isName && { servername: host }), ...Object.fromEntries(texts) } };
  }
  const [first] = given;
  if (first === undefined) return {};
  throw new AddressError(`${first[1]}: expected an address with rediss://, which uses it, got redis://`);
}
