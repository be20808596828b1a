import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { importNginx } from "../../src/import/nginx.js";
import { parseNginxConf } from "../../src/import/nginx-conf.js";
import type { Note } from "../../src/import/note.js";
import { messageOf, NO_FILES } from "./support.js";

const REALISTIC = readFileSync(new URL("realistic-nginx.conf", import.meta.url), "utf8");

const importText = (text: string, target?: string) =>
  importNginx({ file: "nginx.conf", text }, NO_FILES, target === undefined ? {} : { target });

/** A configuration whose parts can be replaced. */
function conf({
  main = "",
  http = "",
  upstream = "server unix:/a.sock;",
  server = "",
  location = "",
}): string {
  return `${main} events { } http { ${http} upstream app { ${upstream} }
server { listen 127.0.0.1:80; ${server} location / { ${location} proxy_pass http://app; } } }`;
}

const lines = (notes: Note[]) => notes.map(({ where, directive, kind }) => `${where} ${kind}: ${directive}`);
const linesOf = (text: string) => lines(importText(text).notes);
const nginxOf = (text: string, target?: string) => importText(text, target).scenario.nginx;

describe("the scenario", () => {
  test("has the address, the upstream and what is set, and nothing that is not", () => {
    expect(importText(conf({ location: "proxy_read_timeout 10m;" })).scenario).toEqual({
      nginx: {
        listen: "127.0.0.1:80",
        upstream: { servers: ["unix:/a.sock"] },
        proxy_read_timeout: "600s",
      },
    });
    expect(nginxOf(conf({}))).not.toHaveProperty("proxy_read_timeout");
    expect(nginxOf(conf({ location: "proxy_bind 10.0.0.9;" }))).toHaveProperty("proxy_bind", "10.0.0.9");
    expect(linesOf(conf({ location: "proxy_bind $remote_addr transparent;" }))).toContainEqual(
      expect.stringContaining("not-modelled: proxy_bind $remote_addr transparent"),
    );
  });

  test.each([
    ["http://unix:/b.sock", { proxy_pass: "http://unix:/b.sock" }],
    ["http://unix:/b.sock:/path/", { proxy_pass: "http://unix:/b.sock" }],
    ["http://APP/path", { upstream: { servers: ["unix:/a.sock"] } }],
  ])("proxy_pass %s goes to %j", (url, settings) => {
    const text = conf({}).replace("http://app", url);
    expect(nginxOf(text)).toMatchObject(settings);
  });

  test("an inner block's setting replaces the outer one's, in whatever order they stand", () => {
    const http = "proxy_read_timeout 1s; server_tokens off;";
    expect(nginxOf(conf({ http }))).toMatchObject({ proxy_read_timeout: "1s", server_tokens: "off" });
    const server = "proxy_read_timeout 2s;";
    expect(nginxOf(conf({ http, server }))).toMatchObject({ proxy_read_timeout: "2s", server_tokens: "off" });
    const location = "proxy_read_timeout 3s; server_tokens ON;";
    const inner = { proxy_read_timeout: "3s", server_tokens: "on" };
    expect(nginxOf(conf({ http, server, location }))).toMatchObject(inner);
    const later = `http { server { location / { proxy_read_timeout 3s; proxy_pass http://unix:/a; } }
      proxy_read_timeout 4s; }`;
    expect(nginxOf(later)).toMatchObject({ proxy_read_timeout: "3s" });
  });

  test("a location inherits from the location around it", () => {
    const text = `http { server { location /a { proxy_read_timeout 5s;
      location /a/b { proxy_pass http://unix:/a; } } } }`;
    expect(nginxOf(text)).toMatchObject({ proxy_read_timeout: "5s" });
  });

  test("the clients' target chooses the server; without one it is the first that passes requests on", () => {
    const text = `http { server { return 444; }
      server { listen 8001; location / { proxy_pass http://unix:/one; } }
      server { listen 8002; listen unix:/front; location / { proxy_pass http://unix:/two; } } }`;
    expect(nginxOf(text)).toMatchObject({ listen: "8001", proxy_pass: "http://unix:/one" });
    expect(nginxOf(text, "127.0.0.1:8002")).toMatchObject({
      listen: "8002",
      proxy_pass: "http://unix:/two",
    });
    expect(nginxOf(text, "unix:/front")).toMatchObject({ listen: "unix:/front" });
  });

  test("location / is taken before others that stand above it", () => {
    const text = `http { server { location /a { proxy_pass http://unix:/one; }
      location / { proxy_pass http://unix:/two; } } }`;
    expect(nginxOf(text)).toEqual({ proxy_pass: "http://unix:/two" });
    expect(linesOf(text)).toEqual(["nginx.conf:1 not-modelled: location /a"]);
  });

  test("has the application's TCP address, of a group or of proxy_pass", () => {
    const group = importText(conf({ upstream: "server 127.0.0.1:8000;" }));
    expect(group).toMatchObject({ scenario: { nginx: { upstream: { servers: ["127.0.0.1:8000"] } } } });
    expect(group.notes).toEqual([]);
    const implicit = importText(conf({}).replace("http://app", "http://127.0.0.1:8000/"));
    expect(implicit.scenario).toMatchObject({ nginx: { proxy_pass: "http://127.0.0.1:8000" } });
  });

  test.each([
    ["3", 3],
    ["auto", 8],
  ])("worker_processes %s of 8 processors are %d", (text, processes) => {
    const source = { file: "nginx.conf", text: conf({ main: `worker_processes ${text};` }) };
    expect(importNginx(source, NO_FILES, { cores: 8 })).toMatchObject({
      scenario: { nginx: { worker_processes: processes } },
      notes: [],
    });
  });

  test("TCP may be on either side of nginx", () => {
    const isTcp = (listen: string, application: string) =>
      importText(`http { server { ${listen} location / { proxy_pass http://${application}; } } }`).tcp;
    expect(isTcp("listen unix:/front;", "unix:/a.sock")).toBe(false);
    expect(isTcp("listen unix:/front;", "127.0.0.1:8000")).toBe(true);
    expect(isTcp("listen 8080;", "unix:/a.sock")).toBe(true);
    expect(isTcp("", "unix:/a.sock")).toBe(true);
  });
});

