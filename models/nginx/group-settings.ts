// The settings of an upstream group, as nginx.conf's `upstream` block has them: its servers, how requests
// are spread over them, and whether the workers share what they know.
//
// Modelled: what `server` takes in the open version, the methods of 1.22, `zone`.
// Not modelled: resolving names (`resolves` says what a name stands for, `server … resolve` of 1.27.3 is
// not there), `slow_start`, `queue`, `least_time`, `sticky`.
//
//   servers:
//     - unix:/run/a.sock
//     - { address: localhost:8000, resolves: ["[::1]:8000", "127.0.0.1:8000"], weight: 5, max_fails: 3 }
//     - { address: 10.0.0.2:8000, backup: true }
//   balance: random two                                   # or { hash: { key: uri, consistent: true } }

import * as z from "zod";
import { address } from "../../src/component/address.js";
import { SettingError } from "../../src/component/setting-error.js";
import {
  byKind,
  choice,
  count,
  declare,
  delegate,
  duration,
  fragment,
  section,
  withJsonSchema,
} from "../../src/component/settings.js";
import { SECOND } from "../../src/engine/time.js";

const SERVER_SOURCE = "ngx_http_upstream_module server";

/** One server of the group; `fail_timeout` is in nanoseconds, a whole number of seconds. */
export type GroupServer = z.output<typeof serverMapping>;

/** How requests are spread. */
export type Balance =
  | { kind: "round_robin" | "least_conn" | "ip_hash" | "random" | "random two" }
  | { kind: "hash"; key: "uri" | "remote_addr" | "binary_remote_addr"; consistent: boolean };

// nginx reads this parameter with ngx_parse_time() in seconds, which refuses fractions.
const WHOLE_SECONDS = z
  .number()
  .refine((ns) => ns % SECOND === 0, { error: 'a whole number of seconds such as "10s"' });

export const serverMapping = section({
  address: address({ help: "where the application listens" }),
  resolves: z
    .array(address({ help: "one address" }), { error: "a list of addresses" })
    .min(1, { error: "a list with at least one address" })
    .meta({ description: "addresses that a host name stands for, each a peer of its own, in their order" })
    .optional(),
  weight: count({
    least: 1,
    most: 65_535,
    help: "share of the requests, relative to the other servers",
    default: 1,
    source: SERVER_SOURCE,
  }),
  max_fails: count({
    least: 0,
    most: 1_000_000,
    help: "failures within fail_timeout that disable the server; 0 never does",
    default: 1,
    source: SERVER_SOURCE,
  }),
  fail_timeout: duration({
    help: "how long a failure is remembered, and how long the server is then left alone",
    default: "10s",
    source: SERVER_SOURCE,
  }).pipe(WHOLE_SECONDS),
  backup: flag("used only when no other server is eligible", SERVER_SOURCE),
  down: flag("never used", SERVER_SOURCE),
  max_conns: count({
    least: 0,
    most: 1_000_000,
    help: "requests at one time, more are given to other servers; 0 is no limit",
    default: 0,
    source: SERVER_SOURCE,
  }),
});

const shortServer = address({ help: "where the application listens" }).transform((text) =>
  serverMapping.parse({ address: text }),
);

/** One server: an address, or a mapping with an address and the parameters of nginx's `server`. */
export const serverSettings: z.ZodType<GroupServer> = withJsonSchema(
  z
    .unknown()
    .transform((input, context) =>
      typeof input === "object" && input !== null
        ? delegate(serverMapping, input, context)
        : delegate(shortServer, input, context),
    ),
  () => ({ anyOf: [fragment(shortServer), fragment(serverMapping)] }),
);

// "random two" and "random two least_conn" are the same (ngx_http_upstream_random_module.c).
const METHODS = [
  "round_robin",
  "least_conn",
  "ip_hash",
  "random",
  "random two",
  "random two least_conn",
] as const;
const WORDS = METHODS.map((method) => `"${method}"`).join(", ");
const BALANCE_EXPECTED = `one of ${WORDS}, or { hash: { key: uri } }`;

/** How requests are spread: the directive's words, or `{ hash: { key: uri, consistent: true } }`. */
export const balanceSettings = declare(
  byKind(
    {
      hash: section({
        key: choice(["uri", "remote_addr", "binary_remote_addr"], {
          help: "what is hashed: the nginx variable without its dollar",
          source: "ngx_http_upstream_hash_module hash",
        }),
        consistent: flag(
          "ketama: a server that is added or removed moves only its own share",
          "ngx_http_upstream_hash_module hash",
        ),
      }),
    },
    {
      expected: BALANCE_EXPECTED,
      short: z
        .enum(METHODS, { error: BALANCE_EXPECTED })
        .transform((method) => ({ kind: method === "random two least_conn" ? "random two" : method })),
    },
  ),
  undefined,
  {
    help: "how requests are spread over the servers",
    default: "round_robin",
    source: "ngx_http_upstream_round_robin.c",
  },
) as z.ZodType as z.ZodType<Balance>;

/** Whether all workers share the group's state, as with nginx's `zone`, or each has its own. */
export const zoneSettings = flag(
  "whether the workers share connection counts and failures",
  "ngx_http_upstream_module zone",
);

/** Throws a SettingError below `path`, that of the upstream, for what nginx refuses or cannot mean. */
export function checkGroup(
  path: (string | number)[],
  servers: readonly GroupServer[],
  { kind }: Balance,
): void {
  if (servers.every(({ backup }) => backup)) {
    throw new SettingError([...path, "servers"], "expected a server that is not a backup, got none");
  }
  const backup = servers.findIndex((server) => server.backup);
  if (backup >= 0 && kind !== "round_robin" && kind !== "least_conn") {
    // NGX_HTTP_UPSTREAM_BACKUP is not among the flags of the other methods.
    const text = `expected no backup server with balance "${kind}", got one`;
    throw new SettingError([...path, "servers", backup, "backup"], text);
  }
}

function flag(help: string, source: string) {
  return declare(z.boolean({ error: "true or false" }), undefined, { help, default: false, source });
}
