// What a report says of a listen queue whose limit has changed meanwhile.

import { expect, test } from "vitest";
import { simulate } from "../../support/simulate.js";

// The queue is 1025 long for the requests after 2 s, but what the report says of it is what held at the start.
test("the limit of a queue is told with the setting that decided it, not with the one after a restart", async () => {
  const { result } = await simulate(`
kernel: { sysctl: { net.core.somaxconn: 128 } }
clients: { arrivals: [{ process: constant, rate: 10/s, requests: 50 }] }
nginx: { upstream: { servers: ["unix:/run/app.sock"] } }
gunicorn: { bind: "unix:/run/app.sock", workers: 2 }
app: { sleep: 1ms }
events:
  - { at: 1s, do: kernel.sysctl, net.core.somaxconn: 4096 }
  - { at: 2s, do: gunicorn.restart }
`);
  const [limit] = result.limits.filter(({ text }) => /accept queue of unix/.test(text));
  expect(limit?.text).toMatch(/holds 129 connections/);
  expect(limit?.settings[0]).toMatch(/^(kernel\.)?(sysctl\.)?net.core.somaxconn = 128/);
});
