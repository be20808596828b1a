// Mistakes on the way to the application, and warnings.

import { describe, expect, test } from "vitest";
import { PLAIN, simulate } from "../../support/simulate.js";

const ask = (nginx: string, kernel = "kernel: {}") =>
  simulate(`
${kernel}
clients: { arrivals: { process: burst, requests: 1 } }
nginx: { ${PLAIN.nginx}, ${nginx} }
gunicorn: { ${PLAIN.gunicorn}, bind: "127.0.0.1:8000" }
run: { replications: 1 }`);

describe("a mistake is named at its place", () => {
  test.each([
    ["listen: '*:80', proxy_pass: http://127.0.0.1", "4:", "nginx.proxy_pass", "*:80, got 127.0.0.1"],
    ["proxy_pass: http://localhost:80", "4:", "nginx.proxy_pass", "*:80, got localhost:80"],
    [
      "upstream: { servers: ['127.0.0.1:8000', '127.0.0.1:80'] }",
      "4:",
      "nginx.upstream.servers.1",
      "*:80, got 127.0.0.1:80",
    ],
    ["listen: 'unix:/a', proxy_pass: http://unix:/a", "4:", "nginx.proxy_pass", "unix:/a, got unix:/a"],
  ])("nginx that proxies to itself: %s", async (nginx, line, path, end) => {
    const message = `${path}: expected an address other than nginx's own listen ${end}`;
    await expect(ask(nginx)).rejects.toThrow(message);
    await expect(ask(nginx)).rejects.toThrow(`test.yaml:${line}`);
  });

  test("also where there are several network namespaces", async () => {
    const kernel = "kernel: [{ name: web }, { name: apps }]";
    const nginx = "kernel: web, proxy_pass: 'http://127.0.0.1'";
    const asked = ask(nginx, kernel);
    await expect(asked).rejects.toThrow("nginx.proxy_pass: expected an address other than");
  });

  test.each([
    ["keepalive: 8", "keepalive", "8"],
    ["keepalive_timeout: 5s", "keepalive_timeout", "5s"],
    ["balance: least_conn", "balance", "least_conn"],
    ["zone: true", "zone", "true"],
  ])("upstream: { %s } beside proxy_pass", async (upstream, key, got) => {
    const asked = ask(`proxy_pass: http://127.0.0.1:8000, upstream: { ${upstream} }`);
    const why = "expected nothing beside nginx.proxy_pass, whose group is no upstream block";
    await expect(asked).rejects.toThrow(`nginx.upstream.${key}: ${why}, got ${got}`);
  });

  test("a proxy_pass that is no address of one application over http", async () => {
    await expect(ask("proxy_pass: https://app")).rejects.toThrow(
      /nginx\.proxy_pass: expected the address of one application .*, got "https:\/\/app"/,
    );
    await expect(ask("proxy_pass: { url: https://app }")).rejects.toThrow(
      /nginx\.proxy_pass\.url: expected the address of one application .*, got "https:\/\/app"/,
    );
  });
});

describe("a warning says", () => {
  const warnings = async (nginx: string) => (await ask(nginx)).result.warnings;
  const KEPT = "upstream: { servers: ['127.0.0.1:8000'], keepalive: 8 }";
  const says = "nginx.upstream.keepalive = 8 keeps no connection: that needs";
  const version = 'nginx.proxy_http_version: "1.1"';
  const header = 'nginx.proxy_set_header: { Connection: "" }';

  test.each([
    ["", [`${says} ${version} and ${header}`]],
    [", proxy_http_version: 1.1", [`${says} ${header}`]],
    [", proxy_set_header: { Connection: '' }", [`${says} ${version}`]],
    [", proxy_http_version: 1.1, proxy_set_header: { Connection: '' }", []],
    [", version: 1.29.7", []],
    [", version: 1.29.7, proxy_set_header: { Connection: close }", [`${says} ${header}`]],
  ])("that keepalive keeps nothing, and what it needs: %s", async (nginx, expected) => {
    expect(await warnings(KEPT + nginx)).toEqual(expected);
  });

  test("that localhost may be two peers, unless their addresses are listed", async () => {
    const may = "localhost:8000 may be two peers, [::1] and 127.0.0.1";
    expect((await warnings("proxy_pass: http://localhost:8000")).join()).toContain(
      `nginx.proxy_pass: ${may}`,
    );
    const servers = (more: string) =>
      warnings(`upstream: { servers: [{ address: "localhost:8000" ${more} }] }`);
    expect((await servers("")).join()).toContain(`nginx.upstream.servers: ${may}`);
    expect(await servers(", resolves: ['127.0.0.1:8000']")).toEqual([]);
    expect(await warnings("proxy_pass: http://127.0.0.1:8000")).toEqual([]);
  });
});

test("the only connection of a worker is no plural", async () => {
  const { result } = await ask("worker_connections: 3, proxy_pass: http://127.0.0.1:8000");
  expect(result.causes.map(({ text }) => text)).toEqual(["an nginx worker has its only connection in use"]);
  expect(result.limits.map(({ text }) => text)).toContain(
    "an nginx worker has 1 connection, two for each request in flight",
  );
});

test.each([
  ["1.31.9", []],
  ["1.32.0", ["nginx.version = 1.32.0 is taken as 1.31: 1.14 to 1.31 are modelled"]],
])("of nginx %s it is said what it is taken as: %j", async (version, said) => {
  const { result } = await ask(`version: ${version}, upstream: { servers: ["127.0.0.1:8000"] }`);
  expect(result.warnings.filter((warning) => warning.startsWith("nginx.version"))).toEqual(said);
});