describe("notes", () => {
  test.each([
    [
      "as many workers as processors are unknown without their number",
      { main: "worker_processes auto;" },
      "not-modelled: worker_processes auto",
    ],
    [
      "a single server is not retried",
      { location: "proxy_next_upstream off;" },
      "no-effect: proxy_next_upstream off",
    ],
    [
      "a unix socket needs no connect timeout",
      { http: "proxy_connect_timeout 3s;" },
      "no-effect: proxy_connect_timeout 3s",
    ],
    [
      "another address of the same server brings the same requests",
      { server: "listen 81 backlog=7;" },
      "no-effect: listen 81 backlog=7",
    ],
    ["unknown directives could matter", { server: "frobnicate on;" }, "not-modelled: frobnicate on"],
    [
      "so could one named like a part of JavaScript",
      { server: "constructor on;" },
      "not-modelled: constructor on",
    ],
    ["TLS is not modelled", { server: "ssl_protocols TLSv1.3;" }, "not-modelled: ssl_protocols TLSv1.3"],
    [
      "an exact rule comes before that of its family",
      { server: "fastcgi_temp_path x;" },
      "no-effect: fastcgi_temp_path x",
    ],
    [
      "a build's name is not in the pages",
      { http: "server_tokens build;" },
      "not-modelled: server_tokens build",
    ],
  ])("%s", (_, parts, line) => {
    const notes = linesOf(conf(parts));
    expect(notes).toHaveLength(1);
    expect(notes[0]?.replace(/^nginx.conf:\d /, "")).toBe(line);
  });

  test("the parameters of listen make a mapping of it", () => {
    const listening = (parameters: string) =>
      `http { server { listen 80${parameters}; location / { proxy_pass http://unix:/a; } } }`;
    expect(nginxOf(listening(" backlog=7 reuseport"))).toMatchObject({
      listen: { address: "80", backlog: 7, reuseport: true },
    });
    expect(nginxOf(listening(" default_server"))).toMatchObject({ listen: "80" });
    expect(linesOf(listening(" backlog=7 reuseport ssl"))).toEqual([
      "nginx.conf:1 not-modelled: listen … ssl",
    ]);
    expect(() => nginxOf(listening(" backlog=0"))).toThrow(
      'listen … backlog: expected a whole number above 0, got "backlog=0"',
    );
  });

  test("directives of kept connections and of bodies become settings of their names", () => {
    const http = `keepalive_timeout 20 30; keepalive_requests 10; keepalive_time 5m; client_max_body_size 10m;
      proxy_request_buffering off; proxy_send_timeout 5; client_body_buffer_size 16k;`;
    const text = conf({ http }).replace("events { }", "events { accept_mutex on; }");
    expect(nginxOf(text)).toMatchObject({
      accept_mutex: "on",
      keepalive_timeout: "20s",
      keepalive_requests: 10,
      keepalive_time: "300s",
      client_max_body_size: "10MiB",
      proxy_request_buffering: "off",
      proxy_send_timeout: "5s",
    });
    expect(() => nginxOf(conf({ http: "keepalive_timeout 20 x;" }))).toThrow("keepalive_timeout");
    expect(() => nginxOf(conf({ http: "client_max_body_size 10mb;" }))).toThrow("client_max_body_size");
  });

  test("Debian's pair of listens is one server on port 80", () => {
    const text = "http { server { listen [::]:80; listen 80; location / { proxy_pass http://unix:/a; } } }";
    expect(nginxOf(text)).toMatchObject({ listen: "[::]:80" });
    expect(linesOf(text)).toEqual(["nginx.conf:1 no-effect: listen 80"]);
  });

  test("a connect timeout matters over TCP", () => {
    const text = conf({ upstream: "server 10.0.0.1:80;", location: "proxy_connect_timeout 3s;" });
    expect(nginxOf(text)).toMatchObject({ proxy_connect_timeout: "3s" });
    expect(linesOf(text)).toEqual([]);
  });
});

