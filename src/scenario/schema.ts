// The schema of a whole scenario, assembled from the components that are handed in.

import * as z from "zod";
import type { Component } from "../component/component.js";
import { oneOrMany } from "../component/settings.js";
import { runSettings } from "./run-settings.js";

/** What a scenario file may say besides its sections; it is followed before validation. */
export const EXTENDS_HELP = "Another scenario file, relative to this one, that this one is laid over.";

const THRESHOLD = 'a threshold such as "502.share < 1%"';

/** What `recvq check` decides; the grammar is that of check/expression.ts. */
const expect = z.optional(
  z
    .array(z.string({ error: THRESHOLD }).min(1, { error: THRESHOLD }), {
      error: 'a list of thresholds such as ["502.share < 1%"]',
    })
    .meta({
      description:
        "What the run has to show, for recvq check: METRIC OP VALUE, as 502.share < 1% or " +
        "200.latency.p99 < 2s.",
    }),
);

/**
 * One key for each component, `run` and `expect`. A component that occurs once gets its defaults when it is
 * absent; an optional one or a list may be absent.
 */
export function scenarioSchema(components: readonly Component[]): z.ZodType<Record<string, unknown>> {
  const shape: Record<string, z.ZodType> = {};
  for (const component of components) shape[component.section] = sectionSchema(component);
  shape.run = z.prefault(runSettings, {} as never);
  shape.expect = expect;
  const known = sectionNames(components).join(" ");
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? known : scenarioExpected(components)),
  });
}

/** Completes "expected": what a file that is empty or no mapping should have been. */
export function scenarioExpected(components: readonly Component[]): string {
  return `a mapping with sections such as ${sectionNames(components).join(", ")}`;
}

function sectionNames(components: readonly Component[]): string[] {
  return ["extends", ...components.map(({ section }) => section), "run", "expect"];
}

function sectionSchema({ occurs, isImplied, settings, help }: Component): z.ZodType {
  switch (occurs) {
    case "once":
      return z.prefault(settings, {}).meta({ description: help });
    case "optional":
      return z.optional(settings).meta({ description: help });
    case "many": {
      const several = oneOrMany(settings, help);
      return (isImplied ? z.prefault(several, {} as never) : z.optional(several)).meta({ description: help });
    }
  }
}
