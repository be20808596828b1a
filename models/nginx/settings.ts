// The directives of nginx that decide on a prediction, by their own names.
//
// Modelled: what is declared here; nginx.ts, proxy.ts, group.ts, limit-req.ts and limit-conn.ts say how.
// Not modelled: every other directive.

import * as z from "zod";
import { address } from "../../src/component/address.js";
import { choice, count, duration, pattern, section } from "../../src/component/settings.js";
import { kernelSetting } from "../linux/kernel.js";
import { limitConnSettings } from "./limit-conn.js";
import { limitReqSettings } from "./limit-req.js";
import { proxyBindSetting } from "./proxy-bind.js";
import { upstreamSettings } from "./upstream-settings.js";

export const nginxSettings = section(
  {
    version: pattern({
      expected: 'a version such as "1.22.1"',
      form: /^\d+\.\d+\.\d+( \(\w+\))?$/,
      help: "version of nginx; it decides the size of the error pages and defaults",
      default: "1.22.1",
    }),
    kernel: kernelSetting("nginx"),
    listen: address({ help: "where nginx listens", default: "*:80", source: "ngx_http_core_module listen" }),
    backlog: count({
      least: 0,
      most: 2 ** 31 - 1,
      help: "backlog of the listening socket; the kernel cuts it to somaxconn",
      default: 511,
      source: "ngx_http_core_module listen backlog",
    }),
    worker_processes: count({
      least: 1,
      most: 1024,
      help: "worker processes, each with its own connections and its own knowledge of the servers",
      default: 1,
      source: "ngx_core_module worker_processes",
    }),
    worker_connections: count({
      least: 3,
      most: 1_000_000,
      help: "connections that the worker can have, to clients and upstreams together",
      default: 512,
      source: "ngx_event.c DEFAULT_CONNECTIONS",
    }),
    server_tokens: choice(["on", "off"], {
      help: "whether error pages name the version",
      default: "on",
      source: "ngx_http_core_module server_tokens",
    }),
    ...upstreamSettings,
    proxy_next_upstream: z
      .array(choice(["error", "timeout", "off"], { help: "a class of failures" }), {
        error: "a list of classes",
      })
      .prefault(["error", "timeout"])
      .meta({ description: "failures after which another server is tried (ngx_http_proxy_module)" }),
    proxy_next_upstream_tries: count({
      least: 0,
      most: 1_000_000,
      help: "most attempts for a request; 0 is no limit",
      default: 0,
      source: "ngx_http_proxy_module proxy_next_upstream_tries",
    }),
    proxy_next_upstream_timeout: duration({
      help: "no further attempt after this time; 0 is no limit",
      default: "0s",
      source: "ngx_http_proxy_module proxy_next_upstream_timeout",
    }),
    proxy_ignore_client_abort: choice(["on", "off"], {
      help: "whether a request goes on when its client has gone",
      default: "off",
      source: "ngx_http_proxy_module proxy_ignore_client_abort",
    }),
    ...limitReqSettings,
    ...limitConnSettings,
    proxy_bind: proxyBindSetting,
    proxy_connect_timeout: duration({
      help: "longest time for a connect() to the application over TCP",
      default: "60s",
      source: "ngx_http_proxy_module proxy_connect_timeout",
    }),
    proxy_read_timeout: duration({
      help: "longest time between handing the request over and the response's header",
      default: "60s",
      source: "ngx_http_proxy_module proxy_read_timeout",
    }),
    request_cpu: duration({
      help: "processor time of a worker for a request, half of it until the connect() to the application",
      default: "70us",
      source: "measured: 59-108 us, 8 at a time, nginx 1.22.1, Linux 6.18, two cores, 2026-11",
    }),
    connect_overhead: duration({
      help: "from the client's connect() to nginx's own; the whole latency of a 502",
      default: "400us",
      source: "measured: median of a 502 at 150-200 requests/s, nginx 1.22.1, Linux 6.18, two cores, 2026-11",
    }),
    response_overhead: duration({
      help: "from the application's response to the client having it",
      default: "700us",
      source:
        "measured: 1.1 ms outside the worker less the connect overhead, nginx 1.22.1, Linux 6.18, 2026-11",
    }),
  },
  "nginx, the reverse proxy",
);

export type NginxSettings = z.output<typeof nginxSettings>;
