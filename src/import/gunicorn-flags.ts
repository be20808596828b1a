// What each command-line flag of gunicorn means for a prediction (gunicorn/config.py). A model that learns a
// setting changes one line here.

import type { NoteKind } from "./note.js";

export interface Flag {
  /** Its one-letter form. */
  short?: string;
  /** A `setting` is written into the scenario under `key`. */
  effect: "setting" | NoteKind;
  key?: string;
  text: string;
  /** Whether a value follows. `optional` ones follow after "=" only. */
  takes: "value" | "optional" | "nothing";
  /** How the value is written; `read` answers undefined for what gunicorn would refuse too. */
  form?: { expected: string; read(word: string): unknown };
  /** A value that the models do not know, though gunicorn does. */
  unknown?: { holds(word: string): boolean; text: string };
}

const COUNT = {
  expected: "a whole number",
  read: (word: string) => (/^\d+$/.test(word) ? Number(word) : undefined),
};
const WORD = { expected: "a name", read: (word: string) => word };
const SECONDS = {
  expected: "a whole number of seconds",
  read: (word: string) => (/^\d+$/.test(word) ? `${Number(word)}s` : undefined),
};
// By the last part of a name such as egg:gunicorn#gthread or gunicorn.workers.gthread.ThreadWorker
// (gunicorn/workers/__init__.py SUPPORTED_WORKERS).
const CLASSES: Record<string, string> = {
  sync: "sync",
  SyncWorker: "sync",
  gthread: "gthread",
  ThreadWorker: "gthread",
  gevent: "gevent",
  GeventWorker: "gevent",
  gevent_wsgi: "gevent",
  gevent_pywsgi: "gevent",
  GeventPyWSGIWorker: "gevent",
  eventlet: "eventlet",
  EventletWorker: "eventlet",
  tornado: "tornado",
  TornadoWorker: "tornado",
  asgi: "asgi",
  ASGIWorker: "asgi",
  UvicornWorker: "uvicorn",
  UvicornH11Worker: "uvicorn",
};
const classNamed = (word: string) => {
  const name = word.split(/[.#]/).at(-1) as string;
  return Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
};

const setting = (key: string, form: Required<Flag>["form"], more: Partial<Flag> = {}): Flag => ({
  effect: "setting",
  key,
  text: "",
  takes: "value",
  form,
  ...more,
});
const missing = (text: string, more: Partial<Flag> = {}): Flag => ({
  effect: "not-modelled",
  text,
  takes: "value",
  ...more,
});
const harmless = (text: string, more: Partial<Flag> = {}): Flag => ({
  effect: "no-effect",
  text,
  takes: "value",
  ...more,
});
const BARE = { takes: "nothing" } as const;

const PROCESS = "belongs to the process, not to requests";
const LOGGING = "logging is part of the worker's overhead";
const HEADERS = "concerns how requests are written";
const DIRTY = "processes apart from the workers are not modelled";
const OTHER_CLASS = "concerns other classes of workers";

/** By long name. `--bind` is read apart, since it may be given several times. */
const FLAGS: Record<string, Flag> = {
  "--bind": { short: "-b", effect: "setting", key: "bind", text: "", takes: "value" },
  "--backlog": setting("backlog", COUNT),
  "--workers": setting("workers", COUNT, { short: "-w" }),
  "--worker-class": setting(
    "worker_class",
    { ...WORD, read: (word) => classNamed(word) ?? word },
    {
      short: "-k",
      unknown: { holds: (word) => classNamed(word) === undefined, text: "this class is not modelled" },
    },
  ),
  "--threads": setting("threads", COUNT),
  "--worker-connections": setting("worker_connections", COUNT),
  "--max-requests": setting("max_requests", COUNT),
  "--max-requests-jitter": setting("max_requests_jitter", COUNT),
  "--timeout": setting("timeout", SECONDS, { short: "-t" }),
  "--graceful-timeout": setting("graceful_timeout", SECONDS),
  "--keep-alive": setting("keepalive", SECONDS),
  "--reuse-port": setting("reuse_port", { expected: "no value", read: () => true }, BARE),
  "--preload": setting("preload_app", { expected: "no value", read: () => true }, BARE),
  "--config": missing("this file cannot be read", { short: "-c" }),
  "--limit-request-line": harmless(HEADERS),
  "--limit-request-fields": harmless(HEADERS),
  "--limit-request-field_size": harmless(HEADERS),
  "--forwarded-allow-ips": harmless(HEADERS),
  "--proxy-protocol": harmless(HEADERS, { takes: "optional" }),
  "--proxy-allow-from": harmless(HEADERS),
  "--strip-header-spaces": harmless(HEADERS, BARE),
  "--forwarder-headers": harmless(HEADERS),
  "--header-map": harmless(HEADERS),
  "--permit-obsolete-folding": harmless(HEADERS, BARE),
  "--permit-unconventional-http-method": harmless(HEADERS, BARE),
  "--permit-unconventional-http-version": harmless(HEADERS, BARE),
  "--casefold-http-method": harmless(HEADERS, BARE),
  "--protocol": missing("only HTTP/1 is modelled"),
  "--uwsgi-allow-from": harmless("concerns the uwsgi protocol"),
  "--http-protocols": missing("only HTTP/1 is modelled"),
  "--http2-cleartext": missing("only HTTP/1 is modelled"),
  "--http2-max-concurrent-streams": harmless("concerns HTTP/2"),
  "--http2-initial-window-size": harmless("concerns HTTP/2"),
  "--http2-max-frame-size": harmless("concerns HTTP/2"),
  "--http2-max-header-list-size": harmless("concerns HTTP/2"),
  "--reload": missing("reloading is not modelled yet", BARE),
  "--reload-engine": harmless("concerns reloading"),
  "--reload-extra-file": harmless("concerns reloading"),
  "--spew": missing("tracing slows the application down", BARE),
  "--check-config": harmless(PROCESS, BARE),
  "--print-config": harmless(PROCESS, BARE),
  "--no-sendfile": harmless("responses are not files", BARE),
  "--chdir": harmless(PROCESS),
  "--daemon": harmless(PROCESS, { short: "-D", ...BARE }),
  "--env": harmless(PROCESS, { short: "-e" }),
  "--pid": harmless(PROCESS, { short: "-p" }),
  "--worker-tmp-dir": harmless("heartbeats take no time"),
  "--user": harmless(PROCESS, { short: "-u" }),
  "--group": harmless(PROCESS, { short: "-g" }),
  "--umask": harmless("nginx is taken to be allowed to connect", { short: "-m" }),
  "--initgroups": harmless(PROCESS, BARE),
  "--access-logfile": harmless(LOGGING),
  "--access-logformat": harmless(LOGGING),
  "--disable-redirect-access-to-syslog": harmless(LOGGING, BARE),
  "--error-logfile": harmless(LOGGING),
  "--log-file": harmless(LOGGING),
  "--log-level": harmless(LOGGING),
  "--capture-output": harmless(LOGGING, BARE),
  "--logger-class": harmless(LOGGING),
  "--log-config": harmless(LOGGING),
  "--log-config-json": harmless(LOGGING),
  "--log-syslog-to": harmless(LOGGING),
  "--log-syslog": harmless(LOGGING, BARE),
  "--log-syslog-prefix": harmless(LOGGING),
  "--log-syslog-facility": harmless(LOGGING),
  "--enable-stdio-inheritance": harmless(LOGGING, { short: "-R", ...BARE }),
  "--statsd-host": harmless(LOGGING),
  "--statsd-prefix": harmless(LOGGING),
  "--dogstatsd-tags": harmless(LOGGING),
  "--enable-backlog-metric": harmless(LOGGING, BARE),
  "--name": harmless(PROCESS, { short: "-n" }),
  "--pythonpath": harmless(PROCESS),
  "--paste": harmless(PROCESS),
  "--paster": harmless(PROCESS),
  "--paste-global": harmless(PROCESS),
  "--keyfile": missing("TLS is not modelled"),
  "--certfile": missing("TLS is not modelled"),
  "--ssl-version": missing("TLS is not modelled"),
  "--cert-reqs": missing("TLS is not modelled"),
  "--ca-certs": missing("TLS is not modelled"),
  "--ciphers": missing("TLS is not modelled"),
  "--suppress-ragged-eofs": missing("TLS is not modelled", BARE),
  "--do-handshake-on-connect": missing("TLS is not modelled", BARE),
  "--asgi-loop": harmless(OTHER_CLASS),
  "--asgi-lifespan": harmless(OTHER_CLASS),
  "--asgi-disconnect-grace-period": setting("asgi_disconnect_grace_period", SECONDS),
  "--http-parser": harmless(OTHER_CLASS),
  "--root-path": harmless(OTHER_CLASS),
  "--control-socket": harmless(PROCESS),
  "--control-socket-mode": harmless(PROCESS),
  "--no-control-socket": harmless(PROCESS, BARE),
  "--dirty-app": missing(DIRTY),
  "--dirty-workers": missing(DIRTY),
  "--dirty-timeout": missing(DIRTY),
  "--dirty-threads": missing(DIRTY),
  "--dirty-graceful-timeout": missing(DIRTY),
};

/** What settings are called in a configuration file, where that is not the name of the flag. */
const CONF_NAMES: Record<string, string> = {
  keepalive: "--keep-alive",
  preload_app: "--preload",
  accesslog: "--access-logfile",
  access_log_format: "--access-logformat",
  errorlog: "--error-logfile",
  loglevel: "--log-level",
  logconfig: "--log-config",
  logconfig_dict: "--log-config",
  logger_class: "--logger-class",
  syslog: "--log-syslog",
  proc_name: "--name",
  pidfile: "--pid",
  raw_env: "--env",
  limit_request_field_size: "--limit-request-field_size",
  sendfile: "--no-sendfile",
};

/** The flag of a setting in a configuration file; undefined if there is none. */
export function flagOfSetting(name: string): string | undefined {
  if (Object.hasOwn(CONF_NAMES, name)) return CONF_NAMES[name];
  const flag = `--${name.replaceAll("_", "-")}`;
  return Object.hasOwn(FLAGS, flag) ? flag : undefined;
}

/**
 * Long names that a word could stand for: its own, that of its letter, or every one it begins (as argparse
 * does).
 */
export function flagsNamed(word: string): string[] {
  if (Object.hasOwn(FLAGS, word)) return [word];
  const names = Object.keys(FLAGS);
  if (!word.startsWith("--")) return names.filter((name) => FLAGS[name]?.short === word);
  return names.filter((name) => name.startsWith(word));
}

export function flagOf(name: string): Flag {
  return FLAGS[name] as Flag;
}
