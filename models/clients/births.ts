// What a request asks for, and where it comes from.
//
// Modelled: route, service time and processor time; the address of its client and its URI. All of it is drawn
// at its birth, each from a stream of its own, one draw a request, so that changing another setting leaves
// all draws as they were.
// Not modelled: cookies.

import { parseAddress } from "../../src/component/address.js";
import { UNIX_CLIENT } from "../../src/component/requests.js";
import type { World } from "../../src/component/world.js";
import { laidOut } from "../../src/engine/time.js";
import { app } from "../app.js";
import { requestContent } from "./request-content.js";
import type { Settings } from "./settings.js";

export interface Births {
  /**
   * A request is born that is sent at `sentNs`; negative times are drawn. `member` is the number of the
   * client in a closed loop; negative for one that is not known from before.
   */
  born(sentNs: number, serviceNs: number, cpuNs: number, member: number): number;
  /** Time of an average request in its worker, in nanoseconds. */
  readonly meanNs: number;
}

export function births(world: World, declared: Settings, given: { path: string; target: string }): Births {
  const { requests } = world;
  const { path, target } = given;
  const application = world.get(app);
  const demands = application.demands(path, [path, "routes"], declared.routes);
  if (demands.computes) world.recorder.computes = true;
  const isUnix = parseAddress(target).family === "unix";
  const { addresses, uris } = declared;
  const firstClient = isUnix ? UNIX_CLIENT : requests.newClients(addresses);
  const hasAddresses = !isUnix && addresses > 1;
  // None of these is undefined, which V8 would look up each time.
  const drawAddress = hasAddresses && !declared.closed && world.random(`${path}.address`);
  const routes = application.paths.length;
  const bring = requestContent(world, declared) ?? false;
  const drawUri = uris > 1 && world.random(`${path}.uri`);
  const isVaried = routes > 1 || uris > 1;

  function born(sentNs: number, serviceNs: number, cpuNs: number, member: number): number {
    const route = isVaried ? demands.route() : 0;
    const sleepNs = serviceNs < 0 ? demands.sleepNs(route) : demands.slowed(serviceNs);
    let computeNs = 0;
    if (cpuNs >= 0) computeNs = demands.slowed(cpuNs);
    else if (demands.computes) computeNs = demands.cpuNs(route);
    const request = requests.born(sentNs, sleepNs, computeNs);
    if (bring) bring(request);
    requests.client[request] = firstClient + (hasAddresses ? addressOf(member) : 0);
    if (isVaried) {
      requests.route[request] = route;
      requests.uri[request] = route + (drawUri ? routes * Math.floor(drawUri() * uris) : 0);
    }
    return request;
  }

  function addressOf(member: number): number {
    return drawAddress ? Math.floor(drawAddress() * addresses) : member % addresses;
  }

  return laidOut({ born, meanNs: demands.meanNs });
}
