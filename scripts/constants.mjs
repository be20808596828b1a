// The numbers that modules of a bundle name, written where they are used.
//
// V8 keeps a module's constants in a table, from which each use takes them and checks that they are set by
// then, in several bytes of bytecode. How much of a function's callees V8 compiles into it is limited in
// bytes of bytecode; and of functions that were made twice it takes nothing for constant (CONTRIBUTING.md,
// "Speed"). Measured: 0.94 times the processor time of the benchmark, 0.95 in a second world of a thread (2
// cores, both busy, Node 20.20, 2026-11).

import ts from "typescript";

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

/**
 * The same files of a bundle with the numbers in place of their names, text by path. Imports between them
 * begin with "./" or "../" and are followed; a name that is declared twice in a file is left as it is.
 */
export function withNumbers(files, resolve) {
  const parsed = new Map(
    [...files].map(([path, text]) => [path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)]),
  );
  const known = new Map();
  // What a file imports may be known only when the one that exports it is.
  for (let before = -1; before < sizeOf(known); ) {
    before = sizeOf(known);
    for (const [path, file] of parsed) known.set(path, numbersOf(file, path, known, resolve));
  }
  return new Map([...parsed].map(([path, file]) => [path, replaced(file, known.get(path).local)]));
}

function sizeOf(known) {
  return [...known.values()].reduce((sum, { local, exported }) => sum + local.size + exported.size, 0);
}

/** The numbers that a file names, by their names in the file and by those under which it exports them. */
function numbersOf(file, path, known, resolve) {
  const local = new Map();
  const exported = new Map();
  const once = declaredOnce(file);
  const add = (name, value) => {
    if (value !== undefined && CONSTANT.test(name) && once.has(name)) local.set(name, value);
  };
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      const from = known.get(resolve(path, statement.moduleSpecifier.text));
      const names = statement.importClause?.namedBindings;
      if (!from || !names || !ts.isNamedImports(names)) continue;
      for (const { name, propertyName } of names.elements) {
        add(name.text, from.exported.get((propertyName ?? name).text));
      }
    } else if (ts.isVariableStatement(statement) && statement.declarationList.flags & ts.NodeFlags.Const) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name) && initializer) add(name.text, numberOf(initializer, local));
      }
    }
  }
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier) continue;
    for (const { name, propertyName } of statement.exportClause?.elements ?? []) {
      const value = local.get((propertyName ?? name).text);
      if (value !== undefined) exported.set(name.text, value);
    }
  }
  return { local, exported };
}

/** Names that only one declaration of the file has, in any scope. */
function declaredOnce(file) {
  const counts = new Map();
  const visit = (node) => {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionLike(node) ||
      ts.isClassLike(node) ||
      ts.isImportSpecifier(node);
    if (isDeclaration && node.name && ts.isIdentifier(node.name)) {
      counts.set(node.name.text, (counts.get(node.name.text) ?? 0) + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return new Set([...counts].filter(([, count]) => count === 1).map(([name]) => name));
}

const OPERATIONS = new Map([
  [ts.SyntaxKind.PlusToken, (one, other) => one + other],
  [ts.SyntaxKind.MinusToken, (one, other) => one - other],
  [ts.SyntaxKind.AsteriskToken, (one, other) => one * other],
  [ts.SyntaxKind.SlashToken, (one, other) => one / other],
  [ts.SyntaxKind.AsteriskAsteriskToken, (one, other) => one ** other],
  [ts.SyntaxKind.LessThanLessThanToken, (one, other) => one << other],
  [ts.SyntaxKind.BarToken, (one, other) => one | other],
]);

// As text: V8 looks up a property of Number each time, and takes what it finds for anything.
const LIMITS = new Map([
  ["POSITIVE_INFINITY", Number.POSITIVE_INFINITY],
  ["MAX_SAFE_INTEGER", Number.MAX_SAFE_INTEGER],
]);

/** One of Number's own constants; undefined for any other expression. */
function limitOf(node) {
  if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== "Number") return undefined;
  return LIMITS.get(node.name.text);
}

/** The number that an expression of numbers is; undefined for any other. */
function numberOf(node, names) {
  if (ts.isPropertyAccessExpression(node)) return limitOf(node);
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isParenthesizedExpression(node)) return numberOf(node.expression, names);
  if (ts.isIdentifier(node)) return names.get(node.text);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = numberOf(node.operand, names);
    return value === undefined ? undefined : -value;
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const operation = OPERATIONS.get(node.operatorToken.kind);
  const [one, other] = [numberOf(node.left, names), numberOf(node.right, names)];
  return operation && one !== undefined && other !== undefined ? operation(one, other) : undefined;
}

function replaced(file, numbers) {
  const edits = [];
  const visit = (node) => {
    const limit = limitOf(node);
    if (limit !== undefined) {
      edits.push([node, textOf(limit)]);
      return;
    }
    if (ts.isIdentifier(node) && numbers.has(node.text)) {
      const number = textOf(numbers.get(node.text));
      if (ts.isShorthandPropertyAssignment(node.parent)) edits.push([node, `${node.text}: ${number}`]);
      else if (isUse(node)) edits.push([node, number]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  let [text, at] = ["", 0];
  for (const [node, instead] of edits) {
    text += file.text.slice(at, node.getStart(file)) + instead;
    at = node.end;
  }
  return text + file.text.slice(at);
}

function textOf(value) {
  if (value === Number.POSITIVE_INFINITY) return "(1 / 0)";
  return value < 0 || Object.is(value, -0) ? `(${value})` : String(value);
}

/** Not a declaration, nor the name of a property. */
function isUse(node) {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return parent.name !== node && !(ts.isBindingElement(parent) && parent.propertyName === node);
}
