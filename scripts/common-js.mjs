// The modules of a bundle as CommonJS: Node reads them at once and in turn, where each ECMAScript module is
// fetched, linked and evaluated in steps of its own, and V8 can keep what it has compiled of them
// (src/cli/code-cache.ts). Measured: 0.87 times the processor time of a start (2 cores, both busy, Node
// 20.20, 2026-12).

import ts from "typescript";

// V8 keeps no way to import for what it keeps, so whoever loads a module by its code hands in their own.
const IMPORTED = "const imported = require.imported ?? ((specifier) => import(specifier));";
const STEPS = new Set([ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken]);
const OWN_ADDRESS = '{ url: require("node:url").pathToFileURL(__filename).href }';

/**
 * The text of a module that esbuild has bundled, as CommonJS: what it imports are constants, set before
 * anything else as imports are; what it exports is set at its end, which is soon enough, since no two files
 * of a bundle import each other. Throws for one that a function assigns: whoever imported
 * it would not know.
 */
export function asCommonJs(text) {
  const file = ts.createSourceFile("bundle.js", text, ts.ScriptTarget.Latest, true);
  const isAssigned = assignedIn(file);
  const [imports, exports, edits] = [[], [], []];
  const cut = (node) => edits.push({ from: node.getStart(), to: node.end, by: "" });
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      imports.push(...required(statement));
      cut(statement);
    } else if (ts.isExportDeclaration(statement)) {
      exports.push(...exported(statement, isAssigned));
      cut(statement);
    } else edits.push(...replacements(statement));
  }
  if (edits.some(({ by }) => by === "imported")) imports.push(IMPORTED);
  const parts = ['"use strict";', ...imports, edited(text, edits).trim(), ...exports];
  return `${parts.join("\n")}\n`;
}

function required({ importClause, moduleSpecifier }) {
  const module = `require(${moduleSpecifier.getText()})`;
  if (!importClause) return [`${module};`];
  const isBuiltin = !moduleSpecifier.text.startsWith(".");
  const { name, namedBindings } = importClause;
  const lines = name ? [`const ${name.text} = ${module}${isBuiltin ? "" : ".default"};`] : [];
  if (namedBindings && ts.isNamespaceImport(namedBindings)) {
    lines.push(`const ${namedBindings.name.text} = ${module};`);
  } else if (namedBindings) {
    const names = namedBindings.elements.map(({ propertyName, name: { text } }) => {
      return propertyName ? `${propertyName.getText()}: ${text}` : text;
    });
    lines.push(`const { ${names.join(", ")} } = ${module};`);
  }
  return lines;
}

function exported({ exportClause, moduleSpecifier }, isAssigned) {
  if (moduleSpecifier) throw new Error(`expected exports of the file's own, got ${moduleSpecifier.text}`);
  return exportClause.elements.map(({ propertyName, name }) => {
    const own = (propertyName ?? name).text;
    if (isAssigned(own)) throw new Error(`expected exports that are set once, got ${own}`);
    return `exports[${JSON.stringify(name.text)}] = ${own};`;
  });
}

/** Whether a function assigns something of this name, be it another variable of the same name. */
function assignedIn(file) {
  const names = new Set();
  const visit = (node, isInside) => {
    const isAssignment = ts.isBinaryExpression(node) && ts.isAssignmentOperator(node.operatorToken.kind);
    const isStep =
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && STEPS.has(node.operator);
    const target = isAssignment ? node.left : isStep ? node.operand : undefined;
    if (isInside && target && ts.isIdentifier(target)) names.add(target.text);
    ts.forEachChild(node, (child) => visit(child, isInside || ts.isFunctionLike(node)));
  };
  visit(file, false);
  return (name) => names.has(name);
}

/** What stands for a module's own address, and for modules of the bundle that are loaded later. */
function replacements(statement) {
  const found = [];
  const visit = (node) => {
    const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const [specifier] = isImport ? node.arguments : [];
    if (ts.isMetaProperty(node)) {
      found.push({ from: node.getStart(), to: node.end, by: OWN_ADDRESS });
    } else if (specifier && ts.isStringLiteral(specifier) && specifier.text.startsWith(".")) {
      const by = `Promise.resolve().then(() => require(${specifier.getText()}))`;
      found.push({ from: node.getStart(), to: node.end, by });
    } else {
      if (isImport) found.push({ from: node.getStart(), to: node.expression.end, by: "imported" });
      ts.forEachChild(node, visit);
    }
  };
  visit(statement);
  return found;
}

function edited(text, edits) {
  let [result, at] = ["", 0];
  for (const { from, to, by } of edits) {
    result += text.slice(at, from) + by;
    at = to;
  }
  return result + text.slice(at);
}