describe("mistakes", () => {
  test.each([
    ["", "nginx.conf:1: expected a location with proxy_pass in a server of http, got none"],
    [
      conf({ location: "proxy_read_timeout 1y;" }),
      'nginx.conf:2 proxy_read_timeout: expected a time such as "60s" or "1m", got "1y"',
    ],
    [
      conf({ location: "proxy_read_timeout;" }),
      'nginx.conf:2 proxy_read_timeout: expected a time such as "60s" or "1m", got nothing',
    ],
    [
      conf({ http: "client_max_body_size 1mb;" }),
      'nginx.conf:1 client_max_body_size: expected a size such as "10m", got "1mb"',
    ],
    [conf({ main: "daemon maybe;" }), 'nginx.conf:1 daemon: expected "on" or "off", got "maybe"'],
    [conf({ main: "proxy_read_timeout 1s;" }), "nginx.conf:1 proxy_read_timeout: not allowed here"],
    [conf({ http: "worker_processes 1;" }), "nginx.conf:1 worker_processes: not allowed here"],
    [
      conf({ main: "worker_processes many;" }),
      'nginx.conf:1 worker_processes: expected a whole number or "auto", got "many"',
    ],
    [
      conf({ server: "server_tokens on; server_tokens off;" }),
      "nginx.conf:2 server_tokens: is set twice in this block",
    ],
    [conf({ upstream: "" }), "nginx.conf:1 upstream app: expected a server, got none"],
    [
      conf({}).replace("http://app", "http://app:81"),
      'nginx.conf:2 proxy_pass: upstream "app" may not have port 81',
    ],
    [
      conf({}).replace("http://app", "http://$app"),
      'nginx.conf:2 proxy_pass: expected the name of an upstream or an address such as "http://unix:/run/app.sock" without variables, got "http://$app"',
    ],
  ])("%#: %s", (text, message) => {
    expect(messageOf(() => importText(text))).toBe(message);
  });
});

describe("a configuration from the field", () => {
  test("keeps quoted braces, regular expressions and variables whole", () => {
    const [, , , , , http] = parseNginxConf({ file: "nginx.conf", text: REALISTIC }, NO_FILES);
    const named = (name: string) => http?.block?.filter((directive) => directive.name === name) ?? [];
    expect(named("map")[0]?.block?.map(({ name, args }) => [name, ...args])).toEqual([
      ["default", "upgrade"],
      ["", "close"],
      ["~*^web\\s{1,3}socket;$", 'up"grade'],
    ]);
    expect(named("log_format")[0]?.args[2]).toBe('{"t":"$msec","uri":"$uri",');
    const locations = named("server")[1]?.block?.filter(({ name }) => name === "location") ?? [];
    expect(locations.map(({ args, line }) => [line, ...args])).toEqual([
      [62, "~*", "\\.(?:css|js|png|jpe?g){1}$"],
      [66, "^~", "/reports/"],
      [69, "/"],
      [73, "@app"],
      [84, "=", "/500.html"],
    ]);
    expect(locations[2]?.block?.[0]?.args).toEqual(["($request_method", "!~", "^(GET|HEAD|POST)$)"]);
  });

  test("becomes a scenario, and what it leaves out is named with its line", () => {
    const { scenario, notes, tcp } = importText(REALISTIC);
    expect(scenario).toEqual({
      nginx: {
        listen: "8080",
        worker_connections: 4096,
        upstream: { servers: [{ address: "unix:/run/gunicorn/app.sock", fail_timeout: "0s" }] },
        limit_req_zone: [{ name: "perip", key: "client", rate: "20r/s" }],
        limit_req: [{ zone: "perip", burst: 40, nodelay: true }],
        client_max_body_size: "10MiB",
        keepalive_timeout: "65s",
        server_tokens: "off",
        proxy_read_timeout: "75s",
      },
    });
    expect(tcp).toBe(true);
    expect(lines(notes).filter((line) => line.includes("not-modelled"))).toEqual([
      "nginx.conf:3 not-modelled: worker_processes auto",
      "nginx.conf:9 not-modelled: multi_accept on",
      "nginx.conf:50 not-modelled: server",
      "nginx.conf:62 not-modelled: location ~* \\.(?:css|js|png|jpe?g){1}$",
      "nginx.conf:66 not-modelled: location ^~ /reports/",
      "nginx.conf:69 not-modelled: location /",
      "nginx.conf:77 not-modelled: proxy_set_header Connection $connection_upgrade",
      "nginx.conf:83 not-modelled: error_page 500 502 503 504 /500.html",
      "nginx.conf:84 not-modelled: location = /500.html",
    ]);
  });
});
