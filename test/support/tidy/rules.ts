import { builtinModules } from "node:module";
import ts from "typescript";
import { commentsOf, complaint, descendants, importsOf, lineAt, lineOf, type Source } from "./source.js";

const MOST_LINES = 300;
const MOST_COLUMNS = 110;
/** Rows of tables and texts that are expected word by word are not broken. */
const MOST_COLUMNS_OF_TESTS = 160;
const MOST_FUNCTION_LINES = 70;

/** Names that would make a result depend on more than scenario, seed and version, or tie the core to node. */
const banned = new Set(["Date", "performance", "process", "console", "globalThis"]);

/** Below src/cli and src/node nobody reads the clock, the process or unseeded randomness. */
export function checkBannedNames(source: Source): string[] {
  const complaints: string[] = [];
  for (const node of descendants(source.tree)) {
    const name = bannedNameOf(node);
    if (name) complaints.push(complaint(source, lineOf(source, node), `${name} is banned here`));
  }
  for (const { specifier, line } of importsOf(source)) {
    if (!specifier.startsWith("node:") && !builtinModules.includes(specifier)) continue;
    complaints.push(complaint(source, line, `${specifier} is banned here`));
  }
  return complaints;
}

function bannedNameOf(node: ts.Node): string | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  const { parent } = node;
  if (
    node.text === "random" &&
    ts.isPropertyAccessExpression(parent) &&
    parent.expression.getText() === "Math"
  ) {
    return "Math.random";
  }
  return banned.has(node.text) && !namesProperty(node) && !isLocal(node) ? node.text : undefined;
}

/** A function may have its own `process`, an arrival process for instance. */
function isLocal({ text, parent }: ts.Identifier): boolean {
  for (let around = parent; around; around = around.parent) {
    if (ts.isFunctionLike(around) && [...descendants(around)].some((node) => declares(node, text)))
      return true;
  }
  return false;
}

function declares(node: ts.Node, name: string): boolean {
  const isDeclaration = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
  return isDeclaration && ts.isIdentifier(node.name) && node.name.text === name;
}

/** `arrivals.process` and `{ process: "poisson" }` only share their spelling with the global. */
function namesProperty(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}

/** Packages that only one file may import, so that it stays the only place that knows them. */
const importers: Record<string, string> = {
  yaml: "src/scenario/yaml.ts",
  seedrandom: "src/engine/random.ts",
};

export function checkImporters(source: Source): string[] {
  return importsOf(source).flatMap(({ specifier, line }) => {
    const importer = importers[specifier.split("/")[0] as string];
    if (importer === undefined || importer === source.path) return [];
    return [complaint(source, line, `only ${importer} may import ${specifier}`)];
  });
}

/** Named imports of zod bundle its messages in every language. */
export function checkZodNamespace(source: Source): string[] {
  return importsOf(source).flatMap(({ specifier, line, node }) => {
    if (specifier !== "zod" && !specifier.startsWith("zod/")) return [];
    const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : undefined;
    if (bindings && ts.isNamespaceImport(bindings)) return [];
    return [complaint(source, line, 'expected import * as z from "zod"')];
  });
}

export function checkDefaultExports(source: Source): string[] {
  return source.tree.statements.flatMap((statement) => {
    const isDefault =
      ts.isExportAssignment(statement) ||
      (ts.canHaveModifiers(statement) &&
        ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword));
    return isDefault ? [complaint(source, lineOf(source, statement), "has a default export")] : [];
  });
}

/** A test that runs alone hides all others. */
export function checkFocusedTests(source: Source): string[] {
  const complaints: string[] = [];
  for (const node of descendants(source.tree)) {
    if (!ts.isPropertyAccessExpression(node) || node.name.text !== "only") continue;
    if (!/^(?:describe|test|it|bench|suite)\b/.test(node.getText(source.tree))) continue;
    complaints.push(
      complaint(source, lineOf(source, node), `${node.getText(source.tree)} hides the other tests`),
    );
  }
  return complaints;
}

