// Whether two graphs of objects hold the same state: fields, elements, entries, what closures close over, and
// what WeakMaps keep of any of them. Both are walked in step, each pair of objects once. What both share, such
// as modules, is not looked into.
//
// The one that has been used may have grown: behind the elements of the other there is nothing but one blank
// then. And it may have what is made when it is first needed, where the other has nothing yet.

import { Debugger, type Scope } from "./closures.js";
import { isBlank, isMadeWhenNeeded, isObject, kindOf, NOT_STATE, shown } from "./values.js";

export interface Difference {
  /** How to get there: `a.b[2]`, `f{g}.x` for the variable x of the function g that f closes over. */
  path: string;
  /** The file of the last function on that path. */
  file: string;
  what: string;
}

/** A difference that does not matter. */
export interface Exemption {
  path: RegExp;
  /** Only in such an object. */
  within?: (owner: object) => boolean;
  reason: string;
}

export interface Comparison {
  differences: Difference[];
  /** What is made when it is first needed, and only the used one has. */
  made: Difference[];
  /** Files of the functions that were looked into. */
  files: Set<string>;
}

/** What is found in a graph that has been used, compared with one that is as it should be. */
export function compareState(
  expected: object,
  found: object,
  exemptions: readonly Exemption[] = [],
): Comparison {
  const walk = new Walk(exemptions);
  walk.go(expected, found);
  return walk;
}

interface Pair {
  expected: unknown;
  found: unknown;
  path: string;
  file: string;
  /** What it is found in: the object, or the function that closes over it. */
  owner: object;
}

interface Objects extends Pair {
  expected: object;
  found: object;
}

const asked = new Debugger();

type Numbers = Float64Array;
type Weak = WeakMap<object, unknown>;

class Walk implements Comparison {
  readonly differences: Difference[] = [];
  readonly made: Difference[] = [];
  readonly files = new Set<string>();
  private readonly exemptions: readonly Exemption[];
  private readonly queue: Pair[] = [];
  /** All pairs of objects so far, and whom each object was met with, from either side. */
  private readonly pairs: Objects[] = [];
  private readonly foundFor = new Map<object, object>();
  private readonly expectedFor = new Map<object, object>();
  private readonly weakMaps: { expected: Weak; found: Weak; seen: number }[];
  private readonly ids = new Map<unknown, number>();
  private readonly scopesSeen = new Set<string>();

  constructor(exemptions: readonly Exemption[]) {
    this.exemptions = exemptions;
    this.weakMaps = asked.weakMaps().map((shared) => ({ expected: shared, found: shared, seen: 0 }));
  }

  go(expected: object, found: object): void {
    this.queue.push({ expected, found, path: "", file: "", owner: found });
    for (let next = 0; next < this.queue.length; next++) {
      this.visit(this.queue[next] as Pair);
      if (next === this.queue.length - 1) this.lookUp();
    }
  }

  private add({ path, file, found: owner }: Objects, expected: unknown, found: unknown, step: string): void {
    if (!Object.is(expected, found)) this.queue.push({ expected, found, path: path + step, file, owner });
  }

  private visit(pair: Pair): void {
    const { expected, found } = pair;
    if (!isObject(expected) || !isObject(found)) {
      this.report(pair, `${shown(expected)} expected, ${shown(found)} found`);
      return;
    }
    const partner = this.foundFor.get(expected);
    if (partner === found) return;
    if (partner !== undefined || this.expectedFor.has(found)) {
      this.report(pair, `another ${shown(found)} than elsewhere in its place`);
      return;
    }
    const both = { ...pair, expected, found };
    this.foundFor.set(expected, found);
    this.expectedFor.set(found, expected);
    this.pairs.push(both);
    if (kindOf(expected) !== kindOf(found)) {
      this.report(pair, `${shown(expected)} expected, ${shown(found)} found`);
    } else this.objects(both);
  }

  private objects(pair: Objects): void {
    const { expected, found } = pair;
    if (ArrayBuffer.isView(expected)) this.numbers(pair, expected as Numbers, found as Numbers);
    else if (Array.isArray(expected)) this.elements(pair, expected, found as unknown[]);
    else if (typeof expected !== "function" || this.isSameText(pair)) {
      if (expected instanceof Map) this.entries(pair, expected, found as typeof expected);
      if (expected instanceof Set) this.elements(pair, [...expected], [...(found as typeof expected)]);
      if (expected instanceof WeakMap) this.weakMaps.push({ expected, found: found as Weak, seen: 0 });
      this.properties(pair);
    }
  }

