// The settings of the way from nginx to the application: an upstream block, or the address of a proxy_pass,
// and the connections to it.
//
// Modelled: what group-settings.ts has, keepalive with its limits and the defaults of each version.
// Not modelled: several groups and locations.
//
//   proxy_pass: http://127.0.0.1:8000                      # a group of its own, which keeps no connections
//   upstream: { servers: [127.0.0.1:8000], keepalive: 32 } # instead of it

import * as z from "zod";
import { address } from "../../src/component/address.js";
import { SettingError } from "../../src/component/setting-error.js";
import {
  count,
  declare,
  delegate,
  duration,
  fragment,
  pattern,
  section,
  share,
  withJsonSchema,
} from "../../src/component/settings.js";
import { HOUR, SECOND } from "../../src/engine/time.js";
import { isAtLeast } from "../version.js";
import {
  balanceSettings,
  type GroupServer,
  serverMapping,
  serverSettings,
  zoneSettings,
} from "./group-settings.js";
import { closesTogetherSetting } from "./proxy-bind.js";
import type { UpstreamCacheSettings } from "./upstream-cache.js";

const KEEPALIVE = "ngx_http_upstream_keepalive_module";
const FOR_EVER = undefined;
/** Without these nginx closes each connection, whatever `keepalive` says (the module's own page). */
const KEPT = ['nginx.proxy_http_version="1.1"', 'nginx.proxy_set_header.Connection=""'];

const PASS_EXPECTED =
  'the address of one application such as "http://127.0.0.1:8000" or "http://unix:/run/app.sock"';
