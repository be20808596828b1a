// Where the values of a JSON text stand, which JSON.parse does not tell.

/** From 1, as editors count. */
export interface Position {
  line: number;
  column: number;
}

type Path = readonly PropertyKey[];

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** An open object or array, and the key or index that comes next in it. */
interface Level {
  isObject: boolean;
  step: string | number;
}

/**
 * The position of a value, or of its nearest parent that is there. `text` has been parsed: it is JSON. Of a
 * key that stands twice the last one counts, as for JSON.parse.
 */
export function jsonPlaces(text: string): (path: Path) => Position {
  const offsets = new Map<string, number>();
  const levels: Level[] = [];
  let isKey = false;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "}" || token === "]") levels.pop();
    if (token === ":" || token === "}" || token === "]") {
      isKey = false;
    } else if (token === ",") {
      isKey = level?.isObject === true;
      if (level && typeof level.step === "number") level.step++;
    } else if (isKey) (level as Level).step = JSON.parse(token);
    else {
      offsets.set(keyOf(levels.map(({ step }) => step)), index);
      isKey = token === "{";
      if (token === "{" || token === "[") levels.push({ isObject: isKey, step: isKey ? "" : 0 });
    }
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const offset = offsets.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return positionOf(text, offset);
    }
    return positionOf(text, offsets.get(keyOf([])) ?? 0);
  };
}

function keyOf(path: Path): string {
  return JSON.stringify(path.map(String));
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
