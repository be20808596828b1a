import { posix } from "node:path";
import ts from "typescript";
import { complaint, type Import, importsOf, type Source } from "./source.js";

const everything = ["src", "models"];
const kit = ["src/engine", "src/metrics", "src/component"];
const resultAndUnits = [
  "src/run/result.ts",
  "src/component/outcome.ts",
  "src/component/units.ts",
  "src/engine/time.ts",
  "src/version.ts",
];

/** What each room of the house may import of ours, besides itself. The most particular line counts. */
const mayImport: Record<string, string[]> = {
  "src/engine": [],
  "src/metrics": ["src/engine"],
  "src/component": ["src/engine", "src/metrics"],
  models: kit,
  "src/stats": [],
  "src/theory": [...kit, "src/stats"],
  "src/scenario": kit,
  "src/run": [...kit, "src/scenario", "src/stats", "src/theory", "src/version.ts"],
  "src/rare": [...kit, "src/scenario", "src/stats", "src/run"],
  "src/import": [...kit, "src/scenario", "src/version.ts"],
  "src/report": resultAndUnits,
  "src/check": [...kit, ...resultAndUnits, "src/scenario", "src/stats", "src/run"],
  "src/verify": [
    ...kit,
    "src/scenario",
    "src/stats",
    "src/run",
    "src/import",
    "src/report",
    "src/version.ts",
  ],
  "src/node": ["src"],
  "src/playground": everything,
  "src/cli": everything,
  "src/library": everything,
  "src/index.ts": everything,
  "src/version.ts": [],
};

/** Rooms that may name what others hand them, without calling it. */
const mayImportTypes: Record<string, string[]> = {
  "src/report": ["src/run", "src/component", "src/check"],
};

/** Doors at the top: nothing below opens them. */
const onlyFromOutside = ["src/cli", "src/playground", "src/library", "src/index.ts"];

/** Imports run one way. Types count as well, unless said otherwise: who names a thing depends on it. */
export function checkLayers(source: Source): string[] {
  const room = roomOf(source.path);
  if (room === undefined)
    return [complaint(source, 1, "is in no room that test/support/tidy/layers.ts knows")];
  const allowed = mayImport[room] as string[];

  return importsOf(source).flatMap(({ specifier, line, node }) => {
    if (!specifier.startsWith(".")) return [];
    const target = posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, ".ts");
    if (isWithin(target, room)) return [];
    const places = isTypeOnly(node) ? [...allowed, ...(mayImportTypes[room] ?? [])] : allowed;
    const isAllowed = places.some((place) => isWithin(target, place));
    const isDoor = room !== "src/index.ts" && onlyFromOutside.some((place) => isWithin(target, place));
    return isAllowed && !isDoor ? [] : [complaint(source, line, `${room} may not import ${target}`)];
  });
}

function isTypeOnly(node: Import["node"]): boolean {
  return ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function roomOf(path: string): string | undefined {
  const rooms = Object.keys(mayImport).filter((room) => isWithin(path, room));
  return rooms.sort((a, b) => b.length - a.length)[0];
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
