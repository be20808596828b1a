// worker_rlimit_nofile: a worker that runs out of descriptors is not modelled.

import { expect, test } from "vitest";
import { importNginx } from "../../src/import/nginx.js";
import { NO_FILES } from "./support.js";

test.each([
  ["511", "", "not-modelled"],
  ["512", "", "no-effect"],
  ["1000", "worker_connections 1024;", "not-modelled"],
  ["65536", "worker_connections 1024;", "no-effect"],
])("worker_rlimit_nofile %s with %j: %s", (limit, events, kind) => {
  const text = `worker_rlimit_nofile ${limit}; events { ${events} }
http { server { listen unix:/front; location / { proxy_pass http://unix:/a.sock; } } }`;
  const { notes } = importNginx({ file: "nginx.conf", text }, NO_FILES);
  expect(notes).toMatchObject([{ directive: `worker_rlimit_nofile ${limit}`, kind }]);
});
