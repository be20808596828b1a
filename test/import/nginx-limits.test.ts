import { describe, expect, test } from "vitest";
import { importNginx } from "../../src/import/nginx.js";
import { messageOf, NO_FILES } from "./support.js";

const importText = (http: string, location = "", server = "") => {
  const route = `server { listen 80; ${server} location / { ${location} proxy_pass http://unix:/a; } }`;
  return importNginx({ file: "nginx.conf", text: `http { ${http} ${route} }` }, NO_FILES);
};
const limitsOf = (...parts: Parameters<typeof importText>) => {
  const {
    listen: _,
    proxy_pass: __,
    ...limits
  } = importText(...parts).scenario.nginx as Record<string, unknown>;
  return limits;
};
const notesOf = (...parts: Parameters<typeof importText>) =>
  importText(...parts).notes.map(({ directive, kind, text }) => `${kind}: ${directive}: ${text}`);

const REQ = "limit_req_zone $binary_remote_addr zone=r:10m rate=20r/s;";
const CONN = "limit_conn_zone $binary_remote_addr zone=c:10m;";

describe("the scenario", () => {
  test.each([
    ["limit_req zone=r", { zone: "r" }],
    ["limit_req zone=r burst=10 nodelay", { zone: "r", burst: 10, nodelay: true }],
    ["limit_req burst=10 delay=5 zone=r", { zone: "r", burst: 10, delay: 5 }],
  ])("has %s", (limit, use) => {
    expect(limitsOf(REQ, `${limit};`)).toEqual({
      limit_req_zone: [{ name: "r", key: "client", rate: "20r/s" }],
      limit_req: [use],
    });
  });

  test("has limit_conn and the statuses", () => {
    expect(limitsOf(CONN, "limit_conn c 5; limit_conn_status 429; limit_req_status 444;")).toEqual({
      limit_conn_zone: [{ name: "c", key: "client" }],
      limit_conn: [{ zone: "c", connections: 5 }],
      limit_conn_status: 429,
      limit_req_status: 444,
    });
  });

  test.each([
    ["rate=30r/m", "30r/m"],
    ["rate=10", "10r/s"],
    ["", "1r/s"],
  ])("reads %j as a rate of %s", (rate, written) => {
    const zone = `limit_req_zone $host zone=r:1m ${rate};`;
    expect(limitsOf(zone, "limit_req zone=r;")).toMatchObject({ limit_req_zone: [{ rate: written }] });
  });

  test.each([
    ["$binary_remote_addr", "client"],
    ["$remote_addr$host", "client"],
    ["$host", "server"],
    ["all", "server"],
  ])("the key %s is the %s's", (variable, key) => {
    const zone = `limit_req_zone ${variable} zone=r:1m rate=1r/s;`;
    expect(limitsOf(zone, "limit_req zone=r;")).toMatchObject({ limit_req_zone: [{ key }] });
  });

  test("an inner block's limits replace the outer ones'; several of one block hold together", () => {
    const zones = `${REQ} limit_req_zone $host zone=s:1m rate=1r/s;`;
    const both = "limit_req zone=r; limit_req zone=s burst=2;";
    expect(limitsOf(zones, "", both)).toMatchObject({ limit_req: [{ zone: "r" }, { zone: "s", burst: 2 }] });
    expect(limitsOf(zones, "limit_req zone=s;", both)).toMatchObject({
      limit_req_zone: [{ name: "s" }],
      limit_req: [{ zone: "s" }],
    });
    expect(notesOf(zones, "limit_req zone=s;", "limit_req zone=r;")).toEqual([
      "no-effect: limit_req_zone $binary_remote_addr zone=r:10m rate=20r/s: no limit uses this zone",
      "no-effect: limit_req zone=r: an inner block replaces it",
    ]);
  });
});

describe("notes", () => {
  test("a key that is not modelled leaves the limit out", () => {
    const zone = "limit_req_zone $http_authorization zone=r:1m rate=1r/s;";
    expect(limitsOf(zone, "limit_req zone=r;")).toEqual({});
    const text = "only the server and the client's address are keys";
    expect(notesOf(zone, "limit_req zone=r;")).toEqual([
      `not-modelled: limit_req_zone $http_authorization zone=r:1m rate=1r/s: ${text}`,
      `not-modelled: limit_req zone=r: ${text}`,
    ]);
  });

  test("the name of a server without one is an empty key, which limits nothing", () => {
    const zone = "limit_conn_zone $server_name zone=c:1m;";
    expect(limitsOf(zone, "limit_conn c 1;")).toEqual({});
    expect(notesOf(zone, "limit_conn c 1;")[1]).toContain(
      "no-effect: limit_conn c 1: the server has no name",
    );
    expect(limitsOf(zone, "limit_conn c 1;", "server_name a.example;")).toMatchObject({
      limit_conn_zone: [{ key: "server" }],
    });
  });
});

describe("mistakes", () => {
  test.each([
    ["", "limit_req zone=r;", 'limit_req: zone "r" is not declared'],
    [REQ, "limit_req burst=1;", 'limit_req: expected a parameter such as "zone=one", got none'],
    [REQ, "limit_req zone=r burst=0;", 'burst: expected a whole number above 0, got "0"'],
    [REQ.replace("20r/s", "1.5r/s"), "", 'rate: expected a rate such as "10r/s", got "1.5r/s"'],
    [REQ.replace("20r/s", "0r/s"), "", 'rate: expected a rate such as "10r/s", got "0r/s"'],
    ["limit_conn_zone $host;", "", 'limit_conn_zone: expected a parameter such as "zone=one:10m", got none'],
    [`${CONN} ${CONN}`, "", 'limit_conn_zone: zone "c" is declared twice'],
    [CONN, "limit_conn c;", 'limit_conn: expected a zone and a number, got "c"'],
  ])("%j with %j", (http, location, message) => {
    expect(messageOf(() => importText(http, location))).toBe(`nginx.conf:1 ${message}`);
  });
});
