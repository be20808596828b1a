import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const skipped = new Set([".git", "node_modules", "dist", "coverage"]);

/** Every file of the repository below a directory, as paths from the top with `/`. */
export function filesBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = directory === "." ? entry.name : `${directory}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export function manifest(): Manifest {
  return JSON.parse(read("package.json"));
}

/**
 * The lock file names versions and hashes; an address would tie it to one registry. And it names the binaries
 * of every platform, even of those that the registry in use does not offer: `npm ci` insists on them.
 */
export function checkLock(text: string): string[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };
  const locked = Object.keys(packages);
  const complaints = text.includes('"resolved"') ? ["package-lock.json: has the addresses of downloads"] : [];
  for (const name of Object.values(packages).flatMap((entry) =>
    Object.keys(entry.optionalDependencies ?? {}),
  )) {
    if (locked.some((path) => path.endsWith(`node_modules/${name}`))) continue;
    complaints.push(`package-lock.json: lacks ${name}; "npm run lock" adds it`);
  }
  return complaints;
}

interface Locked {
  optionalDependencies?: Record<string, string>;
}

/** Each dependency is named with its reason. Types come with the package that they describe. */
export function checkReasons({ dependencies, devDependencies }: Manifest, contributing: string): string[] {
  const words = new Set(contributing.match(/[@\w][\w./-]*/g));
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !name.startsWith("@types/") && !words.has(name))
    .map((name) => `CONTRIBUTING.md: does not say why ${name} is there`);
}

const places = [
  /(?<![\w.])\/(?:home|root|Users|work|workspace)\/[\w.]/,
  /\bregistry\.[\w-]+\.(?:org|com|net|io|dev)\b/,
  /\bdeb\.debian\.org\b/,
];

/** What holds on one machine only does not belong in a repository. */
export function checkPlaces(path: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const found = places.map((place) => place.exec(line)?.[0]).find((place) => place !== undefined);
    return found === undefined ? [] : [`${path}:${index + 1} names a machine's own place: ${found}`];
  });
}
