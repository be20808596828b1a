// What may stand at a place of a scenario, asked of the JSON Schema that follows from the declared settings.

import { STEPS, type Steps } from "../component/declaration.js";

/** The part of JSON Schema (draft 7) that `toJsonSchema` writes. */
export interface JsonSchema {
  $ref?: string;
  allOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema | JsonSchema[];
  default?: unknown;
  definitions?: Record<string, JsonSchema>;
  [annotation: string]: unknown;
}

/** A place of a scenario: alternatives are seen together. */
export interface Shape {
  /** Keys that a mapping may have here. */
  keys: string[];
  /** A mapping may have any key here. */
  open: boolean;
  /** A mapping has exactly one key here, which names its kind. */
  exclusive: boolean;
  /** How an operator turns what stands here; undefined if that is not declared. */
  steps: Steps | undefined;
  at(key: string): Shape | undefined;
  /** What a list has here; undefined where no list may stand. */
  element(): Shape | undefined;
  /** The value, which must be valid here, with all defaults filled in. */
  complete(value: unknown): unknown;
}

/** The shape of everything that `schema` accepts. */
export function shapeOf(schema: JsonSchema): Shape {
  return shape(schema, [schema]);
}

function shape(root: JsonSchema, schemas: readonly JsonSchema[]): Shape {
  const branches = schemas.flatMap((schema) => branchesOf(root, schema));
  const mappings = branches.filter((branch) => allowsType(branch, "object") && branch.type !== undefined);
  const others = mappings.map(({ additionalProperties }) => additionalProperties ?? true);
  const below = (found: readonly JsonSchema[]) => (found.length > 0 ? shape(root, found) : undefined);
  return {
    keys: [...new Set(mappings.flatMap(({ properties }) => Object.keys(properties ?? {})))],
    open: others.some((other) => other !== false),
    exclusive: mappings.length > 0 && mappings.every(namesItsKind),
    steps: schemas.map((schema) => stepsIn(root, schema)).find((steps) => steps !== undefined),
    at(key) {
      const declared = mappings.map(({ properties }) => own(properties, key)).filter(isSchema);
      return below(declared.length > 0 ? declared : others.filter(isSchema));
    },
    element() {
      const lists = branches.filter(({ type }) => type === "array");
      return below(lists.flatMap(({ items = [] }): JsonSchema[] => (Array.isArray(items) ? items : [items])));
    },
    complete: (value) => complete(root, { anyOf: [...schemas] }, value),
  };
}

/** What is declared stands above the alternatives that it has. */
function stepsIn(root: JsonSchema, schema: JsonSchema): Steps | undefined {
  if (schema[STEPS] !== undefined) return schema[STEPS] as Steps;
  const inner = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return inner.map((branch) => stepsIn(root, branch)).find((steps) => steps !== undefined);
}

function isSchema(candidate: JsonSchema | boolean | undefined): candidate is JsonSchema {
  return typeof candidate === "object";
}

function namesItsKind({ properties = {}, required = [], additionalProperties }: JsonSchema): boolean {
  return Object.keys(properties).length === 1 && required.length === 1 && additionalProperties === false;
}

/** The plain schemas behind references and alternatives. */
function branchesOf(root: JsonSchema, schema: JsonSchema): JsonSchema[] {
  const inner = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (schema.$ref !== undefined) inner.push(referred(root, schema.$ref));
  return inner.length > 0 ? inner.flatMap((branch) => branchesOf(root, branch)) : [schema];
}

function referred(root: JsonSchema, ref: string): JsonSchema {
  const name = ref.replace(/^#\/definitions\//, "");
  return own(root.definitions, name) ?? root;
}

function complete(root: JsonSchema, schema: JsonSchema, value: unknown): unknown {
  const branch = branchesOf(root, schema).find((candidate) => accepts(root, candidate, value));
  if (branch === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const { items } = branch;
    return value.map((item, index) => {
      const inner = Array.isArray(items) ? items[index] : items;
      return inner ? complete(root, inner, item) : item;
    });
  }
  const written = value as Record<string, unknown>;
  const completed: [string, unknown][] = [];
  for (const [key, property] of Object.entries(branch.properties ?? {})) {
    const inner = own(written, key) ?? structuredClone(property.default);
    if (inner !== undefined) completed.push([key, complete(root, property, inner)]);
  }
  const other = branch.additionalProperties;
  for (const [key, inner] of Object.entries(written)) {
    if (own(branch.properties, key) !== undefined) continue;
    completed.push([key, typeof other === "object" ? complete(root, other, inner) : inner]);
  }
  return Object.fromEntries(completed);
}

/** Whether a valid value is meant for this alternative; limits of texts and numbers need no second look. */
function accepts(root: JsonSchema, schema: JsonSchema, value: unknown): boolean {
  if (schema.$ref !== undefined && !accepts(root, referred(root, schema.$ref), value)) return false;
  if (schema.allOf && !schema.allOf.every((inner) => accepts(root, inner, value))) return false;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives && !alternatives.some((inner) => accepts(root, inner, value))) return false;
  if ("const" in schema && schema.const !== value) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (!allowsType(schema, typeOf(value))) return false;
  if (Array.isArray(value)) {
    const { items } = schema;
    return value.every((item, index) => {
      const inner = Array.isArray(items) ? items[index] : items;
      return inner === undefined || accepts(root, inner, item);
    });
  }
  if (typeof value !== "object" || value === null) return true;
  if (!(schema.required ?? []).every((key) => Object.hasOwn(value, key))) return false;
  return Object.entries(value).every(([key, inner]) => {
    const property = own(schema.properties, key) ?? schema.additionalProperties ?? true;
    return typeof property === "boolean" ? property : accepts(root, property, inner);
  });
}

function allowsType({ type }: JsonSchema, wanted: string): boolean {
  if (type === undefined) return true;
  const allowed = Array.isArray(type) ? type : [type];
  return allowed.includes(wanted) || (wanted === "integer" && allowed.includes("number"));
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function own<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
