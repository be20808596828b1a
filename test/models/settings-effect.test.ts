// A knob that does nothing is the worst bug of a tool like this: every declared setting has an entry that shows
// its effect in the right direction, or a reason why it has none.

import { describe, expect, test } from "vitest";
import { jsonSchema } from "../../src/index.js";
import { type Effect, measured } from "./settings-effect/effect.js";
import { eventEffects } from "./settings-effect/events.js";
import { keepaliveEffects } from "./settings-effect/keepalive.js";
import { kernelEffects } from "./settings-effect/kernel.js";
import { nginxEffects } from "./settings-effect/nginx.js";
import { otherEffects } from "./settings-effect/others.js";
import { runEffects } from "./settings-effect/runs.js";
import { upstreamEffects } from "./settings-effect/upstream.js";
import { workerClassEffects } from "./settings-effect/worker-classes.js";
import { lifeEffects } from "./settings-effect/worker-life.js";

const effects: Record<string, Effect> = {
  ...kernelEffects,
  ...nginxEffects,
  ...upstreamEffects,
  ...otherEffects,
  ...workerClassEffects,
  ...lifeEffects,
  ...keepaliveEffects,
  ...eventEffects,
  ...runEffects,
};

const exempt: Record<string, string> = {
  expect: "what a run has to show; it changes none: test/check/check.test.ts",
  extends: "followed before anything runs: test/scenario/overlay.test.ts",
  "run/time_limit": "a limit of wall-clock time, which only the command line knows: test/e2e/threads.test.ts",
  "gunicorn/name": "a label of the report and of overrides",
  "kernel/name": "what nginx.kernel and others name; its effect is theirs",
  "clients/name": "a label of the report and of overrides",
  "nginx/limit_req_zone/name": "what limit_req names; its effect is that of nginx/limit_req/zone",
  "nginx/limit_conn_zone/name": "what limit_conn names; its effect is that of nginx/limit_conn/zone",
};

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  definitions?: Record<string, Schema>;
  else?: Schema;
}

/** Paths of what a user can set; the elements of a list have the path of the list. */
function paths(schema: Schema, path: string, found: Set<string>): Set<string> {
  const { $ref, properties, items } = schema;
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  for (const one of alternatives) paths(one, path, found);
  for (const [key, inner] of Object.entries(properties ?? {}))
    paths(inner, path ? `${path}/${key}` : key, found);
  if (items) paths(items, path, found);
  if ($ref !== undefined || (alternatives.length === 0 && !properties && !items)) found.add(path);
  return found;
}

function declared(): string[] {
  const { definitions = {}, else: whole = {} } = jsonSchema() as Schema;
  const found = paths(whole, "", new Set());
  // A file that extends another has the same settings with nothing required.
  for (const [name, definition] of Object.entries(definitions)) {
    if (!name.endsWith("-overlay")) paths(definition, name, found);
  }
  return [...found].sort();
}

describe("every declared setting", () => {
  test("has an entry or a reason, and no entry is of a setting that is gone", () => {
    expect([...Object.keys(effects), ...Object.keys(exempt)].sort()).toEqual(declared());
  });

  test.each(Object.entries(effects))("%s has its effect", async (path, effect) => {
    const [first, second] = await measured(path, effect);
    if (effect.direction === "rises") expect(second).toBeGreaterThan(first as number);
    else if (effect.direction === "falls") expect(second).toBeLessThan(first as number);
    else expect(second).not.toBe(first);
  });
});