  private properties(pair: Objects): void {
    const { expected, found } = pair;
    this.add(pair, Object.getPrototypeOf(expected), Object.getPrototypeOf(found), "(prototype)");
    for (const key of new Set([...Reflect.ownKeys(expected), ...Reflect.ownKeys(found)])) {
      if (typeof expected === "function" && NOT_STATE.has(key)) continue;
      const [left, right] = [expected, found].map((one) => Object.getOwnPropertyDescriptor(one, key) ?? {});
      const step = pair.path === "" ? String(key) : `.${String(key)}`;
      this.add(pair, left?.value, right?.value, step);
      this.add(pair, left?.get, right?.get, `${step}(get)`);
      this.add(pair, left?.set, right?.set, `${step}(set)`);
    }
  }

  /** Functions of the same text differ by what they close over only. */
  private isSameText(pair: Objects): boolean {
    const left = asked.closure(pair.expected);
    const right = asked.closure(pair.found);
    if (left.place !== right.place || left.scopes.length !== right.scopes.length) {
      this.report(pair, `${shown(pair.expected)} expected, ${shown(pair.found)} found`);
      return false;
    }
    this.files.add(left.file);
    left.scopes.forEach((scope, index) => {
      this.variables({ ...pair, file: left.file }, scope, right.scopes[index] as Scope);
    });
    return true;
  }

  private variables(pair: Objects, { name, variables }: Scope, other: Scope): void {
    // Of many functions that share them once is enough: another time they are the same values.
    const key = [pair.file, name, this.signature(variables), this.signature(other.variables)].join();
    if (this.scopesSeen.has(key)) return;
    this.scopesSeen.add(key);
    for (const variable of Object.keys(variables)) {
      this.add(pair, variables[variable], other.variables[variable], `{${name}}.${variable}`);
    }
  }

  private signature(variables: Record<string, unknown>): string {
    return Object.entries(variables)
      .map(([name, value]) => {
        const id = this.ids.get(value) ?? this.ids.size;
        this.ids.set(value, id);
        return `${name}:${Object.is(value, -0) ? "-0" : id}`;
      })
      .join();
  }

  /** Of numbers the first that differs says enough. */
  private numbers(pair: Objects, expected: Numbers, found: Numbers): void {
    const first = expected.findIndex((one, index) => !Object.is(one, found[index]));
    if (first >= 0 && first < found.length) this.add(pair, expected[first], found[first], `[${first}]`);
    this.lengths(pair, expected, found);
  }

  private elements(pair: Objects, expected: unknown[], found: unknown[]): void {
    expected.slice(0, found.length).forEach((one, index) => {
      this.add(pair, one, found[index], `[${index}]`);
    });
    this.lengths(pair, expected, found);
  }

  private lengths(pair: Objects, expected: ArrayLike<unknown>, found: ArrayLike<unknown>): void {
    if (found.length === expected.length) return;
    const isUnused = Array.from(expected).every((one) => Object.is(one, expected[0]));
    const more = Array.from(found).slice(expected.length);
    const blank = isUnused && expected.length > 0 ? expected[0] : more[0];
    if (more.length > 0 && isBlank(blank) && more.every((one) => Object.is(one, blank))) return;
    const those = more.length > 0 ? `: ${more.slice(0, 3).map(shown).join(", ")} ...` : "";
    this.report(pair, `${expected.length} elements expected, ${found.length} found${those}`);
  }

  private entries(pair: Objects, expected: Map<unknown, unknown>, found: Map<unknown, unknown>): void {
    const others = [...found];
    [...expected].slice(0, others.length).forEach(([key, value], index) => {
      const [otherKey, otherValue] = others[index] as [unknown, unknown];
      const step = `[${isObject(key) ? `#${index}` : shown(key)}]`;
      this.add(pair, key, otherKey, `${step}(key)`);
      this.add(pair, value, otherValue, step);
    });
    if (expected.size === found.size) return;
    const more = others.slice(expected.size, expected.size + 3).map(([key]) => shown(key));
    this.report(pair, `${expected.size} entries expected, ${found.size} found: ${more.join(", ")} ...`);
  }

  /** What WeakMaps keep of the pairs that there are by now. */
  private lookUp(): void {
    for (const weak of this.weakMaps) {
      for (; weak.seen < this.pairs.length; weak.seen++) {
        const pair = this.pairs[weak.seen] as Objects;
        this.add(pair, weak.expected.get(pair.expected), weak.found.get(pair.found), "(in a WeakMap)");
      }
    }
  }

  private report({ path, file, expected, found, owner }: Pair, what: string): void {
    const isExempt = ({ path: pattern, within = () => true }: Exemption) =>
      pattern.test(path) && within(owner);
    if (this.exemptions.some(isExempt)) return;
    const isMade = expected === undefined && isMadeWhenNeeded(found);
    (isMade ? this.made : this.differences).push({ path, file, what });
  }
}
