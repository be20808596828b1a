// All rules of doctor, in the order in which a request meets what they are about.
//
// Modelled: nothing here; each file has the rules of its subject. Not modelled: nothing.

import type { Finding } from "../../src/component/finding.js";
import { attemptRules } from "./attempts.js";
import { capacityRules } from "./capacity.js";
import { clientRules } from "./clients.js";
import { connectRules } from "./connecting.js";
import { deployRules } from "./deploying.js";
import { deploymentOf, type Known } from "./deployment.js";
import { failureRules } from "./failures.js";
import { gunicornWorkerRules } from "./gunicorn-workers.js";
import { keepaliveRules } from "./keepalive.js";
import { listenQueueRules } from "./listen-queues.js";
import { nginxWorkerRules } from "./nginx-workers.js";
import { overloadRules } from "./overload.js";
import { portRules } from "./ports.js";
import type { Rule } from "./rule.js";
import { waitingRules } from "./waiting.js";

export const rules: readonly Rule[] = [
  ...clientRules,
  ...overloadRules,
  ...capacityRules,
  ...listenQueueRules,
  ...connectRules,
  ...waitingRules,
  ...nginxWorkerRules,
  ...failureRules,
  ...attemptRules,
  ...keepaliveRules,
  ...portRules,
  ...gunicornWorkerRules,
  ...deployRules,
];

/** What the rules find in validated settings. Throws a SettingError for files that hold no such values. */
export function examine(settings: Record<string, unknown>, known: Known): Finding[] {
  const deployment = deploymentOf(settings, known);
  return rules.flatMap(({ check, ...rule }) => check(deployment).map((said) => ({ rule, ...said })));
}
