// Rules about utilisation: what comes against what workers, processors and nginx can do.
//
// Modelled: the phase in which a population sends most, and mean times. Not modelled: chance, which fills
// queues at less than full utilisation (a run shows how often); closed loops, which slow down instead.

import type { FoundSetting } from "../../src/component/finding.js";
import { SECOND } from "../../src/engine/time.js";
import type { Deployment } from "./deployment.js";
import type { GunicornPart, KernelPart, PhaseLoad } from "./parts.js";
import { rateOf } from "./population-part.js";
import type { Rule } from "./rule.js";
import { shareOf } from "./shares.js";
import { countOf, numberText, rateText, shareText, timeText } from "./words.js";

/** From here on queues of random arrivals are long: ten places or so with one worker. */
export const NEAR_SATURATION = 0.85;

/** Requests a second that the workers can serve; Infinity without a limit. */
export function servedPerSecond({ capacity, serviceNs }: GunicornPart): number {
  return serviceNs > 0 ? (capacity * SECOND) / serviceNs : Number.POSITIVE_INFINITY;
}

/** Offered load over what can be served. */
export function utilisationOf(gunicorn: GunicornPart): number {
  return gunicorn.perSecond / servedPerSecond(gunicorn);
}

/** How long the load lasts: the longest of the busiest phases. */
export function loadLastsNs(deployment: Deployment, gunicorn: GunicornPart): number {
  const phases = loading(deployment, gunicorn);
  return Math.max(...phases.map(({ requests, perSecond }) => (requests / (perSecond as number)) * SECOND));
}

function loading(deployment: Deployment, gunicorn: GunicornPart): PhaseLoad[] {
  return deployment.populations
    .filter((one) => rateOf(one) > 0 && shareOf(gunicorn, one, deployment.nginx) > 0)
    .map(({ busiest }) => busiest as PhaseLoad);
}

export function loadSettings(deployment: Deployment, gunicorn: GunicornPart): FoundSetting[] {
  const rates = loading(deployment, gunicorn).map(({ rate }) => rate);
  return [...rates, gunicorn.setting("workers"), ...gunicorn.appSettings];
}

interface MachineLoad {
  kernel: KernelPart;
  cores: number;
  /** Processors that are in use on average. */
  wanted: number;
}

/** Processor time of requests on machines whose cores are given. */
function machineLoads({ kernels, gunicorns, nginx, populations }: Deployment): MachineLoad[] {
  const machines = [...new Map(kernels.map((one) => [one.machine, one])).values()];
  return machines.flatMap((kernel) => {
    const { machine, cores } = kernel;
    if (cores === undefined) return [];
    const here = (other: KernelPart) => other.machine === machine;
    const parts = [
      ...gunicorns
        .filter((one) => here(one.kernel))
        .map((one) => one.perSecond * (one.cpuNs + one.overheadNs)),
      nginx && here(nginx.kernel) ? nginx.perSecond * nginx.settings.request_cpu : 0,
      ...populations.filter(({ settings }) => settings.cpu > 0).map((one) => rateOf(one) * one.settings.cpu),
    ];
    return [{ kernel, cores, wanted: parts.reduce((sum, part) => sum + part, 0) / SECOND }];
  });
}

const coresSettings = (deployment: Deployment, { kernel }: MachineLoad): FoundSetting[] => [
  kernel.setting("cores"),
  ...deployment.gunicorns
    .filter((one) => one.kernel.machine === kernel.machine)
    .flatMap((one) => one.appSettings),
];

