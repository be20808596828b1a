import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { redacted } from "../../src/node/redacted.js";
import { redisAddress } from "../../src/node/redis-address.js";

describe("an address of Redis", () => {
  test.each([
    ["redis://10.0.0.5", { text: "redis://10.0.0.5", host: "10.0.0.5", port: 6379, db: 0 }],
    ["redis://queue:7000/12", { text: "redis://queue:7000/12", host: "queue", port: 7000, db: 12 }],
    ["redis://[::1]:7000", { text: "redis://[::1]:7000", host: "::1", port: 7000, db: 0 }],
    [
      "redis://:a%40b@queue/",
      { text: "redis://***@queue/", host: "queue", port: 6379, db: 0, password: "a@b" },
    ],
    [
      "rediss://me:secret@queue",
      {
        ...{ text: "rediss://***@queue", host: "queue", port: 6379, db: 0 },
        ...{ username: "me", password: "secret", tls: { servername: "queue" } },
      },
    ],
    // An IP address is no server name (RFC 6066, section 3).
    ["rediss://[fe80::1]", { text: "rediss://[fe80::1]", host: "fe80::1", port: 6379, db: 0, tls: {} }],
  ])("%s is understood", (text, expected) => {
    expect(redisAddress(text, {})).toEqual(expected);
  });

  test.each([
    ["", "expected the address of Redis, such as redis://host:6379/0, or RECVQ_REDIS_URL"],
    ["queue:6379", "got queue:6379"],
    ["me:secret@queue", "got ***@queue"],
    ["http://me:secret@queue", "got http://***@queue"],
    ["redis://me:sec/ret@queue", "got redis://***@queue"],
    ["redis://me:sec ret@que ue", "got redis://***@que ue"],
    ["redis://", "got no host"],
    ["redis://queue/first", 'got "/first", which is no number of a database'],
    ["redis://queue?password=secret", 'got "?" or "#" in it'],
    ["redis://me:100%@queue", 'got a "%" without two hexadecimal digits; write %25'],
  ])("%s is refused, and nothing secret is told", (text, reason) => {
    const refused = () => redisAddress(text, {});
    expect(refused).toThrow(reason);
    expect(refused).not.toThrow(/secret|sec.ret/);
  });

  test("comes from the environment where none is given, or `redis`", () => {
    const env = { RECVQ_REDIS_URL: "redis://me:secret@queue/3" };
    expect(redisAddress(undefined, env)).toMatchObject({ host: "queue", db: 3, password: "secret" });
    expect(redisAddress("redis", env)).toEqual(redisAddress(undefined, env));
    expect(() => redisAddress("redis", { RECVQ_REDIS_URL: "secret@queue" })).toThrow(/^RECVQ_REDIS_URL: /);
  });

  test("takes the files of certificates along, for rediss:// only", () => {
    const file = join(tmpdir(), `recvq-${process.pid}-ca.pem`);
    writeFileSync(file, "PEM");
    const env = { RECVQ_REDIS_CA: file };
    expect(redisAddress("rediss://queue", env).tls).toEqual({ servername: "queue", ca: "PEM" });
    const plain = "RECVQ_REDIS_CA: expected an address with rediss://, which uses it, got redis://";
    expect(() => redisAddress("redis://queue", env)).toThrow(plain);
    const absent = { RECVQ_REDIS_KEY: "/nonexistent/key.pem" };
    expect(() => redisAddress("rediss://queue", absent)).toThrow(/^\/nonexistent\/key.pem: cannot be read/);
  });
});

test("a text is redacted wherever an address with a password stands in it", () => {
  const text = "no redis://me:p@ss@a:1/2, no REDISS://:x@b; but mail me@c and see redis://d:1/2";
  expect(redacted(text)).toBe("no redis://***@a:1/2, no REDISS://***@b; but mail me@c and see redis://d:1/2");
});
