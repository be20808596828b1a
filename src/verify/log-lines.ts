// What nginx writes to its error log when a request fails, and the causes that a prediction knows for it
// (src/event/ngx_event_connect.c, src/http/ngx_http_upstream.c, ngx_http_limit_req_module.c,
// ngx_http_limit_conn_module.c).

/** A form of line in the log. A cause that ends in a hyphen stands for all that begin so. */
interface LogLine {
  form: RegExp;
  what: string;
  causes: string[];
  /** A status that nginx gives for this reason only. */
  status?: string;
}

const LOG_LINES: readonly LogLine[] = [
  {
    form: /connect\(\) .*\(11: /,
    what: "connect() failed (11: Resource temporarily unavailable)",
    causes: ["unix-accept-queue-full"],
  },
  {
    form: /upstream timed out .* while reading response header/,
    what: "upstream timed out while reading response header",
    // A connection whose last ACK met a full queue is established for nginx alone.
    causes: ["read-timeout-queued", "read-timeout-running", "tcp-accept-queue-full"],
  },
  {
    form: /upstream timed out .* while connecting/,
    what: "upstream timed out while connecting",
    causes: ["tcp-accept-queue-full", "syn-queue-full"],
  },
  {
    // With tcp_abort_on_overflow.
    form: /connect\(\) .*\(104: /,
    what: "connect() failed (104: Connection reset by peer)",
    causes: ["tcp-accept-queue-full"],
  },
  {
    form: /(recv|send|writev)\(\) failed \(104: /,
    what: "recv() failed (104: Connection reset by peer)",
    causes: ["reset-by-upstream", "listener-closed", "recycled-socket"],
  },
  {
    // The application's worker has ended, or has given the connection up, without an answer.
    form: /upstream prematurely closed connection/,
    what: "upstream prematurely closed connection",
    causes: [
      "worker-timeout",
      "worker-crashed",
      "graceful-timeout",
      "gthread-recycle",
      "no-first-byte",
      "request-not-read",
    ],
  },
  {
    // Logged as info: "epoll_wait() reported that client prematurely closed connection".
    form: /client prematurely closed connection/,
    what: "client prematurely closed connection",
    causes: [],
    status: "499",
  },
  {
    form: /connect\(\) .*\(99: /,
    what: "connect() failed (99: Cannot assign requested address)",
    causes: ["no-free-port"],
  },
  {
    form: /bind\(.*\) failed \(98: /,
    what: "bind() failed (98: Address already in use)",
    causes: ["no-port-to-bind"],
  },
  {
    form: /connect\(\) .*\((2|111): /,
    what: "connect() failed (2 or 111): nobody listens",
    causes: ["nobody-listens"],
  },
  {
    form: /no live upstreams/,
    what: "no live upstreams",
    causes: ["no-live-upstreams"],
  },
  {
    form: /limiting requests, excess/,
    what: "limiting requests",
    causes: ["limit-req-"],
  },
  {
    form: /limiting connections by zone/,
    what: "limiting connections",
    causes: ["limit-conn-"],
  },
  {
    form: /\[alert\].*worker_connections are not enough while connecting/,
    what: "worker_connections are not enough while connecting to upstream",
    causes: ["worker-connections-upstream"],
  },
  {
    form: /\[alert\].*worker_connections are not enough$/,
    what: "worker_connections are not enough",
    causes: ["worker-connections-client"],
  },
];

/** Lines that nothing predicted stands for: what nginx notes of a server or of itself, not of a request. */
export const TOLD_ONLY: readonly Omit<LogLine, "causes">[] = [
  { form: /upstream server temporarily disabled/, what: "upstream server temporarily disabled" },
  {
    form: /worker_connections are not enough, reusing connections/,
    what: "worker_connections are not enough, reusing connections",
  },
];

/** Lines that have to be counted together, and the causes of theirs that happened. */
interface LineGroup {
  lines: LogLine[];
  causes: ReadonlySet<string>;
}

/** All known lines; those that a cause among `happened` connects are one group. */
export function errorLines(happened: readonly string[]): LineGroup[] {
  const groups: LineGroup[] = [];
  for (const line of LOG_LINES) {
    const own = happened.filter((id) => line.causes.some((cause) => isOf(id, cause)));
    const shared = groups.filter(({ causes }) => own.some((id) => causes.has(id)));
    for (const group of shared) groups.splice(groups.indexOf(group), 1);
    groups.push({
      lines: [...shared.flatMap(({ lines }) => lines), line],
      causes: new Set([...shared.flatMap(({ causes }) => [...causes]), ...own]),
    });
  }
  return groups;
}

function isOf(id: string, cause: string): boolean {
  return cause.endsWith("-") ? id.startsWith(cause) : id === cause;
}

/** An error that none of the lines is. */
export function isUnknownError(text: string): boolean {
  return /^\[(error|crit|alert|emerg)\]/.test(text) && !LOG_LINES.some(({ form }) => form.test(text));
}
