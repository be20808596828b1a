// The version of HTTP and the header Connection towards the application.

import { expect, test } from "vitest";
import { importNginx } from "../../src/import/nginx.js";
import { NO_FILES } from "./support.js";

const importText = ({ http = "", location = "" }) => {
  const text = `http { ${http} server { location / { ${location} proxy_pass http://unix:/a; } } }`;
  return importNginx({ file: "nginx.conf", text }, NO_FILES);
};

test.each([
  ['proxy_set_header Connection "";', { proxy_set_header: { Connection: "" } }],
  ["proxy_set_header connection keep-alive;", { proxy_set_header: { Connection: "keep-alive" } }],
  ["proxy_http_version 1.1;", { proxy_http_version: "1.1" }],
])("%s is a setting", (location, settings) => {
  expect(importText({ location }).scenario.nginx).toMatchObject(settings);
});

test("a block that sets any header inherits no Connection", () => {
  const { scenario, notes } = importText({
    http: 'proxy_set_header Connection "";',
    location: "proxy_set_header Host a;",
  });
  expect(scenario.nginx).not.toHaveProperty("proxy_set_header");
  expect(notes).toContainEqual(
    expect.objectContaining({ kind: "no-effect", text: "an inner block sets headers of its own" }),
  );
  const own = importText({ location: "proxy_set_header Connection $connection_upgrade;" });
  expect(own.notes).toMatchObject([
    { kind: "not-modelled", directive: "proxy_set_header Connection $connection_upgrade" },
  ]);
});
