// What each directive of nginx means for a prediction. A model that learns a directive changes one line here.

import {
  ABOVE_0,
  CLASSES,
  COUNT,
  type Form,
  HTTP_VERSION,
  KEEPALIVE,
  PROCESSES,
  SIZE,
  SOURCE,
  SWITCH,
  TIME,
  TOKENS,
  WORD,
} from "./nginx-forms.js";
import type { NoteKind } from "./note.js";

/** What a rule may depend on besides the directive. */
export interface Upstream {
  /** Whether nginx reaches the application over TCP. */
  tcp: boolean;
  /** Number of servers in the group. */
  servers: number;
  /** Of a worker: `worker_connections`. */
  connections: number;
  /** Processors of the machine, if they are known: `worker_processes auto`. */
  cores?: number | undefined;
}

export interface Rule {
  /** A `setting` is written into the scenario under the directive's own name and inherited as nginx does. */
  effect: "setting" | NoteKind;
  text: string;
  form?: Form;
  /** A case in which the effect is another one. */
  unless?: { holds(args: readonly string[], upstream: Upstream): boolean; effect: NoteKind; text: string };
}

const setting = (form: Form, unless?: Rule["unless"]): Rule => ({
  effect: "setting",
  text: "",
  form,
  ...(unless && { unless }),
});
const harmless = (text: string, form?: Form): Rule => ({ effect: "no-effect", text, ...(form && { form }) });
const missing = (text: string, form?: Form): Rule => ({
  effect: "not-modelled",
  text,
  ...(form && { form }),
});

/** As modelled already if the only argument is `word`. */
const butFor = (word: string, text: string, rule: Rule): Rule => ({
  ...rule,
  unless: { holds: (args) => args.join(" ").toLowerCase() === word, effect: "no-effect", text },
});
const OVER_UNIX: Rule["unless"] = {
  holds: (_, { tcp }) => !tcp,
  effect: "no-effect",
  text: "connect() to a unix socket answers at once",
};
const ALONE: Rule["unless"] = {
  holds: (_, { servers }) => servers === 1,
  effect: "no-effect",
  text: "the group has a single server",
};

const PROCESS = "belongs to the process, not to requests";
const LOGGING = "logging takes no simulated time";
const FILES = "concerns files, which requests to the application do not read";
const HEADERS = "headers do not change what becomes of a request";
const ORDERLY = "clients are taken to close when nginx has";
const SMALL = "responses fit the buffers";
const CPU = "nginx's processor time is part of its overheads";
const VARIABLES = "makes variables only; what is done with them is noted where it is done";
const STEADY = "clients are taken to send a request without pausing";
const ANSWER = "every request is taken to reach the application";

