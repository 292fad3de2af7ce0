import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { bundle } from '../../scripts/build.ts';
import { readMutations } from '../../src/sandbox/demo/witnesses/audits.ts';
import { query, withClient } from '../../src/sandbox/postgresql/query.ts';
import { EAST, NAMESPACE, PLAN, REGIONS, WEST, type RegionName } from '../../src/sandbox/world/names.ts';
import { startOperator } from '../../src/sandbox/world/operator.ts';
import type { Program } from '../../src/sandbox/world/program.ts';
import { startWorld, until, type World } from '../../src/sandbox/world/world.ts';
import { kubectl } from '../support/kubectl.ts';
import { openShell, type PersonShell } from '../support/person-shell.ts';
import { readRunbook, type RunbookBlock, type RunbookStep } from '../support/runbook-reader.ts';

const planPath = `/apis/dr.maestro.io/v1alpha1/namespaces/${NAMESPACE}/disasterrecoveryplans/${PLAN}`;

/** The tools that the runbook names, and that Node does not bring. */
const wanted = ['psql', 'aws', 'curl', 'bash'];

/** A person with a printed runbook, in the sandbox, while the operator is dead. */
describe('the runbook, followed by hand', function () {
  this.timeout(600_000);
  let world: World;
  let shell: PersonShell;
  /** The last that was begun is the first that is ended. */
  const ends: (() => Promise<void>)[] = [];
  let operator: Program;
  let text: string;

  before(async () => {
    for (const tool of wanted) {
      const { status } = spawnSync('sh', ['-c', `command -v ${tool}`]);
      assert.equal(status, 0, `${tool} is missing: apt-get install postgresql-client curl; pip install awscli`);
    }
    world = await startWorld();
    ends.push(() => world.stop());
    await buildInto(world);
    operator = await startOperator(world.file, bundled(world, 'maestro-dr'));
    world.adopt(operator);
    await until(
      'the plan is Ready and Protected',
      120_000,
      async () => (await isTrue('Ready')) && (await isTrue('Protected')),
    );
    shell = await openShell(await environment(world));
    ends.push(() => shell.close());
  });

  after(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const plan = async (): Promise<Shown> => await world.management.client.get(planPath);
  const condition = async (type: string) => (await plan()).status?.conditions?.find((one) => one.type === type);
  const isTrue = async (type: string): Promise<boolean> => (await condition(type))?.status === 'True';

  it('is printed by the bundle, and lies in the other region’s cluster', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        bundled(world, 'kubectl-drplan'),
        ...['runbook', PLAN, '-n', NAMESPACE, '--to', WEST, '--kubeconfig', world.file.kubeconfigs.management],
      ],
      { maxBuffer: 10_000_000 },
    );
    text = stdout;
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/${PLAN}-runbook-${WEST}`;
    await until('the runbook lies in the west', 120_000, async () => (await read(world, WEST, path)) !== undefined);
    const kept = await read(world, WEST, path);
    const chapter = (of: string): string => of.split('\n## Failback Procedures\n')[0] ?? '';
    assert.ok(chapter(kept ?? '') === chapter(text), 'both are the same text');
  });

  it('leads to a world that is failed over', async () => {
    await operator.kill();
    await world.destroy(EAST);
    const { prepare, forward } = readRunbook(text);
    const dead = new Set([EAST]);
    for (const block of prepare) await carryOut(shell, 'prepare', block, dead);
    for (const step of forward.filter(({ id }) => !isReconstitution(id))) await follow(shell, step, dead);
    assert.deepEqual(await role(world, WEST), { recovering: false, may_log_in: true });
    const served = await shell.paste(
      `curl -sS -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:${String(world.file.frontDoorPort)}/writable`,
    );
    assert.equal(served.out, '200', served.err);
  });

  it('leads on to a returned region that stands by, what diverged kept', async () => {
    await world.restore(EAST);
    const { forward } = readRunbook(text);
    for (const step of forward.filter(({ id }) => isReconstitution(id))) await follow(shell, step, new Set());
    assert.equal((await role(world, EAST)).recovering, true);
  });

  it('is seen by the operator that comes back, which changes nothing until one command adopts it', async () => {
    const startedAt = Date.now();
    operator = await startOperator(world.file, bundled(world, 'maestro-dr'));
    world.adopt(operator);
    await until(
      'it says OutOfBandChange',
      60_000,
      async () => (await condition('Ready'))?.reason === 'OutOfBandChange',
    );
    await pause(5_000);
    const effects = await regionalMutations(world, startedAt);
    assert.deepEqual(effects, [], 'zero mutations before it is adopted');
    const adopt = /`(kubectl --context management patch drplan [^`]*)`/.exec(text)?.[1];
    assert.ok(adopt !== undefined);
    const typed = await shell.paste(adopt);
    assert.equal(typed.code, 0, typed.err);
    await until('it is adopted', 60_000, async () => {
      const { activeRegion } = (await plan()).status ?? {};
      return activeRegion === WEST && (await isTrue('Ready')) && (await isTrue('Protected'));
    });
    assert.deepEqual(await role(world, WEST), { recovering: false, may_log_in: true });
  });

  it('leads back as it says under Failback, planned, past whom no plan lists, and is adopted again', async () => {
    await operator.kill();
    const { prepareBack, back } = readRunbook(text);
    for (const block of prepareBack) await carryOut(shell, 'prepare', block, new Set());
    await administer(world, EAST, [
      "ALTER SYSTEM SET synchronous_standby_names = 'elsewhere'",
      'SELECT pg_reload_conf()',
    ]);
    await administer(world, WEST, strangersMade);
    const mended: string[] = [];
    const login = { user: 'billing', password: 'billing', database: 'ledger', ca: world.file.ca };
    await withClient(world.databases.servers[WEST], login, async (client) => {
      for (const step of back) await follow(shell, step, new Set(), personOf(world, shell, prepareBack, mended));
      await assert.rejects(client.query('INSERT INTO entries VALUES (1)'));
    });
    assert.deepEqual(mended, ['fence/orders: UnlistedWriter|billing|ledger', 'promote/orders: f']);
    const names = await administer(world, EAST, ['SHOW synchronous_standby_names']);
    assert.deepEqual(names, [{ synchronous_standby_names: '' }]);
    await administer(world, EAST, strangersGone);
    assert.deepEqual(await role(world, EAST), { recovering: false, may_log_in: true });
    assert.equal((await role(world, WEST)).recovering, true);
    operator = await startOperator(world.file, bundled(world, 'maestro-dr'));
    world.adopt(operator);
    await until(
      'it says OutOfBandChange',
      60_000,
      async () => (await condition('Ready'))?.reason === 'OutOfBandChange',
    );
    const commands = [...text.matchAll(/`(kubectl --context management patch drplan [^`]*)`/g)].map(
      ([, own]) => own ?? '',
    );
    const typed = await shell.paste(commands.at(-1) ?? 'false');
    assert.equal(typed.code, 0, typed.err);
    await until(
      'it is adopted',
      60_000,
      async () => (await plan()).status?.activeRegion === EAST && (await isTrue('Ready')),
    );
  });
});

interface Shown {
  readonly status?: {
    readonly activeRegion?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}

const reconstitution = /^(finish-fence|stand-down|compare|rebuild|protect)\/|^report$/;
const isReconstitution = (id: string): boolean => reconstitution.test(id);

/** What a person does who reads another answer than the one that is wanted. */
type Mend = (step: string, block: RunbookBlock, answer: string) => Promise<void>;

async function follow(shell: PersonShell, step: RunbookStep, dead: ReadonlySet<string>, mend?: Mend): Promise<void> {
  for (const block of step.blocks) {
    if (block.part !== 'Undo') await carryOut(shell, step.id, block, dead, mend);
  }
}

/** As it is printed: skipped where it says so, and repeated until it prints what it should. */
async function carryOut(
  shell: PersonShell,
  step: string,
  block: RunbookBlock,
  dead: ReadonlySet<string>,
  mend?: Mend,
): Promise<void> {
  if (block.onlyIf !== undefined && dead.has(block.onlyIf)) return;
  const late = Date.now() + 90_000;
  for (;;) {
    const { code, out, err } = await shell.paste(block.sh);
    const words = `${step}: ${block.says}\n${block.sh}\n--- ${String(code)}\n${out}\n${err}`;
    if (block.prints === undefined) {
      assert.equal(code, 0, words);
      return;
    }
    const answer = out.split('\n').at(-1) ?? '';
    if (answer === block.prints) return;
    if (block.otherwise !== undefined && answer !== '') await mend?.(step, block, answer);
    assert.ok(Date.now() < late, `It should print ${block.prints}.\n${words}`);
    await pause(500);
  }
}

const strangersMade = [
  `CREATE ROLE billing LOGIN PASSWORD 'billing'`,
  'CREATE DATABASE ledger',
  'CREATE DATABASE closed',
  'REVOKE CONNECT ON DATABASE closed FROM PUBLIC',
  'GRANT CONNECT ON DATABASE closed TO billing',
  ['ledger', 'CREATE TABLE entries (id int)'],
  ['ledger', 'GRANT INSERT ON entries TO billing'],
] as const;

const strangersGone = ['DROP DATABASE closed', 'DROP DATABASE ledger', 'DROP ROLE billing'] as const;

/** Types the command of the sentence about that answer, with what it names, as the superuser that it says one may need. */
function personOf(world: World, shell: PersonShell, prepare: readonly RunbookBlock[], mended: string[]): Mend {
  const prepared = prepare.flatMap(({ otherwise = [] }) => otherwise);
  return async (step, block, answer) => {
    const otherwise = [...(block.otherwise ?? []), ...prepared];
    const [kind, role = ''] = answer.split('|');
    const told = otherwise.find((one) => new RegExp(`^\`${kind ?? ''}[|\`]`).test(one)) ?? '';
    const as = /write `("service=[^`]*)` for `(service=[^`]*)`/.exec(otherwise.join('\n'));
    const command = /`(psql [^`]*)`/.exec(told)?.[1]?.replaceAll('WHO', role);
    assert.ok(as?.[1] !== undefined && as[2] !== undefined && command !== undefined, otherwise.join('\n'));
    const typed = `PW=${world.databases.passwords.postgres}\n${command.replace(as[2], as[1])}`;
    const { code, err } = await shell.paste(typed);
    assert.equal(code, 0, `${typed}\n${err}`);
    mended.push(`${step}: ${answer}`);
  };
}

type Statement = string | readonly [database: string, text: string];

/** @returns the rows of the last. */
async function administer(
  world: World,
  region: RegionName,
  statements: readonly Statement[],
): Promise<readonly Record<string, unknown>[]> {
  const { servers, passwords } = world.databases;
  let rows: readonly Record<string, unknown>[] = [];
  for (const statement of statements) {
    const [database, text] = typeof statement === 'string' ? (['shop', statement] as const) : statement;
    rows = await query(
      servers[region],
      { user: 'postgres', password: passwords.postgres, database, ca: world.file.ca },
      text,
    );
  }
  return rows;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const bundled = (world: World, program: string): string => join(world.file.folder, 'operator', `${program}.cjs`);

async function buildInto(world: World): Promise<void> {
  await bundle({ entry: 'src/main.ts', outfile: bundled(world, 'maestro-dr'), program: 'maestro-dr' });
  await bundle({
    entry: 'src/cli/kubectl-drplan.ts',
    outfile: bundled(world, 'kubectl-drplan'),
    program: 'kubectl-drplan',
  });
}

/** What a person has set up: one kubeconfig with a context for each cluster, AWS's variables, and the tools on the PATH. */
async function environment(world: World): Promise<Readonly<Record<string, string>>> {
  const { folder, kubeconfigs, route53Url, nameServers } = world.file;
  const bin = join(folder, 'person', 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(await kubectl(), join(bin, 'kubectl'));
  const dig = join(bin, 'dig');
  await writeFile(
    dig,
    `#!/bin/sh\nexec ${process.execPath} ${join(import.meta.dirname, '../support/dig-stand-in.ts')} "$@"\n`,
  );
  await chmod(dig, 0o755);
  const files = [kubeconfigs.management, ...REGIONS.map((region) => kubeconfigs.regions[region])];
  const parts = await Promise.all(
    files.map(async (file) => parse(await readFile(file, 'utf8')) as Record<string, unknown[]>),
  );
  const all = (field: string): unknown[] => parts.flatMap((part) => part[field] ?? []);
  const merged = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: all('clusters'),
    users: all('users'),
    contexts: all('contexts'),
    'current-context': 'management',
  };
  const kubeconfig = join(folder, 'person', 'kubeconfig');
  await writeFile(kubeconfig, stringify(merged), { mode: 0o600 });
  return {
    ...(process.env as Record<string, string>),
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    TMPDIR: join(folder, 'person'),
    KUBECONFIG: kubeconfig,
    DIG_SERVERS: nameServers.map(({ name, port }) => `${name}=${String(port)}`).join(','),
    AWS_ENDPOINT_URL_ROUTE_53: route53Url,
    AWS_ACCESS_KEY_ID: 'AKIAPERSON000000000',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AWS_REGION: 'us-west-2',
    AWS_PAGER: '',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

async function read(world: World, region: RegionName, path: string): Promise<string | undefined> {
  const object = (await world.regions[region].client.get(path).catch(() => ({}))) as {
    readonly data?: Readonly<Record<string, string>>;
  };
  return object.data?.['runbook.md'];
}

async function role(
  world: World,
  region: RegionName,
): Promise<{ readonly recovering: boolean; readonly may_log_in: boolean }> {
  const { servers, passwords } = world.databases;
  const login = { user: 'postgres', password: passwords.postgres, database: 'shop', ca: world.file.ca };
  const sql = `SELECT pg_is_in_recovery() AS recovering, (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop') AS may_log_in`;
  const [row] = await query<{ recovering: boolean; may_log_in: boolean }>(servers[region], login, sql);
  assert.ok(row !== undefined);
  return row;
}

/** What the operator has changed outside the management cluster since then, by the servers' own audit logs. */
async function regionalMutations(world: World, since: number): Promise<readonly string[]> {
  const { audits } = world.file;
  const found = await Promise.all(REGIONS.map((region) => readMutations(region, audits.regions[region])));
  return found
    .flat()
    .filter(({ at, byOperator }) => byOperator && at >= since)
    .map(({ where, what }) => `${where}: ${what}`);
}
