import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const root = new URL('../../', import.meta.url);

/**
 * Reasons that a person is given a command with, by the source: `hold(reason, message, evidence, next)`, `askFor(ctx, reason…)`,
 * which is a hold with an approval in it, and what is written out as `{ reason, …, next }`.
 */
export function reasonsWithCommand(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of globSync('src/decide/**/*.ts', { cwd: root })) {
    const source = ts.createSourceFile(file, readFileSync(new URL(file, root), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      for (const reason of printedBy(node)) found.add(reason);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
}

function printedBy(node: ts.Node): readonly string[] {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const { text } = node.expression;
    if (text === 'hold' && node.arguments.length > 3) return literals(node.arguments[0]);
    if (text === 'askFor') return literals(node.arguments[1]);
  }
  if (!ts.isObjectLiteralExpression(node)) return [];
  const value = (name: string): ts.Expression | undefined =>
    node.properties
      .filter(ts.isPropertyAssignment)
      .find((property) => ts.isIdentifier(property.name) && property.name.text === name)?.initializer;
  return value('next') === undefined ? [] : literals(value('reason'));
}

function literals(node: ts.Expression | undefined): readonly string[] {
  return node !== undefined && ts.isStringLiteral(node) ? [node.text] : [];
}
