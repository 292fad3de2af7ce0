import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '../..');
const folder = join(import.meta.dirname, 'fixtures/bans');
const fixtures = readdirSync(folder).sort();
const textOf = (fixture: string): string => readFileSync(join(folder, fixture), 'utf8');

/** `line rule`, and the words that the refusal says. */
interface Refusal {
  readonly line: number;
  readonly rule: string;
  readonly words: string;
}

/**
 * A fixture says on each line what is refused there: `// refused: <rule> <words>` where only pure code is held to it,
 * `// refused everywhere: …` where src/system is too; `+1` or `-1` moves it to a neighbouring line.
 */
function expected(fixture: string, where: 'pure' | 'system'): readonly Refusal[] {
  const remark = /\/\/ refused( everywhere)?( [+-]1)?: (\S+) (.+?)(?= \/\/ refused|$)/g;
  return textOf(fixture)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(remark)]
        .filter(([, everywhere]) => where === 'pure' || everywhere !== undefined)
        .map(([, , shift, rule, words]) => ({
          line: index + 1 + Number(shift ?? 0),
          rule: rule ?? '',
          words: words ?? '',
        })),
    );
}

/** The project's own configuration; only where the types come from is adapted to files that are not on disk. */
function linter(): ESLint {
  return new ESLint({
    cwd: root,
    overrideConfig: {
      languageOptions: {
        parserOptions: {
          projectService: {
            allowDefaultProject: ['src/decide/lint-fixture-*.ts', 'src/system/lint-fixture-*.ts'],
            maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: 200,
            defaultProject: 'tsconfig.json',
          },
        },
      },
    },
  });
}

async function refusals(eslint: ESLint, fixture: string, directory: string): Promise<readonly Refusal[]> {
  const filePath = join(root, directory, `lint-fixture-${fixture}`);
  const [result] = await eslint.lintText(textOf(fixture), { filePath });
  assert.ok(result !== undefined, `ESLint ignored ${filePath}`);
  return result.messages.map(({ line, ruleId, message }) => ({ line, rule: ruleId ?? 'null', words: message }));
}

/** Each expectation met by one refusal, each refusal expected. */
function assertRefused(actual: readonly Refusal[], wanted: readonly Refusal[]): void {
  const meets = (said: Refusal, due: Refusal): boolean =>
    said.line === due.line && said.rule === due.rule && said.words.includes(due.words);
  const show = ({ line, rule, words }: Refusal): string => `line ${line} ${rule}: ${words}`;
  const missing = wanted.filter((due) => !actual.some((said) => meets(said, due)));
  const unexpected = actual.filter((said) => !wanted.some((due) => meets(said, due)));
  assert.deepEqual({ missing: missing.map(show), unexpected: unexpected.map(show) }, { missing: [], unexpected: [] });
  assert.equal(actual.length, wanted.length, actual.map(show).join('\n'));
}

interface RestrictedRules {
  readonly 'no-restricted-globals': readonly [number, { readonly globals: readonly { readonly name: string }[] }];
  readonly 'no-restricted-properties': readonly [
    number,
    ...(readonly { readonly object: string; readonly property: string }[]),
  ];
  readonly 'no-restricted-syntax': readonly [number, ...(readonly { readonly message: string }[])];
}

describe('lint: each ban', function () {
  this.timeout(240_000);
  const eslint = linter();

  for (const fixture of fixtures) {
    it(`refuses ${fixture} in src/decide`, async () => {
      const wanted = expected(fixture, 'pure');
      assert.ok(wanted.length > 0, `${fixture} expects no refusal`);
      assertRefused(await refusals(eslint, fixture, 'src/decide'), wanted);
    });
    it(`holds ${fixture} in src/system to what concerns it`, async () => {
      assertRefused(await refusals(eslint, fixture, 'src/system'), expected(fixture, 'system'));
    });
  }

  it('has a fixture', async () => {
    const config = (await eslint.calculateConfigForFile(join(root, 'src/decide/x.ts'))) as { rules: RestrictedRules };
    const { rules } = config;
    const [, { globals }] = rules['no-restricted-globals'];
    const [, ...properties] = rules['no-restricted-properties'];
    const [, ...syntax] = rules['no-restricted-syntax'];
    const shown = fixtures.flatMap((fixture) => expected(fixture, 'pure'));
    const isShown = (rule: string, in_: (words: string) => boolean): boolean =>
      shown.some((refusal) => refusal.rule === rule && in_(refusal.words));
    const missing = [
      ...globals.map(({ name }) => name).filter((name) => !isShown('no-restricted-globals', (w) => w === `'${name}'`)),
      ...properties
        .map(({ object, property }) => `${object}.${property}`)
        .filter((name) => !isShown('no-restricted-properties', (w) => w === `'${name}'`)),
      ...syntax.map(({ message }) => message).filter((m) => !isShown('no-restricted-syntax', (w) => m.includes(w))),
    ];
    assert.deepEqual(missing, [], 'bans in eslint.config.js without a fixture in test/lint/fixtures/bans');
  });
});
