// What functions close over, and which WeakMaps there are, as V8 tells a debugger: the language itself has no
// means to see either.

import { Session } from "node:inspector";

export interface Closure {
  /** Where the function's text begins: equal for two functions that were made of the same text. */
  place: string;
  /** Its file, as a path or URL; empty for one of V8's own. */
  file: string;
  /** From the inside out: what it or a neighbour of it uses of the functions around it, and of its module. */
  scopes: Scope[];
}

export interface Scope {
  /** The function whose variables these are; empty for those of a module. */
  name: string;
  /** A copy: two functions that share variables are told of them each. */
  variables: Record<string, unknown>;
}

interface Remote {
  objectId?: string;
  value?: { scriptId: string; lineNumber: number; columnNumber: number };
}

interface Answer {
  result?: Remote;
  objects?: Remote;
  internalProperties?: { name: string; value?: Remote }[];
}

/** Where both sides of the debugger find what one of them hands over. */
const HANDED = "__handedToDebugger";
const shelf = globalThis as unknown as Record<string, unknown>;

/** A debugger of its own thread. */
export class Debugger {
  private readonly session = new Session();
  private readonly files = new Map<string, string>();
  private weak: WeakMap<object, unknown>[] | undefined;

  constructor() {
    this.session.connect();
    this.session.on("Debugger.scriptParsed", ({ params }) => {
      this.files.set(params.scriptId, params.url);
    });
  }

  /** All that there were when they were first asked for: V8 looks through all of its memory, and slowly. */
  weakMaps(): readonly WeakMap<object, unknown>[] {
    if (this.weak) return this.weak;
    const { objectId } = this.remote(WeakMap.prototype);
    const { objects } = this.post("Runtime.queryObjects", { prototypeObjectId: objectId });
    this.weak = Array.from(this.taken(objects) as WeakMap<object, unknown>[]);
    return this.weak;
  }

  closure(about: unknown): Closure {
    const { objectId } = this.remote(about);
    const { internalProperties = [] } = this.post("Runtime.getProperties", { objectId, ownProperties: true });
    const of = (name: string) => internalProperties.find((property) => property.name === name)?.value;
    const location = of("[[FunctionLocation]]")?.value;
    const found = this.taken(of("[[Scopes]]")) as { description?: string; object: Scope["variables"] }[];
    this.post("Runtime.releaseObjectGroup", { objectGroup: HANDED });
    return {
      place: location ? `${location.scriptId}:${location.lineNumber}:${location.columnNumber}` : "",
      file: location ? this.fileOf(location.scriptId) : "",
      scopes: Array.from(found)
        .filter(({ description = "" }) => !description.startsWith("Global"))
        .map(({ description = "", object }) => ({
          name: /\((.*)\)/.exec(description)?.[1] ?? "",
          variables: object,
        })),
    };
  }

  private fileOf(script: string): string {
    if (!this.files.has(script)) {
      // It tells of all scripts that there are at once.
      this.post("Debugger.enable");
      this.post("Debugger.disable");
    }
    return this.files.get(script) ?? "";
  }

  /** What the debugger calls this value. */
  private remote(value: unknown): Remote {
    shelf[HANDED] = value;
    const expression = `globalThis.${HANDED}`;
    return this.post("Runtime.evaluate", { expression, objectGroup: HANDED }).result as Remote;
  }

  /** The list itself that the debugger has a name for. */
  private taken(list: Remote | undefined): unknown {
    if (!list) return [];
    const functionDeclaration = `function () { globalThis.${HANDED} = this; }`;
    this.post("Runtime.callFunctionOn", { objectId: list.objectId, functionDeclaration });
    return shelf[HANDED];
  }

  /** A session with its own thread answers before the call returns. */
  private post(method: string, params?: object): Answer {
    let answered: Answer = {};
    this.session.post(method, params, (error, answer) => {
      if (error) throw error;
      answered = answer as Answer;
    });
    return answered;
  }
}