export const capacityRules: Rule[] = [
  {
    id: "near-saturation",
    severity: "warning",
    when: `the workers' utilisation is ${NEAR_SATURATION} or more, where queues of random arrivals are long`,
    source: "A. K. Erlang, 1917; L. Kleinrock, Queueing Systems I, 1975, chapter 3",
    check: (deployment) =>
      deployment.gunicorns
        .filter((one) => utilisationOf(one) >= NEAR_SATURATION && utilisationOf(one) < 1)
        .map((gunicorn) => ({
          text:
            `${rateText(gunicorn.perSecond)} x ${timeText(gunicorn.serviceNs)} / ` +
            `${numberText(gunicorn.capacity)} is a utilisation of ` +
            `${shareText(utilisationOf(gunicorn))}: ` +
            `${rateText(servedPerSecond(gunicorn) - gunicorn.perSecond)} more and the queue grows ` +
            "for ever",
          settings: loadSettings(deployment, gunicorn),
          fix:
            `${numberText(Math.ceil(workersNeeded(gunicorn) / 0.7))} workers would be used to 70 %; ` +
            "recvq run shows what chance does at this load",
        })),
  },
  {
    id: "cpu-overload",
    severity: "error",
    when: "requests want more processor time than the machine's cores have",
    source: "utilisation law: rate x processor time / cores",
    check: (deployment) =>
      machineLoads(deployment)
        .filter(({ wanted, cores }) => wanted >= cores)
        .map((load) => ({
          text:
            `requests take ${numberText(load.wanted)}s of processor time a second, more than there is on ` +
            `${countOf(load.cores, "core")}: ` +
            "whatever waits for a processor waits ever longer",
          settings: coresSettings(deployment, load),
          fix: "more cores or less processor time a request; more workers change nothing",
        })),
  },
  {
    id: "cpu-near",
    severity: "warning",
    when: `requests use ${NEAR_SATURATION} or more of the machine's cores`,
    source: "utilisation law: rate x processor time / cores",
    check: (deployment) =>
      machineLoads(deployment)
        .filter(({ wanted, cores }) => wanted >= NEAR_SATURATION * cores && wanted < cores)
        .map((load) => ({
          text:
            `requests take ${numberText(load.wanted)}s of processor time a second, ` +
            `on ${countOf(load.cores, "core")} ` +
            `(${shareText(load.wanted / load.cores)})`,
          settings: coresSettings(deployment, load),
          fix: "more cores, or less processor time a request",
        })),
  },
  {
    id: "workers-beyond-cores",
    severity: "warning",
    when: "busy workers want more cores than there are",
    source: "sched(7): runnable processes share the cores",
    check: (deployment) =>
      deployment.gunicorns.flatMap((gunicorn) => {
        const { kernel, capacity, cpuNs, overheadNs, serviceNs, settings } = gunicorn;
        const { cores } = kernel;
        const running = Math.min(capacity * ((cpuNs + overheadNs) / serviceNs), settings.workers);
        if (cores === undefined || cpuNs === 0 || running <= cores) return [];
        return [
          {
            text:
              `${numberText(settings.workers)} workers of which each computes ` +
              `${shareText((cpuNs + overheadNs) / serviceNs)} of a request's time ` +
              `want ${numberText(running)} cores, and there are ${cores}: with all of them busy ` +
              `the computing takes ${numberText(running / cores)} times as long`,
            settings: [kernel.setting("cores"), gunicorn.setting("workers"), ...gunicorn.appSettings],
            fix:
              `${numberText(Math.max(1, Math.floor((settings.workers * cores) / running)))} workers ` +
              "compute as much; the others belong into the queue, where they cost no memory",
          },
        ];
      }),
  },
  {
    id: "process-cpu",
    severity: "error",
    when:
      "requests want more processor time than the worker processes have, each of which computes one " +
      "at a time",
    source: "gunicorn/workers/gthread.py, ggevent.py: one interpreter, one event loop a process",
    check: (deployment) =>
      deployment.gunicorns.flatMap((gunicorn) => {
        const { className, settings, perSecond, cpuNs, overheadNs } = gunicorn;
        const wanted = (perSecond * (cpuNs + overheadNs)) / SECOND;
        if (className === "sync" || wanted < settings.workers) return [];
        return [
          {
            text:
              `${rateText(perSecond)} x ${timeText(cpuNs + overheadNs)} of computing take ` +
              `${numberText(wanted)}s of processor time a second, and ${gunicorn.text} ` +
              `${settings.workers === 1 ? "has" : "have"} ${settings.workers}s: each computes one request ` +
              "at a time, however many it holds",
            settings: loadSettings(deployment, gunicorn),
            fix:
              `${numberText(Math.ceil(wanted / NEAR_SATURATION))} workers, as far as there are ` +
              "cores; more threads or connections change nothing",
          },
        ];
      }),
  },
  {
    id: "nginx-cpu",
    severity: "error",
    when: "requests want more processor time than nginx's workers have",
    source: "src/event/ngx_event.c ngx_process_events_and_timers: one event loop a worker",
    check: ({ nginx }) => {
      if (!nginx) return [];
      const { request_cpu, worker_processes } = nginx.settings;
      const wanted = (nginx.perSecond * request_cpu) / SECOND;
      if (wanted < worker_processes) return [];
      return [
        {
          text:
            `${rateText(nginx.perSecond)} x ${timeText(request_cpu)} keep ${numberText(wanted)} ` +
            "nginx workers busy, and there " +
            `${worker_processes === 1 ? "is 1" : `are ${worker_processes}`}: clients wait in ` +
            `${nginx.listener.text}`,
          settings: [nginx.setting("worker_processes"), nginx.setting("request_cpu")],
          fix: `set worker_processes to ${Math.ceil(wanted / NEAR_SATURATION)} (auto is one a core)`,
        },
      ];
    },
  },
];

/** So many are busy on average. */
export function workersNeeded({ perSecond, serviceNs, capacity, settings }: GunicornPart): number {
  return (perSecond * serviceNs * settings.workers) / (SECOND * capacity);
}
