import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import ts from 'typescript';

/**
 * One function of the operator replaced by a wrong one while bundling, so that the shipped program holds no switch.
 * @field module the source file that declares the export, relative to the repository.
 * @field export the function (or constant) it declares by that name.
 * @field mutant the file that exports the replacement by the same name; what it imports from `module` is the original.
 */
export interface Mutant {
  readonly module: string;
  readonly export: string;
  readonly mutant: string;
}

const SPARED = 'unmutated';

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/** Where `name` is declared as an export in `source`: one place, or several for an overloaded function. */
function exportedNames(source: ts.SourceFile, name: string): readonly ts.Identifier[] {
  const isExported = (node: ts.FunctionDeclaration | ts.VariableStatement): boolean =>
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  return source.statements.flatMap((statement): ts.Identifier[] => {
    if (ts.isFunctionDeclaration(statement)) {
      return isExported(statement) && statement.name?.text === name ? [statement.name] : [];
    }
    if (!ts.isVariableStatement(statement) || !isExported(statement)) return [];
    return statement.declarationList.declarations
      .map((declaration) => declaration.name)
      .filter((id): id is ts.Identifier => ts.isIdentifier(id) && id.text === name);
  });
}

function declaredIn(root: string, file: string, name: string): { text: string; names: readonly ts.Identifier[] } {
  const path = resolve(root, file);
  if (!existsSync(path)) throw new Error(`${file} does not exist, so its export "${name}" cannot be swapped.`);
  const text = readFileSync(path, 'utf8');
  const names = exportedNames(parse(path, text), name);
  if (names.length === 0) {
    throw new Error(
      `${file} declares no exported function or constant "${name}" (a re-export does not count): ` +
        'name the module and export that declare it in test/mutants/index.ts.',
    );
  }
  return { text, names };
}

function specifier(fromFile: string, toFile: string): string {
  const path = relative(dirname(fromFile), toFile).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

/**
 * The declaration keeps its body under another name, and the name now means the mutant: for importers and for calls
 * from inside the module alike.
 */
function mutated(root: string, { module, export: name, mutant }: Mutant): string {
  const { text, names } = declaredIn(root, module, name);
  const original = names.reduceRight(
    (done, id) => `${done.slice(0, id.getStart())}${SPARED}_${name}${done.slice(id.getEnd())}`,
    text,
  );
  return `${original}\nimport { ${name} } from ${JSON.stringify(specifier(module, mutant))};\nexport { ${name} };\n`;
}

/** @throws Error when the module, the export or the mutant is not there; the build fails when nothing bundled used it. */
export function swapExport(root: string, swap: Mutant): Plugin {
  declaredIn(root, swap.module, swap.export);
  declaredIn(root, swap.mutant, swap.export);
  const target = resolve(root, swap.module);
  const mutant = resolve(root, swap.mutant);
  const name = swap.export;
  return {
    name: `swap ${swap.module}#${name}`,
    setup(build) {
      const loaded = new Set<string>();
      // The mutant sees the module as it was, so that it may do the right thing wrongly.
      build.onResolve({ filter: /^\./ }, (imported) => {
        const isOwnOriginal = imported.importer === mutant && resolve(imported.resolveDir, imported.path) === target;
        return isOwnOriginal ? { path: target, namespace: SPARED } : undefined;
      });
      // A copy of the module, not the module: that one imports the mutant, so a constant of it would be undefined yet.
      build.onLoad({ filter: /.*/, namespace: SPARED }, () => ({
        contents: readFileSync(target, 'utf8'),
        loader: 'ts',
        resolveDir: dirname(target),
      }));
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        loaded.add(path);
        return path === target ? { contents: mutated(root, swap), loader: 'ts' } : undefined;
      });
      build.onEnd(({ errors }) => {
        if (errors.length > 0 || loaded.has(target)) return undefined;
        return { errors: [{ text: `${swap.module} is not in the bundle, so swapping its "${name}" breaks nothing.` }] };
      });
    },
  };
}
