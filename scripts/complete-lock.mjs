// `npm run lock`, after a change of dependencies: writes package-lock.json anew and adds the platforms'
// binaries that npm left out because the registry in use did not offer them. Without them `npm ci` takes the
// lock file for an old one, and other platforms could not install from it. Only their hashes are missing: npm
// asks for them by version.

import { readFile, writeFile } from "node:fs/promises";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(file, "utf8"));

const added = {};
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    const { dev } = entry;
    added[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), optional: true };
  }
}

const packages = Object.entries({ ...lock.packages, ...added });
packages.sort(([a], [b]) => (a === b ? 0 : a.localeCompare(b, "en")));
await writeFile(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
for (const path of Object.keys(added)) console.log(`added ${path}`);

/** Node looks for a package beside its dependent and then further and further up. */
function isLocked(path, name) {
  for (let place = path; ; place = place.slice(0, Math.max(0, place.lastIndexOf("node_modules/") - 1))) {
    if (lock.packages[place === "" ? `node_modules/${name}` : `${place}/node_modules/${name}`]) return true;
    if (place === "") return false;
  }
}

/** The names of such packages end in what package.json says with os, cpu and libc: `…-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const systems = [
    "aix",
    "android",
    "darwin",
    "freebsd",
    "linux",
    "netbsd",
    "openbsd",
    "openharmony",
    "sunos",
    "wasm32",
    "win32",
  ];
  const os = words.find((word) => systems.includes(word));
  if (os === undefined) throw new Error(`${name}: expected the name of a platform's binary`);
  if (os === "wasm32") return { cpu: ["wasm32"] };
  const [cpu, abi] = words.slice(words.indexOf(os) + 1);
  const libc = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" }[abi];
  return { os: [os], cpu: [cpu], ...(os === "linux" && libc && { libc: [libc] }) };
}