export function checkLength(source: Source): string[] {
  const lines = source.text.replace(/\n$/, "").split("\n");
  const complaints = lines.flatMap((line, index) => {
    const most = source.path.startsWith("test/") ? MOST_COLUMNS_OF_TESTS : MOST_COLUMNS;
    const isLong = [...line].length > most;
    return isLong ? [complaint(source, index + 1, `is longer than ${most} characters`)] : [];
  });
  if (lines.length <= MOST_LINES) return complaints;
  return [
    ...complaints,
    complaint(source, MOST_LINES + 1, `has ${lines.length} lines, more than ${MOST_LINES}`),
  ];
}

/**
 * A factory holds its handlers, and each of them must fit a screen by itself: so the lines of functions
 * inside a function don't count for the outer one. Neither do empty lines.
 */
export function checkFunctionLength(source: Source): string[] {
  const complaints: string[] = [];
  for (const node of descendants(source.tree)) {
    if (!ts.isFunctionLike(node)) continue;
    const own = linesOf(source, node);
    for (const inner of descendants(node)) {
      if (!ts.isFunctionLike(inner)) continue;
      for (const line of linesOf(source, inner)) own.delete(line);
    }
    if (own.size <= MOST_FUNCTION_LINES) continue;
    complaints.push(complaint(source, lineOf(source, node), `is a function of ${own.size} lines of its own`));
  }
  return complaints;
}

function linesOf(source: Source, node: ts.Node): Set<number> {
  const first = lineOf(source, node);
  const texts = source.tree.text.slice(node.getStart(source.tree), node.end).split("\n");
  return new Set(texts.flatMap((text, index) => (text.trim() === "" ? [] : [first + index])));
}

/** Work that isn't done has a name and a place, but not in the code. */
export function checkUnfinished(source: Source): string[] {
  return commentsOf(source).flatMap(({ text, line }) => {
    const mark = /\b(?:TODO|FIXME|XXX)\b/.exec(text);
    return mark ? [complaint(source, line, `has a ${mark[0]}`)] : [];
  });
}

const statement =
  /^(?:const|let|var|import|export|return|throw|await|if|else|for|while|function|type|interface)\b/;
const call = /^[\w.]+(?:\([^)]*\)|\[[^\]]*\])*(?:\(.*\)| [-+*/|&]?= .+);$/;

/**
 * A line of a comment that ends as only code does: a statement's first word or a call or an assignment, and
 * then `;` or a brace. A block whose lines stand between back-quote fences is an example.
 */
export function checkCommentedCode(source: Source): string[] {
  return commentsOf(source).flatMap(({ text, line }) => {
    const plain = text.replace(/```[\s\S]*?```/g, (fenced) => fenced.replace(/[^\n]/g, ""));
    return plain.split("\n").flatMap((part, index) => {
      const trimmed = part.trim();
      const isCode = (statement.test(trimmed) && /[=()].*[;{}]$|[{}]$/.test(trimmed)) || call.test(trimmed);
      return isCode ? [complaint(source, line + index, "has code in a comment")] : [];
    });
  });
}

/**
 * A model opens with what it models and what it leaves out. A file without a function is a table of facts.
 */
export function checkModelHeader(source: Source): string[] {
  const hasBehaviour = [...descendants(source.tree)].some(
    (node) => ts.isFunctionLike(node) && "body" in node,
  );
  if (!hasBehaviour) return [];
  const [first] = source.tree.statements;
  const end = lineAt(source, first?.getStart(source.tree) ?? source.text.length);
  const header = commentsOf(source)
    .filter(({ line }) => line < end)
    .map(({ text }) => text)
    .join("\n");
  return ["Modelled", "Not modelled"]
    .filter((word) => !new RegExp(`\\b${word}\\b`).test(header))
    .map((word) => complaint(source, 1, `does not open with a comment that says "${word}"`));
}
