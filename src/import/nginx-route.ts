// The way of a request through a configuration: which server, which location, which group of servers.
//
// Not modelled: matching of server names and locations. Without a choice by address the first server that
// passes requests on is taken; in it `location /`, or the named location that its try_files ends in, or else
// the first location that passes requests on.

import { type Address, parseAddress, reaches } from "../component/address.js";
import type { Directive } from "./nginx-conf.js";
import { ImportError, type Source, unexpected } from "./note.js";

export interface RequestRoute {
  /** From http down to the location that has the proxy_pass: inner blocks inherit from outer ones. */
  levels: Directive[];
  server: Directive;
  location: Directive;
  /** The `listen` that is taken; nginx listens on port 80 without one. */
  listen: Directive | undefined;
  pass: Directive;
  /** The upstream block, unless proxy_pass names an address. */
  group: Directive | undefined;
  /** Where the application listens. */
  servers: Address[];
}

const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const PASS = /^(https?):\/\/(?:(unix:[^:]+)(?::.*)?|([^/?#]+)([/?#].*)?)$/i;

/** `target` is the address that clients connect to, if it is known: it chooses the server. */
export function requestRoute(source: Source, main: Directive[], target: string | undefined): RequestRoute {
  const http = children(main, "http")[0];
  const routes = children(http?.block, "server").flatMap((server) => passingLocations(server));
  const route = routes.find(({ server }) => target !== undefined && listenFor(server, target)) ?? routes[0];
  if (!http || !route) {
    throw unexpected(
      { file: source.file, line: 1 },
      "",
      "a location with proxy_pass in a server of http",
      "none",
    );
  }
  const { server } = route;
  const own = routes.filter((other) => other.server === server);
  const names = ["/", fallbackOf(server)];
  const { locations } =
    own.find(({ locations }) => names.includes(locations.at(-1)?.args.join(" "))) ?? route;
  const location = locations.at(-1) as Directive;
  const pass = children(location.block, "proxy_pass")[0] as Directive;
  const { group, servers } = application(pass, children(http.block, "upstream"));
  const listen = (target && listenFor(server, target)) || children(server.block, "listen")[0];
  return { levels: [http, server, ...locations], server, location, listen, pass, group, servers };
}

/** The directives of a name in a block. */
function children(block: Directive[] | undefined, name: string): Directive[] {
  return (block ?? []).filter((directive) => directive.name === name);
}

/** Every location of a server with a proxy_pass, with the locations around it. */
function passingLocations(server: Directive): { server: Directive; locations: Directive[] }[] {
  const found: Directive[][] = [];
  descend(server, []);
  return found.map((locations) => ({ server, locations }));

  function descend(block: Directive, around: Directive[]): void {
    for (const location of children(block.block, "location")) {
      const locations = [...around, location];
      if (children(location.block, "proxy_pass").length > 0) found.push(locations);
      descend(location, locations);
    }
  }
}

/** `@app` if `location /` has `try_files $uri @app`. */
function fallbackOf(server: Directive): string | undefined {
  const root = children(server.block, "location").find(({ args }) => args.join(" ") === "/");
  return children(root?.block, "try_files")[0]?.args.at(-1);
}

function listenFor(server: Directive, target: string): Directive | undefined {
  return children(server.block, "listen").find(({ args: [address] }) => {
    return address !== undefined && reaches(parseAddress(target), parseAddress(address));
  });
}

/** Reads `http://app`, `http://127.0.0.1:8000/path` and `http://unix:/run/app.sock:/path`. */
function application(pass: Directive, upstreams: Directive[]): Pick<RequestRoute, "group" | "servers"> {
  const url = pass.args.join(" ");
  const match = PASS.exec(url);
  if (!match || url.includes("$")) {
    const expected =
      'the name of an upstream or an address such as "http://unix:/run/app.sock" without variables';
    throw unexpected(pass, "proxy_pass", expected, `"${url}"`);
  }
  const [, scheme, socket, host] = match;
  if (socket) return { group: undefined, servers: [parseAddress(socket)] };
  const [name, port] = splitPort(host as string);
  const group = upstreams.find(({ args }) => args[0]?.toLowerCase() === name.toLowerCase());
  if (!group) {
    const defaultPort = scheme?.toLowerCase() === "https" ? HTTPS_PORT : HTTP_PORT;
    return { group: undefined, servers: [parseAddress(`${name}:${port ?? defaultPort}`)] };
  }
  if (port) throw new ImportError(pass, "proxy_pass", `upstream "${name}" may not have port ${port}`);
  const servers = children(group.block, "server").map(serverAddress);
  if (servers.length === 0) throw unexpected(group, `upstream ${name}`, "a server", "none");
  return { group, servers };
}

function serverAddress(server: Directive): Address {
  const [text] = server.args;
  if (text === undefined) throw unexpected(server, "server", "an address", "none");
  return parseAddress(text);
}

function splitPort(host: string): [name: string, port: string | undefined] {
  const match = /^(.*?)(?::(\d+))?$/.exec(host) as RegExpExecArray;
  return [match[1] as string, match[2]];
}