const DIRECTIVES: Record<string, Rule> = {
  // Main.
  user: harmless(PROCESS),
  pid: harmless(PROCESS),
  daemon: harmless(PROCESS, SWITCH),
  env: harmless(PROCESS),
  load_module: harmless("what a module does is noted where its directives stand"),
  pcre_jit: harmless(CPU),
  error_log: harmless(LOGGING),
  worker_rlimit_nofile: {
    ...missing("descriptors are taken as sufficient, though a worker may run out of them (EMFILE)"),
    unless: {
      // Where the limit is lower nginx itself warns (src/event/ngx_event.c ngx_event_module_init).
      holds: ([limit], { connections }) => Number(limit) >= connections,
      effect: "no-effect",
      text: "descriptors suffice for worker_connections",
    },
  },
  worker_processes: setting(PROCESSES, {
    holds: (args, { cores }) => args[0] === "auto" && cores === undefined,
    effect: "not-modelled",
    text: "taken as 1, since the number of processors (nproc) is not known",
  }),
  worker_cpu_affinity: missing("processors are not modelled yet"),
  worker_priority: missing("processors are not modelled yet"),
  // Events.
  worker_connections: setting(COUNT),
  use: harmless("the event method makes no difference to one request"),
  multi_accept: butFor(
    "off",
    "this is what the models do",
    missing("a worker accepts one client in each pass of its loop", SWITCH),
  ),
  accept_mutex: setting(SWITCH),
  accept_mutex_delay: missing("taken as 500ms", TIME),
  // What answers look like.
  server_tokens: setting(TOKENS, {
    holds: (args) => args[0]?.toLowerCase() === "build",
    effect: "not-modelled",
    text: "the name of the build is not in the error pages",
  }),
  default_type: harmless(HEADERS),
  charset: harmless(HEADERS),
  add_header: harmless(HEADERS),
  expires: harmless(HEADERS),
  etag: harmless(HEADERS),
  error_page: missing("nginx's own error pages are modelled"),
  // Files.
  root: harmless(FILES),
  alias: harmless(FILES),
  index: harmless(FILES),
  autoindex: harmless(FILES),
  include: harmless("a file of names and headers that was not at hand"),
  sendfile: harmless(FILES, SWITCH),
  sendfile_max_chunk: harmless(FILES, SIZE),
  aio: harmless(FILES),
  directio: harmless(FILES),
  log_format: harmless(LOGGING),
  access_log: harmless(LOGGING),
  log_not_found: harmless(LOGGING),
  log_subrequest: harmless(LOGGING),
  types: harmless(HEADERS),
  types_hash_max_size: harmless(PROCESS),
  types_hash_bucket_size: harmless(PROCESS),
  variables_hash_max_size: harmless(PROCESS),
  variables_hash_bucket_size: harmless(PROCESS),
  map_hash_max_size: harmless(PROCESS),
  map_hash_bucket_size: harmless(PROCESS),
  server_names_hash_max_size: harmless(PROCESS),
  server_names_hash_bucket_size: harmless(PROCESS),
  proxy_headers_hash_max_size: harmless(PROCESS),
  proxy_headers_hash_bucket_size: harmless(PROCESS),
  // Variables.
  map: harmless(VARIABLES),
  geo: harmless(VARIABLES),
  set: harmless(VARIABLES),
  split_clients: harmless(VARIABLES),
  set_real_ip_from: harmless(VARIABLES),
  real_ip_header: harmless(VARIABLES),
  // Clients.
  server_name: harmless("every request is taken to be for this server"),
  tcp_nopush: harmless(SMALL, SWITCH),
  tcp_nodelay: harmless(SMALL, SWITCH),
  keepalive_timeout: setting(KEEPALIVE),
  keepalive_requests: setting(COUNT),
  keepalive_time: setting(TIME),
  keepalive_disable: harmless("concerns browsers that are gone"),
  lingering_close: harmless(ORDERLY),
  lingering_time: harmless(ORDERLY, TIME),
  lingering_timeout: harmless(ORDERLY, TIME),
  client_header_timeout: harmless(STEADY, TIME),
  client_body_timeout: harmless(STEADY, TIME),
  client_max_body_size: setting(SIZE),
  client_body_buffer_size: harmless("a file takes no longer than memory", SIZE),
  client_header_buffer_size: harmless(STEADY, SIZE),
  large_client_header_buffers: harmless(STEADY),
  client_body_temp_path: harmless("a file takes no longer than memory"),
  send_timeout: harmless(SMALL, TIME),
  reset_timedout_connection: harmless(SMALL, SWITCH),
  resolver: harmless("addresses are taken as they are written"),
  resolver_timeout: harmless("addresses are taken as they are written", TIME),
  limit_req_status: setting(COUNT),
  limit_req_dry_run: butFor("off", "requests are limited", missing("requests are limited", SWITCH)),
  limit_req_log_level: harmless(LOGGING),
  limit_conn_status: setting(COUNT),
  limit_conn_dry_run: butFor("off", "requests are limited", missing("requests are limited", SWITCH)),
  limit_conn_log_level: harmless(LOGGING),
  limit_rate: missing("the rate of a response is not limited"),
  // Who answers.
  return: missing(ANSWER),
  rewrite: missing(ANSWER),
  if: missing(ANSWER),
  try_files: missing(ANSWER),
  satisfy: missing(ANSWER),
  auth_request: missing("the subrequest for authentication is not modelled"),
  proxy_cache: butFor("off", "nothing is cached", missing("nothing is taken from a cache")),
  proxy_store: butFor("off", "nothing is stored", missing("nothing is stored")),
  gzip: harmless(CPU, SWITCH),
  // Proxying.
  proxy_read_timeout: setting(TIME),
  proxy_connect_timeout: setting(TIME, OVER_UNIX),
  proxy_socket_keepalive: harmless("keepalive probes come after hours", SWITCH),
  proxy_bind: setting(SOURCE, {
    holds: (args) => args.length > 1 || /\$/.test(args[0] as string),
    effect: "not-modelled",
    text: "variables and transparent proxying are not modelled",
  }),
  proxy_send_timeout: setting(TIME),
  proxy_set_header: harmless(HEADERS),
  proxy_hide_header: harmless(HEADERS),
  proxy_pass_header: harmless(HEADERS),
  proxy_redirect: harmless(HEADERS),
  proxy_cookie_path: harmless(HEADERS),
  proxy_cookie_domain: harmless(HEADERS),
  proxy_http_version: setting(HTTP_VERSION),
  proxy_buffering: butFor(
    "on",
    SMALL,
    missing("without it nginx closes later, and a slow client holds a worker", SWITCH),
  ),
  proxy_request_buffering: setting(SWITCH),
  proxy_buffers: harmless(SMALL),
  proxy_buffer_size: harmless(SMALL, SIZE),
  proxy_busy_buffers_size: harmless(SMALL, SIZE),
  proxy_max_temp_file_size: harmless(SMALL, SIZE),
  proxy_temp_path: harmless(SMALL),
  proxy_temp_file_write_size: harmless(SMALL, SIZE),
  proxy_next_upstream: setting(CLASSES, ALONE),
  proxy_next_upstream_tries: setting(COUNT, ALONE),
  proxy_next_upstream_timeout: setting(TIME, ALONE),
  proxy_ignore_client_abort: setting(SWITCH),
  proxy_intercept_errors: butFor("off", "answers are passed on", missing("answers are passed on", SWITCH)),
  // Groups of servers.
  queue: missing("the queue of the commercial nginx is not modelled"),
  // Other protocols than HTTP.
  stream: missing("only http is modelled"),
  mail: missing("only http is modelled"),
};