const PASS = /^http:\/\/(unix:[^:]+|[^/:?#]+(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?)(?:[:/?#].*)?$/;

const url = pattern({ expected: PASS_EXPECTED, form: PASS, help: "where the application listens" });
const passMapping = section({
  url,
  resolves: z
    .array(address({ help: "one address" }), { error: "a list of addresses" })
    .min(1, { error: "a list with at least one address" })
    .meta({ description: "addresses that its host name stands for, each a peer of its own, in their order" })
    .optional(),
});

const shortPass = url.transform((text): z.output<typeof passMapping> => ({ url: text }));

/** The address that `http://address/uri` names. */
const addressOf = (text: string) => (PASS.exec(text) as RegExpExecArray)[1] as string;

/** What `proxy_pass` makes: a group of one server. */
const passSettings: z.ZodType<GroupServer> = declare(
  withJsonSchema(
    z.unknown().transform((input, context) => {
      const isMapping = typeof input === "object" && input !== null;
      const read = isMapping ? delegate(passMapping, input, context) : delegate(shortPass, input, context);
      if (read === z.NEVER) return z.NEVER;
      return serverMapping.parse({
        address: addressOf(read.url),
        ...(read.resolves && { resolves: read.resolves }),
      });
    }),
    () => ({ anyOf: [fragment(url), fragment(passMapping)] }),
  ),
  undefined,
  {
    help: "the application's address instead of an upstream block: such a group keeps no connections",
    source: "ngx_http_proxy_module proxy_pass",
  },
) as z.ZodType as z.ZodType<GroupServer>;

// YAML reads 1.0 and 1.1 as numbers.
const HTTP_VERSION_EXPECTED = '"1.0" or "1.1"';
const httpVersion = declare(
  withJsonSchema(
    z
      .union([z.literal(["1.0", "1.1"]), z.literal([1, 1.1])], { error: HTTP_VERSION_EXPECTED })
      .transform((version) => (version === 1 ? "1.0" : version === 1.1 ? "1.1" : version)),
    () => ({ enum: ["1.0", "1.1", 1, 1.1] }),
  ),
  undefined,
  {
    help: "HTTP towards the application; the default is 1.0, from nginx 1.29.7 on 1.1",
    source: "ngx_http_proxy_module proxy_http_version",
  },
);

const limit = (help: string) => count({ least: 1, most: 1_000_000_000, help, source: KEEPALIVE }).optional();

export const upstreamSettings = {
  proxy_pass: passSettings.optional(),
  upstream: z.prefault(
    section({
      servers: z
        .array(serverSettings, { error: "a list of servers" })
        .min(1, { error: "a list with at least one server" })
        .meta({ description: "where the application listens" })
        .optional(),
      balance: balanceSettings,
      zone: zoneSettings,
      keepalive: count({
        least: 0,
        most: 1_000_000,
        help: "idle connections to the group that a worker keeps; the default is 0, from nginx 1.29.7 on 32",
        source: KEEPALIVE,
        steps: { each: [0, 32], also: KEPT },
      }).optional(),
      keepalive_requests: limit(
        "requests over one connection; the default is 1000, before nginx 1.19.10 100, before 1.15.3 no limit",
      ),
      keepalive_time: duration({
        help: "age up to which a connection is kept; the default is 1h, before nginx 1.19.10 no limit",
        source: KEEPALIVE,
      }).optional(),
      keepalive_timeout: duration({
        help: "how long a kept connection may be idle; the default is 60s, before nginx 1.15.3 no limit",
        source: KEEPALIVE,
      }).optional(),
      closes_first: share({
        help: "share of TCP connections to the application that nginx, idle before, closes first",
        default: 0.38,
        source: "measured: 0.23-0.55 with 2, 0.35-0.44 with 4 sync workers, 0.63 on an idle machine, 2026-11",
      }),
      closes_together: closesTogetherSetting,
      closes_after: duration({
        help: "how long after its last byte the application closes: an nginx that comes later closes second",
        default: "20us",
        source:
          "measured: 16-31 us for 90 % of the connections, median 21, nginx busy, gunicorn 20.1.0, 2026-11",
      }),
      warm_for: duration({
        help: "how long nginx reacts faster after an answer: time constant of closes_first's rise to 1",
        default: "12ms",
        source: "least squares over 48 runs at 20 to 620 requests/s, nginx 1.22.1, gunicorn 20.1.0, 2026-11",
      }),
    }),
    {} as never,
  ),
  proxy_http_version: httpVersion.optional(),
  proxy_set_header: section({
    Connection: z
      .string({ error: 'a text, also the empty one ""' })
      .meta({
        description:
          'Connection towards the application, "" sends none; the default is close, from 1.29.7 on none',
      })
      .optional(),
  }).prefault({}),
};

export type UpstreamDeclared = z.output<ReturnType<typeof section<typeof upstreamSettings>>> & {
  version: string;
};

/** The servers of the group. Throws a SettingError unless exactly one of both ways names them. */
export function serversOf({ proxy_pass, upstream }: UpstreamDeclared): GroupServer[] {
  if (proxy_pass && upstream.servers) {
    throw new SettingError(
      ["nginx", "proxy_pass"],
      "expected either proxy_pass or upstream.servers, got both",
    );
  }
  const servers = upstream.servers ?? (proxy_pass && [proxy_pass]);
  if (servers) return servers;
  throw new SettingError(
    ["nginx", "upstream", "servers"],
    "missing; expected a list of servers, or nginx.proxy_pass",
  );
}

/**
 * How nginx asks for a connection that stays open, and whether it can use one that does
 * (ngx_http_proxy_module.c; gunicorn/http/message.py should_close is the application's view).
 */
export function reuseOf(declared: UpstreamDeclared): {
  isWanted: boolean;
  cache: UpstreamCacheSettings | undefined;
} {
  const { version, upstream, proxy_pass } = declared;
  const from = (release: string) => isAtLeast(version, release);
  const isHttp11 = speaksHttp11(declared);
  const header = (declared.proxy_set_header.Connection ?? (from("1.29.7") ? "" : "close")).toLowerCase();
  const most = proxy_pass ? 0 : (upstream.keepalive ?? (from("1.29.7") ? 32 : 0));
  const isWanted = header !== "close" && (isHttp11 || header === "keep-alive");
  const requests = from("1.19.10") ? 1000 : from("1.15.3") ? 100 : FOR_EVER;
  return {
    isWanted,
    // An answer in HTTP/1.0 closes the connection for nginx, whatever the application believes.
    cache:
      isWanted && isHttp11 && most > 0
        ? {
            most,
            mostRequests: upstream.keepalive_requests ?? requests,
            longestNs: upstream.keepalive_time ?? (from("1.19.10") ? HOUR : FOR_EVER),
            idleNs: upstream.keepalive_timeout ?? (from("1.15.3") ? 60 * SECOND : FOR_EVER),
          }
        : undefined,
  };
}

/** In HTTP/1.1 an answer without a length comes in chunks, so that nginx knows its end. */
export function speaksHttp11({ proxy_http_version, version }: UpstreamDeclared): boolean {
  return (proxy_http_version ?? (isAtLeast(version, "1.29.7") ? "1.1" : "1.0")) === "1.1";
}
