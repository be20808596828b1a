import { describe, expect, test } from "vitest";
import { importNginx } from "../../src/import/nginx.js";
import { messageOf, NO_FILES } from "./support.js";

const importText = (upstream: string, location = "") => {
  const route = `server { listen 80; location / { ${location} proxy_pass http://app; } }`;
  const text = `http { upstream app { ${upstream} } ${route} }`;
  return importNginx({ file: "nginx.conf", text }, NO_FILES);
};

describe("the scenario", () => {
  test("has every server of the group with its parameters", () => {
    const upstream = `server unix:/a.sock weight=5 max_fails=0 fail_timeout=30; server 10.0.0.1;
      server 10.0.0.2:81 backup max_conns=7 fail_timeout=1m; server unix:/b down; zone z 64k;`;
    expect(importText(upstream)).toMatchObject({
      scenario: {
        nginx: {
          upstream: {
            zone: true,
            servers: [
              { address: "unix:/a.sock", weight: 5, max_fails: 0, fail_timeout: "30s" },
              "10.0.0.1:80",
              { address: "10.0.0.2:81", backup: true, max_conns: 7, fail_timeout: "60s" },
              { address: "unix:/b", down: true },
            ],
          },
        },
      },
      notes: [],
    });
  });

  test.each([
    ["least_conn", "least_conn"],
    ["ip_hash", "ip_hash"],
    ["random", "random"],
    ["random two least_conn", "random two least_conn"],
    ["ip_hash; least_conn", "least_conn"],
    ["hash $request_uri", { hash: { key: "uri" } }],
    ["hash $binary_remote_addr consistent", { hash: { key: "binary_remote_addr", consistent: true } }],
  ])("balances by %s", (directive, balance) => {
    const { scenario } = importText(`${directive}; server unix:/a; server unix:/b;`);
    expect(scenario.nginx).toMatchObject({ upstream: { balance } });
  });

  test.each([
    ["off", ["off"]],
    ["error", ["error"]],
    ["error timeout http_502", ["error", "timeout", "http_502"]],
    ["error timeout non_idempotent", ["error", "timeout", "non_idempotent"]],
    ["invalid_header http_500 http_404", ["invalid_header", "http_500", "http_404"]],
  ])("a group is left after proxy_next_upstream %s", (classes, failures) => {
    const upstream = "server unix:/a; server unix:/b;";
    const location = `proxy_next_upstream ${classes}; proxy_next_upstream_tries 2;
      proxy_next_upstream_timeout 3s;`;
    expect(importText(upstream, location)).toMatchObject({
      scenario: {
        nginx: {
          proxy_next_upstream: failures,
          proxy_next_upstream_tries: 2,
          proxy_next_upstream_timeout: "3s",
        },
      },
      notes: [],
    });
  });
});

test("keepalive with its limits", () => {
  const upstream =
    "server unix:/a; keepalive 32; keepalive_requests 10; keepalive_time 1m; keepalive_timeout 5s;";
  expect(importText(upstream).scenario.nginx).toMatchObject({
    upstream: { keepalive: 32, keepalive_requests: 10, keepalive_time: "60s", keepalive_timeout: "5s" },
  });
});

describe("notes", () => {
  test.each([
    ["host names are taken as one address", "server localhost:8000;", "server localhost:8000"],
    ["parameters of the commercial nginx", "server unix:/a slow_start=30s;", "server … slow_start=30s"],
    ["hashes of other variables", "server unix:/a; hash $cookie_a;", "hash $cookie_a"],
    ["times of servers", "server unix:/a; random two least_time=header;", "random two least_time=header"],
    ["unknown directives", "server unix:/a; sticky cookie a;", "sticky cookie a"],
  ])("%s are told as not modelled", (_, upstream, directive) => {
    expect(importText(upstream).notes).toMatchObject([
      { where: "nginx.conf:1", kind: "not-modelled", directive },
    ]);
  });

  test("the name of an implicit group is told as well", () => {
    const text = "http { server { location / { proxy_pass http://localhost:8000; } } }";
    expect(importNginx({ file: "nginx.conf", text }, NO_FILES).notes).toMatchObject([
      { kind: "not-modelled", directive: "proxy_pass http://localhost:8000" },
    ]);
  });

  test("a single server has nobody to be left for", () => {
    const { scenario, notes } = importText("server unix:/a;", "proxy_next_upstream off;");
    expect(scenario.nginx).not.toHaveProperty("proxy_next_upstream");
    expect(notes).toMatchObject([{ kind: "no-effect", directive: "proxy_next_upstream off" }]);
  });
});

describe("mistakes", () => {
  const two = "server unix:/a; server unix:/b;";
  const classes = 'classes of failures such as "error timeout"';
  test.each([
    ["server unix:/a weight=much;", "", 'weight: expected a whole number, got "weight=much"'],
    ["server unix:/a down=1;", "", 'down: expected no value, got "down=1"'],
    ["server unix:/a; keepalive many;", "", 'keepalive: expected a whole number, got "many"'],
    [two, "proxy_next_upstream never;", `proxy_next_upstream: expected ${classes}, got "never"`],
  ])("%j with %j", (upstream, location, message) => {
    expect(messageOf(() => importText(upstream, location))).toBe(`nginx.conf:1 ${message}`);
  });
});
