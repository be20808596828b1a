import ts from "typescript";

/** A file of the repository, as the rules of test/tidy.test.ts see it. */
export interface Source {
  /** From the top of the repository, with `/`. */
  path: string;
  text: string;
  tree: ts.SourceFile;
}

export interface Comment {
  text: string;
  line: number;
}

export interface Import {
  specifier: string;
  line: number;
  node: ts.ImportDeclaration | ts.ExportDeclaration | ts.CallExpression;
}

export function sourceOf(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
}

/** Where a rule is broken, as an editor or terminal can follow it, and how. */
export function complaint(source: Source, line: number, problem: string): string {
  return `${source.path}:${line} ${problem}`;
}

/** The line of a position, counted from 1. */
export function lineAt({ tree }: Source, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

export function lineOf(source: Source, node: ts.Node): number {
  return lineAt(source, node.getStart(source.tree));
}

/** All nodes below one, in the order of the text. */
export function* descendants(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}

/** Every module that a file names: imports, re-exports and lazy imports, types included. */
export function importsOf(source: Source): Import[] {
  const imports: Import[] = [];
  for (const node of descendants(source.tree)) {
    const named = moduleNamedBy(node);
    if (named) imports.push({ ...named, line: lineOf(source, node) });
  }
  return imports;
}

function moduleNamedBy(node: ts.Node): Omit<Import, "line"> | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return { specifier: (node.moduleSpecifier as ts.StringLiteral).text, node };
  }
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return undefined;
  const [argument] = node.arguments;
  return argument && ts.isStringLiteralLike(argument) ? { specifier: argument.text, node } : undefined;
}

/** All comments, without their marks, one for each `//` line or block. */
export function commentsOf(source: Source): Comment[] {
  const { text, tree } = source;
  const ranges = new Map<number, ts.CommentRange>();
  const keep = (found: ts.CommentRange[] | undefined) => {
    for (const range of found ?? []) ranges.set(range.pos, range);
  };
  const visit = (node: ts.Node) => {
    const children = node.getChildren(tree);
    for (const child of children) visit(child);
    if (children.length > 0) return;
    keep(ts.getLeadingCommentRanges(text, node.pos));
    keep(ts.getTrailingCommentRanges(text, node.end));
  };
  visit(tree);
  return [...ranges.values()]
    .sort((a, b) => a.pos - b.pos)
    .map(({ pos, end }) => ({ text: unmarked(text.slice(pos, end)), line: lineAt(source, pos) }));
}

function unmarked(comment: string): string {
  if (comment.startsWith("//")) return comment.slice(2).trim();
  return comment
    .slice(2, -2)
    .split("\n")
    .map((line) => line.trim().replace(/^\*+ ?/, ""))
    .join("\n");
}
