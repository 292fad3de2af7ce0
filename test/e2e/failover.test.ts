import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/build.ts';
import { sampleMapName, sampleMapsAtMost } from '../../src/api/samples.ts';
import { collect, type Parts } from '../../src/sandbox/demo/collect.ts';
import { ending } from '../../src/sandbox/demo/ending.ts';
import type { Evidence } from '../../src/sandbox/demo/evidence.ts';
import { judge, RULES } from '../../src/sandbox/demo/judge/index.ts';
import { comeBack, forcedOutage, plannedReturn, setStage, theEnd } from '../../src/sandbox/demo/script.ts';
import type { Stage } from '../../src/sandbox/demo/stage.ts';
import { createPlainView } from '../../src/sandbox/demo/view.ts';
import { EAST, NAMESPACE, REGIONS, WEST } from '../../src/sandbox/world/names.ts';
import { operatorLog } from '../../src/sandbox/world/operator.ts';
import { startWorld, type World } from '../../src/sandbox/world/world.ts';
import { createLedger, rulesOf } from '../packaging/rbac.ts';
import { recordTable } from '../support/report-lines.ts';
import type { Access } from './world/audit.ts';
import type { Start } from './world/control-plane-config.ts';
import { addWorkloads, moreWorkloads } from './world/more-workloads.ts';
import { builtControlPlane } from './world/programs.ts';
import { filesOf, startRealCluster } from './world/real-cluster.ts';
import { installedObjects } from './world/installation.ts';
import { rightsOf } from './world/rights.ts';

const BUNDLE = join(ROOT, 'dist', 'maestro-dr.cjs');

/**
 * The demo's whole story, its clients and its witnesses, on three real control planes: the east is lost, comes back,
 * and everything is moved back as planned. The operator is the bundle that ships, with the rights that it is installed
 * with and no more.
 */