/** Directives of which a whole family has one rule; their exact rules come first. */
const FAMILIES: [start: string, rule: Rule][] = [
  ["ssl_", missing("TLS is not modelled")],
  ["proxy_ssl_", missing("TLS is not modelled")],
  ["proxy_cache_", harmless("matters only with a cache")],
  ["gzip_", harmless(CPU)],
  ["open_file_cache", harmless(FILES)],
  ["fastcgi_", harmless("the application is reached by proxy_pass")],
  ["uwsgi_", harmless("the application is reached by proxy_pass")],
  ["scgi_", harmless("the application is reached by proxy_pass")],
  ["grpc_", harmless("the application is reached by proxy_pass")],
];

/** Parameters of `listen` after the address; those with a form are written into the scenario. */
export const LISTEN_PARAMETERS: Record<string, Rule> = {
  default_server: harmless("every request is taken to be for this server"),
  deferred: harmless("requests arrive together with their connections"),
  bind: harmless(PROCESS),
  ipv6only: harmless(PROCESS),
  so_keepalive: harmless("keepalive probes come after hours"),
  backlog: setting(ABOVE_0),
  reuseport: setting(WORD),
  ssl: missing("TLS is not modelled"),
};

const UNKNOWN = missing("not known to recvq");

/** The rule of a directive by its name. */
export function ruleOf(name: string): Rule {
  if (Object.hasOwn(DIRECTIVES, name)) return DIRECTIVES[name] as Rule;
  return FAMILIES.find(([start]) => name.startsWith(start))?.[1] ?? UNKNOWN;
}

/** The rule of a parameter such as `max_fails=3`. */
export function parameterRule(table: Record<string, Rule>, parameter: string): Rule {
  const name = parameter.split("=")[0] as string;
  return Object.hasOwn(table, name) ? (table[name] as Rule) : UNKNOWN;
}
