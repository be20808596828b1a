import { describe, expect, test } from "vitest";
import { address, parseAddress, reaches } from "../../src/component/address.js";

describe("an address", () => {
  test.each([
    ["unix:/run/app.sock", { family: "unix", path: "/run/app.sock" }],
    ["unix:@abstract", { family: "unix", path: "@abstract" }],
    ["127.0.0.1:8000", { family: "tcp", host: "127.0.0.1", port: 8000 }],
    ["8000", { family: "tcp", host: "*", port: 8000 }],
    ["*:80", { family: "tcp", host: "*", port: 80 }],
    ["0.0.0.0:80", { family: "tcp", host: "*", port: 80 }],
    ["[::]:80", { family: "tcp", host: "*", port: 80 }],
    ["[::1]:8000", { family: "tcp", host: "[::1]", port: 8000 }],
    ["[::1]", { family: "tcp", host: "[::1]", port: 80 }],
    ["localhost", { family: "tcp", host: "localhost", port: 80 }],
    ["65535", { family: "tcp", host: "*", port: 65535 }],
    ["1.1:1", { family: "tcp", host: "1.1", port: 1 }],
    ["8app", { family: "tcp", host: "8app", port: 80 }],
    ["app-1.example:8080", { family: "tcp", host: "app-1.example", port: 8080 }],
  ])("%s is read", (text, expected) => {
    expect(address({ help: "where" }).safeParse(text).success).toBe(true);
    expect(parseAddress(text)).toMatchObject(expected);
  });

  test.each([
    ["unix:/a", "unix:/a"],
    ["8000", "*:8000"],
    ["0.0.0.0:8000", "*:8000"],
    ["localhost", "localhost:80"],
  ])("%s is written %s", (text, written) => {
    expect(parseAddress(text).text).toBe(written);
    expect(parseAddress(written)).toEqual(parseAddress(text));
  });

  test.each([
    "",
    "unix:",
    // A server line of nginx: its parameters are settings of their own.
    "unix:/a.sock weight=3",
    "/run/app.sock",
    "http://app",
    "a b:80",
    "host:",
    "host:123456",
    ":80",
    "host:0",
    "0",
    "65536",
    "h:65536",
    "[::1]:70000",
    "99999999",
  ])('"%s" is refused', (text) => {
    const outcome = address({ help: "where" }).safeParse(text);
    expect(outcome.success).toBe(false);
    expect(outcome.error?.issues[0]?.message).toBe(
      'an address without spaces such as "unix:/run/app.sock" or "127.0.0.1:8000"',
    );
  });
});

test.each([
  ["unix:/a", "unix:/a", true],
  ["unix:/a", "unix:/b", false],
  ["unix:/a", "*:80", false],
  ["127.0.0.1:80", "127.0.0.1:80", true],
  ["127.0.0.1:80", "127.0.0.1:81", false],
  ["127.0.0.1:80", "127.0.0.2:80", false],
  ["127.0.0.1:80", "*:80", true],
  ["10.0.0.1:80", "0.0.0.0:80", true],
  ["localhost:80", "127.0.0.1:80", true],
  ["127.0.0.1:80", "localhost:80", true],
  ["localhost", "localhost:80", true],
  ["*:80", "127.0.0.1:80", true],
  ["10.0.0.1:80", "127.0.0.1:80", false],
  ["app:80", "app:80", true],
])("connect() to %s reaches a listener at %s: %s", (target, listener, expected) => {
  expect(reaches(parseAddress(target), parseAddress(listener))).toBe(expected);
});
