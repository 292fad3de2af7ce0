import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseResult, IConfiguration } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const root = join(import.meta.dirname, '../..');
const load = createRequire(import.meta.url);

/** What each rule refuses in fixtures/layers, `from -> to` as dependency-cruiser resolves them; nothing else may be refused. */
const RUNTIME: Readonly<Record<string, readonly string[]>> = {
  'no-cycles': ['src/record/one.ts -> src/record/two.ts'],
  'no-unresolvable': ['src/record/lost.ts -> ./gone.ts'],
  'pure-core-no-system': ['src/decide/indirect.ts -> src/system/files.ts'],
  'pure-core-no-node': ['src/decide/indirect.ts -> fs'],
  'pure-core-no-io-packages': [
    'src/api/metrics.ts -> prom-client',
    'src/decide/indirect.ts -> pg',
    'src/view/page.ts -> fflate',
  ],
  'actuators-only-from-act': ['src/controller/run.ts -> src/drivers/traffic/route53/act.ts'],
  'actuators-of-another-driver': ['src/drivers/traffic/route53/act.ts -> src/drivers/databases/postgresql/act.ts'],
  'observing-never-acts': [
    'src/drivers/databases/postgresql/observe.ts -> src/drivers/databases/postgresql/act.ts',
    'src/observe/gather.ts -> src/drivers/databases/postgresql/act.ts',
  ],
  'shipped-no-test': ['src/view/page.ts -> test/check.ts'],
  'shipped-no-dev-packages': ['src/view/page.ts -> fflate'],
  'sandbox-models-are-pure': [
    'src/sandbox/models/dirty.ts -> crypto',
    'src/sandbox/models/dirty.ts -> http',
    'src/sandbox/models/dirty.ts -> src/sandbox/wire/serve.ts',
  ],
  'demo-reaches-no-operator': [
    'src/sandbox/demo/main.ts -> src/drivers/databases/index.ts',
    'src/sandbox/demo/main.ts -> src/drivers/databases/postgresql/act.ts',
    'src/sandbox/demo/main.ts -> src/drivers/databases/postgresql/statements.ts',
    'src/sandbox/demo/main.ts -> src/observe/gather.ts',
    'src/sandbox/demo/shared.ts -> src/api/plan.ts',
    'src/sandbox/demo/shared.ts -> src/aws/look-up.ts',
    'src/sandbox/demo/shared.ts -> src/cli/print.ts',
    'src/sandbox/demo/shared.ts -> src/ports/clock.ts',
    'src/sandbox/demo/shared.ts -> src/settings.ts',
    'src/sandbox/demo/shared.ts -> src/system/files.ts',
    'src/sandbox/demo/typed.ts -> src/drivers/databases/index.ts',
    'src/sandbox/demo/typed.ts -> src/drivers/databases/postgresql/act.ts',
    'src/sandbox/demo/typed.ts -> src/drivers/databases/postgresql/statements.ts',
    'src/sandbox/demo/typed.ts -> src/observe/gather.ts',
  ],
};
const TYPES: Readonly<Record<string, readonly string[]>> = {
  'ports-import-ports': ['src/ports/leaky.ts -> src/api/plan.ts'],
  'sandbox-stays-outside': ['src/view/page.ts -> src/sandbox/world.ts'],
  'sandbox-models-import': [
    'src/sandbox/models/dirty.ts -> src/sandbox/wire/serve.ts',
    'src/sandbox/models/dirty.ts -> src/sandbox/world.ts',
  ],
  'demo-imports-no-operator': [
    'src/sandbox/demo/main.ts -> src/act/types.ts',
    'src/sandbox/demo/main.ts -> src/ports/clock.ts',
    'src/sandbox/demo/shared.ts -> src/api/plan.ts',
    'src/sandbox/demo/shared.ts -> src/aws/look-up.ts',
    'src/sandbox/demo/shared.ts -> src/cli/print.ts',
    'src/sandbox/demo/shared.ts -> src/ports/clock.ts',
    'src/sandbox/demo/shared.ts -> src/settings.ts',
    'src/sandbox/demo/shared.ts -> src/system/files.ts',
    'src/sandbox/demo/typed.ts -> src/observe/gather.ts',
  ],
};

/** `../../node_modules/pg/lib/index.js` -> `pg`: where a package's entry lies is its own affair. */
const packageName = (path: string): string => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;

async function refused(config: string): Promise<Record<string, string[]>> {
  const { forbidden = [], options = {} } = load(join(root, config)) as IConfiguration;
  const { tsConfig: _readBelow, ...cruiseOptions } = options;
  const { output } = await cruise(
    ['src', 'test'],
    { ...cruiseOptions, ruleSet: { forbidden }, validate: true, baseDir: join(import.meta.dirname, 'fixtures/layers') },
    {},
    { tsConfig: extractTSConfig(join(root, 'tsconfig.json')) },
  );
  const { violations } = (output as ICruiseResult).summary;
  const byRule: Record<string, string[]> = Object.fromEntries(forbidden.map(({ name }) => [name ?? '', []]));
  for (const { rule, from, to } of violations) byRule[rule.name]?.push(`${from} -> ${packageName(to)}`);
  return Object.fromEntries(Object.entries(byRule).map(([name, arrows]) => [name, [...new Set(arrows)].sort()]));
}

describe('lint: the layers', function () {
  this.timeout(120_000);

  for (const [config, wanted] of [
    ['.dependency-cruiser.cjs', RUNTIME],
    ['.dependency-cruiser.types.cjs', TYPES],
  ] as const) {
    it(`${config} refuses each offender of its rules, and nothing else`, async () => {
      assert.deepEqual(await refused(config), wanted);
    });
  }
});
