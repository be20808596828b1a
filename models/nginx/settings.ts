// The directives of nginx that decide on a prediction, by their own names.
//
// Modelled: what is declared here; nginx.ts and the files that it names say how.
// Not modelled: every other directive.

import type * as z from "zod";
import { bytes, choice, count, duration, pattern, section } from "../../src/component/settings.js";
import { kernelSetting } from "../linux/kernel.js";
import { limitConnSettings } from "./limit-conn.js";
import { limitReqSettings } from "./limit-req.js";
import { listenSettings } from "./listen.js";
import { nextUpstreamSetting } from "./next-upstream.js";
import { proxyBindSetting } from "./proxy-bind.js";
import { upstreamSettings } from "./upstream-settings.js";

export const nginxSettings = section(
  {
    version: pattern({
      expected: 'a version such as "1.22.1"',
      form: /^\d+\.\d+\.\d+( \(\w+\))?$/,
      help: "version of nginx; it decides defaults, who accepts, and the size of the error pages",
      default: "1.22.1",
    }),
    kernel: kernelSetting("nginx"),
    listen: listenSettings,
    worker_processes: count({
      least: 1,
      most: 1024,
      help: "worker processes, each with its own connections and its own knowledge of the servers",
      default: 1,
      source: "ngx_core_module worker_processes",
      steps: { by: 1, times: 2 },
    }),
    worker_connections: count({
      least: 3,
      most: 1_000_000,
      help: "connections that the worker can have, to clients and upstreams together",
      default: 512,
      source: "ngx_event.c DEFAULT_CONNECTIONS",
      steps: { times: 2 },
    }),
    accept_mutex: choice(["on", "off"], {
      help: "whether workers take turns to accept; without it off from 1.11.3 on, on before",
      source: "ngx_core_module accept_mutex",
    }).optional(),
    keepalive_timeout: duration({
      help: "how long a client's idle connection stays open; 0 closes it after each answer",
      default: "75s",
      source: "ngx_http_core_module keepalive_timeout",
      steps: { each: ["0s", "75s"] },
    }),
    keepalive_requests: count({
      least: 0,
      most: 2 ** 31 - 1,
      help: "requests over one connection of a client; without it 1000, before 1.19.10 100",
      source: "ngx_http_core_module keepalive_requests",
    }).optional(),
    keepalive_time: duration({
      help: "how long a connection of a client may be used; from 1.19.10 on",
      default: "1h",
      source: "ngx_http_core_module keepalive_time",
    }),
    client_max_body_size: bytes({
      help: "largest body of a request, beyond it 413; 0 is no limit",
      default: "1MiB",
      source: "ngx_http_core_module client_max_body_size",
    }),
    server_tokens: choice(["on", "off"], {
      help: "whether error pages name the version",
      default: "on",
      source: "ngx_http_core_module server_tokens",
    }),
    ...upstreamSettings,
    proxy_next_upstream: nextUpstreamSetting,
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
    proxy_request_buffering: choice(["on", "off"], {
      help: "whether the whole body of a request comes before the connection to the application",
      default: "on",
      source: "ngx_http_proxy_module proxy_request_buffering",
    }),
    ...limitReqSettings,
    ...limitConnSettings,
    proxy_bind: proxyBindSetting,
    proxy_connect_timeout: duration({
      help: "longest time for a connect() to the application over TCP",
      default: "60s",
      source: "ngx_http_proxy_module proxy_connect_timeout",
      steps: { times: 2 },
    }),
    proxy_read_timeout: duration({
      help: "longest time between handing the request over and the response's header",
      default: "60s",
      source: "ngx_http_proxy_module proxy_read_timeout",
      steps: { times: 2 },
    }),
    proxy_send_timeout: duration({
      help: "longest time for which the application reads nothing of a request that does not fit its socket",
      default: "60s",
      source: "ngx_http_proxy_module proxy_send_timeout",
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