describe('a forced failover, the return and a planned one, on real API servers', function () {
  this.timeout(600_000);

  const said: string[] = [];
  const begun = Date.now();
  let world: World | undefined;
  let stage: Stage | undefined;
  let reports: string;
  let parts: Parts = {};
  let evidence: Evidence | undefined;

  before(async () => {
    assert.ok(existsSync(BUNDLE), 'dist/maestro-dr.cjs is not there: run make build first');
    const programs = builtControlPlane();
    reports = await mkdtemp(join(tmpdir(), 'maestro-reports-'));
    world = await startWorld({ cluster: (options) => startRealCluster(programs, options) });
    await addWorkloads(world);
    const bundle = join(world.file.folder, 'operator', 'maestro-dr.cjs');
    await copyFile(BUNDLE, bundle);
    const view = createPlainView((text) => {
      said.push(text);
    }, Date.now);
    stage = await setStage(world, bundle, reports, view);
  });
  after(async () => {
    await world?.stop();
    await rm(reports, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed' || world === undefined) return;
    const log = await readFile(operatorLog(world.file.folder), 'utf8');
    recordTable('What was seen until it failed', said.join(''));
    recordTable('The operator’s last lines', log.split('\n').slice(-30).join('\n'));
  });

  it('fails over by force: the east is lost, a person vouches for its end', async () => {
    const forced = await forcedOutage(there(stage));
    parts = { forced };
    assert.equal(forced.reported.mode, 'Forced');
  });

  it('fences, compares, preserves and rebuilds the east when it comes back', async () => {
    const { forced } = parts;
    assert.ok(forced !== undefined);
    const back = await comeBack(there(stage), forced);
    parts = { ...parts, back };
    assert.equal(back.reported.phase, 'Succeeded');
    assert.deepEqual(await moreWorkloads(there(world), WEST), { wanted: 3, ready: 3, scheduled: true });
    assert.deepEqual(await moreWorkloads(there(world), EAST), { wanted: 1, ready: 1, scheduled: false });
  });

  it('moves back as planned', async () => {
    const planned = await plannedReturn(there(stage));
    parts = { ...parts, planned };
    assert.equal(planned.reported.phase, 'Succeeded');
    assert.deepEqual(await moreWorkloads(there(world), EAST), { wanted: 3, ready: 3, scheduled: true });
    assert.deepEqual(await moreWorkloads(there(world), WEST), { wanted: 1, ready: 1, scheduled: false });
  });

  it('does nothing any more when nothing is left to do, and every invariant holds by what the witnesses saw', async () => {
    parts = { ...parts, end: await theEnd(there(stage)) };
    evidence = await collect(there(stage), parts);
    const verdicts = judge(evidence);
    recordTable(
      'On real API servers',
      ending({ evidence, verdicts, stopped: undefined, reports, totalMs: Date.now() - begun }),
    );
    assert.deepEqual(
      verdicts.filter(({ holds }) => !holds),
      [],
    );
    assert.equal(verdicts.length, Object.keys(RULES).length, 'each of them had something to judge');
  });

  it('writes in a region only as the account of the plan’s namespace', async () => {
    for (const region of REGIONS) {
      const writes = (await accesses(there(world), region)).filter(
        ({ verb }) => !['get', 'list', 'watch'].includes(verb),
      );
      assert.ok(writes.length > 0, `${region} saw no write`);
      assert.deepEqual(
        writes.filter(({ impersonated }) => impersonated !== `system:serviceaccount:${NAMESPACE}:maestro-dr`),
        [],
      );
    }
  });

  it('is refused nothing that it asks for', async () => {
    for (const cluster of ['management', EAST, WEST]) {
      const starts = await linesOf<Start>(filesOf(there(world).file.folder, cluster).starts);
      const refused = (await accesses(there(world), cluster)).filter(({ code }) => code === 401 || code === 403);
      // One that comes back answers before it has read its own roles, and refuses everybody until then: the operator
      // must live with that, and has.
      const unready = ({ at }: Access): boolean => starts.some((one) => at >= one.startedAt && at <= one.readyAt);
      assert.deepEqual(
        refused.filter((access) => !unready(access)),
        [],
        cluster,
      );
    }
  });

  it('is given nothing that it does not use', async () => {
    const places = { management: ['management'], region: REGIONS } as const;
    for (const place of ['management', 'region'] as const) {
      const ledger = createLedger();
      const authorize = ledger.authorize(rulesOf(await installedObjects(place)));
      for (const name of places[place]) {
        for (const access of await accesses(there(world), name)) for (const right of rightsOf(access)) authorize(right);
      }
      assert.deepEqual(ledger.refused(), [], 'the API server decides as the authorizer of the tests does');
      assert.deepEqual(
        ledger.idle().filter((right) => !(right in NOT_IN_THE_STORY)),
        [],
        place,
      );
    }
  });
});

/** Of each kind of workload. */
const watched = ['deployments.apps', 'statefulsets.apps', 'cronjobs.batch'].flatMap((kind) =>
  ['list', 'watch'].map((verb) => [`Role maestro-dr-operator ${verb} ${kind}`, 'five plans or more'] as const),
);

const maps = Array.from({ length: sampleMapsAtMost }, (_none, number) => sampleMapName(number))
  .slice(1)
  .flatMap((name) =>
    ['get', 'patch'].map(
      (verb) => [`Role maestro-dr-operator ${verb} configmaps ${name}`, 'hundreds of plans'] as const,
    ),
  );

/** What the operator needs in cases that the story does not come to, and which they are. */
const NOT_IN_THE_STORY: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...watched, ...maps]),
  'ClusterRole maestro-dr-operator delete disasterrecoveryruns.dr.maestro.io': 'more Runs than the plan keeps',
  'ClusterRole maestro-dr-operator get disasterrecoveryregions.dr.maestro.io': 'the answer to a status was lost',
  'ClusterRole maestro-dr-operator get disasterrecoveryruns.dr.maestro.io': 'the answer to a status was lost',
  'ClusterRole maestro-dr-plan-namespace patch events': 'the same is to be said of an object again',
  'Role maestro-dr-operator list events': 'a pod of a StatefulSet cannot be made or placed',
  'Role maestro-dr patch configmaps': 'the plan has changed, and its runbooks with it',
  'Role maestro-dr get jobs.batch': 'the answer to the create of a Job was lost',
};

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the story did not come so far');
  return value;
}

async function accesses(world: World, cluster: string): Promise<readonly Access[]> {
  return await linesOf<Access>(filesOf(world.file.folder, cluster).access);
}

async function linesOf<T>(path: string): Promise<readonly T[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
