// From validated settings to the parts that rules look at, and who sends how much to whom.
//
// Modelled: callers find listeners by address, and of several at one address the one in their own namespace;
// a group's requests are spread by weight; each population sends at the rate of the phase in which it sends
// most. Not modelled: closed loops have no rate; events change nothing.

import { type Address, parseAddress, reaches } from "../../src/component/address.js";
import type { World } from "../../src/component/world.js";
import type { AppSettings } from "../app.js";
import type { Settings as ClientSettings } from "../clients/settings.js";
import type { GunicornSettings } from "../gunicorn/settings.js";
import type { NginxSettings } from "../nginx/settings.js";
import { gunicornPart, measure } from "./gunicorn-part.js";
import { type KernelSettings, kernelPart } from "./kernel-part.js";
import { nginxPart } from "./nginx-part.js";
import type { GunicornPart, KernelPart, NginxPart, Population } from "./parts.js";
import { populationPart, rateOf } from "./population-part.js";
import { shareOf } from "./shares.js";

/** The sections of validated settings. */
interface Sections {
  kernel: KernelSettings[];
  app: AppSettings;
  gunicorn: GunicornSettings[];
  nginx?: NginxSettings;
  clients: ClientSettings[];
  events: { at: number; do: string; [given: string]: unknown }[];
}

export interface Deployment {
  kernels: KernelPart[];
  gunicorns: GunicornPart[];
  nginx: NginxPart | undefined;
  populations: Population[];
  /** Responses announce their length. */
  announcesLength: boolean;
  events: Sections["events"];
  /** What the network says of addresses that nobody listens on. */
  unreached: readonly string[];
}

/** What is known besides the settings. */
export interface Known {
  /** Reads the files that settings name. */
  table: World["table"];
  unreached: readonly string[];
}

/** Throws a SettingError for files that hold no such values. */
export function deploymentOf(settings: Record<string, unknown>, { table, unreached }: Known): Deployment {
  const all = settings as unknown as Sections;
  const kernels = all.kernel.map(kernelPart);
  const gunicorns = all.gunicorn.map((one) => gunicornPart(one, kernels));
  const populations = all.clients.map((one) => populationPart(one, table));
  const nginx = all.nginx && nginxPart(all.nginx, kernels);
  for (const population of populations) population.target = targetOf(population, nginx, gunicorns);
  if (nginx) {
    for (const peer of nginx.peers) peer.gunicorn = listeningAt(peer.address, nginx.kernel, gunicorns);
    const sending = populations.filter(({ target }) => target === nginx);
    nginx.perSecond = sending.reduce((sum, one) => sum + rateOf(one), 0);
  }
  for (const gunicorn of gunicorns) {
    const asked = populations.map((population) => ({
      population,
      share: shareOf(gunicorn, population, nginx),
    }));
    measure(gunicorn, asked, { app: all.app, table });
  }
  const announcesLength = all.app.content_length;
  return { kernels, gunicorns, nginx, populations, announcesLength, events: all.events, unreached };
}

function targetOf(
  { settings: { target } }: Population,
  nginx: NginxPart | undefined,
  gunicorns: readonly GunicornPart[],
): NginxPart | GunicornPart | undefined {
  if (target === undefined) return nginx ?? gunicorns[0];
  const address = parseAddress(target);
  if (nginx && reaches(address, nginx.listener.address)) return nginx;
  return listeningAt(address, undefined, gunicorns);
}

function listeningAt(
  target: Address,
  home: KernelPart | undefined,
  gunicorns: readonly GunicornPart[],
): GunicornPart | undefined {
  const found = gunicorns.filter(({ listeners }) =>
    listeners.some(({ address }) => reaches(target, address)),
  );
  return found.find(({ kernel }) => kernel === home) ?? found[0];
}
