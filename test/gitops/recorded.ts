import type { Wire } from '../crds/objects.ts';
import { east, serverName, west } from '../scenarios/names.ts';
import { ask, planNamespace, runsPath } from '../scenarios/objects.ts';
import { blackHole, orders, runIs, settle } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { decidedStates } from './decided.ts';
import { expect, type Recorded, type Take } from './state.ts';

export type { Kstatus, Recorded } from './state.ts';

/** Tells the stories. Each is told anew, so that what is recorded is what the program writes now. */
export async function recordedStates(): Promise<readonly Recorded[]> {
  const states: Recorded[] = [];
  const take: Take = (name, object, expected) => {
    if (object === undefined) throw new Error(`${name}: there is no such object`);
    // What the models hand out goes on changing with their world.
    states.push({ name, object: structuredClone(object), ...expected });
  };
  for (const story of stories) await story(take);
  decidedStates(take);
  return states;
}

const plan = (stage: Stage): Wire => stage.person.plan();
const run = (stage: Stage): Wire | undefined => {
  const name = stage.person.run()?.metadata.name ?? '';
  return stage.world.management.hooks.read('dr.maestro.io/disasterrecoveryruns', planNamespace, name);
};
const region = (stage: Stage, name: string): Wire | undefined =>
  stage.world.management.hooks.read('dr.maestro.io/disasterrecoveryregions', '', name);
const phase = (stage: Stage): string => stage.person.run()?.status?.phase ?? '';

async function planned(take: Take): Promise<void> {
  const stage = createStage({ plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', approval: 'Always' } } });
  take('plan, applied a moment ago', plan(stage), expect('InProgress', 'Progressing', /has not looked/));
  take('region, applied a moment ago', region(stage, east), expect('InProgress', 'Progressing', /has not looked/));
  await settle(stage);
  take('plan, at rest', plan(stage), expect('Current', 'Healthy', /^Active in us-east-1\.$/, 'failover'));
  take('region, answering', region(stage, east), expect('Current', 'Healthy', /answers/));
  stage.person.setActiveRegion(west);
  take('plan, moved a moment ago', plan(stage), expect('InProgress', 'Progressing', /has not looked/));
  await stage.until('the run is made', () => run(stage) !== undefined);
  take('run, made a moment ago', run(stage), expect('InProgress', 'Progressing', /has not looked/, 'pause', 'abort'));
  await stage.until('it looks', () => phase(stage) === 'Activation');
  take('run, looking', run(stage), expect('InProgress', 'Progressing', /./, 'pause', 'abort'));
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  await stage.pass(1_000);
  const awaited = /A person is awaited: .*waits for a person\..* Type: kubectl patch drrun checkout-1 /;
  take('run, waiting for approval', run(stage), expect('InProgress', 'Suspended', awaited, 'pause', 'abort'));
  take('plan, its run waiting for approval', plan(stage), expect('InProgress', 'Suspended', /waits for a person/));
  stage.person.answer('ApprovalRequired');
  await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.intent !== undefined);
  await stage.pass(100);
  take('run, fencing', run(stage), expect('InProgress', 'Progressing', /./, 'pause', 'abort'));
  take('plan, moving', plan(stage), expect('InProgress', 'Progressing', /^checkout-1: /));
  await stage.until('it promotes', () => stage.person.step('promote/orders')?.intent !== undefined);
  take('run, promoting', run(stage), expect('InProgress', 'Progressing', /./, 'pause'));
  await stage.until('it is moved', () => phase(stage) === 'Reconstitution');
  take('run, tidying up', run(stage), expect('InProgress', 'Progressing', /./, 'pause'));
  await runIs(stage, 'Succeeded');
  take('run, succeeded', run(stage), expect('Current', 'Healthy', /protected again/));
  take('plan, moved', plan(stage), expect('Current', 'Healthy', /^Active in us-west-2\.$/, 'failover'));
  // Gone, once whatever holds it up lets go.
  const deleted = {
    ...plan(stage),
    metadata: { ...(plan(stage)['metadata'] as Wire), deletionTimestamp: '2026-03-01T04:00:00Z' },
  };
  take('plan, being deleted', deleted, expect('Terminating', 'Healthy', /./, 'failover'));
}

async function paused(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('it runs', () => phase(stage) === 'Activation');
  stage.person.patchRun({ desiredState: 'Paused' });
  await stage.until('it is paused', () =>
    (stage.person.run()?.status?.steps ?? []).some((step) => step.waitsFor?.reason === 'Paused'),
  );
  await stage.pass(500);
  take('run, paused', run(stage), expect('InProgress', 'Suspended', /A person is awaited/, 'resume', 'abort'));
  take('plan, its run paused', plan(stage), expect('InProgress', 'Suspended', /A person is awaited: checkout-1: /));
}

async function forced(take: Take): Promise<void> {
  const stage = createStage({
    plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', deadlines: { fence: '20s' } } },
  });
  await settle(stage);
  blackHole(stage);
  await stage.pass(30_000);
  take('region, silent', region(stage, east), expect('InProgress', 'Degraded', /does not answer/));
  take('plan, its active region silent', plan(stage), expect('Current', 'Healthy', /^Active in us-east-1/, 'failover'));
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for proof', () => stage.person.isAskedFor('FenceNotProven'));
  await stage.pass(500);
  const unproven = /^A person is awaited: The writer of orders .* Type: kubectl patch drrun checkout-1 .*attestations/;
  take('run, its fence not proven', run(stage), expect('InProgress', 'Suspended', unproven, 'pause', 'abort'));
  await stage.until('the plan has seen it', () => stage.person.condition('Reconciling')?.reason === 'PersonAwaited');
  take('plan, its run’s fence not proven', plan(stage), expect('InProgress', 'Suspended', /The writer of orders/));
  await stage.until('the fence is late', () => stage.person.step('fence/orders')?.state === 'Blocked');
  await stage.pass(500);
  take('run, its fence not proven in time', run(stage), expect('InProgress', 'Suspended', unproven, 'pause', 'abort'));
}

/** Nobody's word helps: what is missing has to come. */
async function late(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  ask(stage.world.clusters[west], 'DELETE', '/apis/apps/v1/namespaces/payments/deployments/api');
  stage.person.setActiveRegion(west);
  await stage.until('it is late', () => stage.person.step('preflight/api')?.state === 'Blocked');
  await stage.pass(500);
  const missing = /^Step preflight\/api is past its deadline: .*does not exist in us-west-2; deploy it there/;
  take(
    'run, missing a workload in the target',
    run(stage),
    expect('InProgress', 'Degraded', missing, 'pause', 'abort'),
  );
}

async function unproven(take: Take): Promise<void> {
  const failover = { cooldown: '10m', drain: '5s', soak: '5s', deadlines: { fence: '20s' }, fencing: 'BestEffort' };
  const stage = createStage({ plan: { failover } });
  await settle(stage);
  blackHole(stage);
  await stage.pass(2_000);
  stage.person.setActiveRegion(west);
  await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
  stage.person.answer('ApprovalRequired');
  await stage.until('it asks for the loss', () => stage.person.isAskedFor('DataLossUnaccepted'));
  await stage.pass(500);
  take(
    'run, waiting for the loss to be accepted',
    run(stage),
    expect('InProgress', 'Suspended', /would lose .*Type: /, 'pause', 'abort'),
  );
  stage.person.answer('DataLossUnaccepted');
  await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
  await stage.pass(10_000);
  take(
    'plan, an old writer not proven fenced',
    plan(stage),
    expect('InProgress', 'Degraded', /Not proven fenced: orders in us-east-1/),
  );
}

async function aborted(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('it has scaled up', () => stage.person.step('pre-scale/api')?.intent !== undefined);
  stage.person.patchRun({ desiredState: 'Aborted' });
  await stage.until('it turns back', () => phase(stage) === 'Aborting');
  take('run, turning back', run(stage), expect('InProgress', 'Progressing', /Aborting/, ...[]));
  await runIs(stage, 'Aborted');
  take('run, aborted', run(stage), expect('Failed', 'Degraded', /Aborted: A person asked for it/));
  take('plan, its run aborted', plan(stage), expect('InProgress', 'Suspended', /checkout-1 was aborted/));
  stage.person.patchRun({ abandon: { by: 'ana', reason: 'too late' } });
  await stage.pass(2_000);
  take(
    'run, aborted, and asked for something afterwards',
    run(stage),
    expect('Failed', 'Degraded', /Aborted: A person/),
  );
  // Another Run of an epoch that is over.
  const { metadata, spec } = run(stage) as { readonly metadata: Wire; readonly spec: Wire };
  ask(stage.world.management, 'DELETE', `${runsPath}/${String(metadata['name'])}`);
  ask(stage.world.management, 'POST', runsPath, {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRun',
    metadata: { name: metadata['name'], namespace: planNamespace },
    spec: { ...spec, desiredState: 'Running' },
  });
  await runIs(stage, 'Superseded');
  take('run, restored from a backup', run(stage), expect('Failed', 'Degraded', /Not the current run/));
}

async function turnedBack(take: Take): Promise<void> {
  const stage = createStage({ plan: { failover: { deadlines: { position: '20s' } } } });
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
  orders(stage).pauseReplay(serverName('orders', west), true);
  await stage.until('it waits for the position', () => stage.person.step('position/orders')?.state === 'Running');
  orders(stage).kill(serverName('orders', east));
  await stage.until('it turns back', () => stage.person.step('fence/orders')?.state === 'Undoing');
  await stage.pass(5_000);
  const held = /Step fence\/orders: The fence of orders in us-east-1 is taken back as soon as it can be seen/;
  take('run, turning back from a source that is gone', run(stage), expect('InProgress', 'Progressing', held, 'pause'));
}

async function abandoned(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
  stage.world.postgresql.orders?.pauseReplay(serverName('orders', west), true);
  await stage.until('the source is fenced', () => stage.person.step('fence/orders')?.outcome !== undefined);
  stage.person.patchRun({ abandon: { by: 'ana', reason: 'it is done by hand' } });
  await runIs(stage, 'Abandoned');
  take('run, abandoned', run(stage), expect('Failed', 'Degraded', /./));
  stage.person.setActiveRegion(east);
  await stage.until('it says what is left', () => stage.person.condition('Ready')?.reason === 'RunAbandoned');
  take(
    'plan, its run abandoned with a fence standing',
    plan(stage),
    expect('InProgress', 'Suspended', /checkout-1 was abandoned, and database orders is still fenced/),
  );
}

async function reverted(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
  stage.person.setActiveRegion(east);
  await runIs(stage, 'Succeeded');
  take(
    'plan, set back behind the fence',
    plan(stage),
    expect('InProgress', 'Suspended', /activeRegion was set back to us-east-1/),
  );
}

async function observed(take: Take): Promise<void> {
  const stage = createStage({ plan: { enforcement: 'Observe' } });
  await settle(stage);
  stage.person.setActiveRegion(west);
  await runIs(stage, 'Succeeded');
  take('plan in Observe, moved', plan(stage), expect('InProgress', 'Suspended', /nothing was changed/));
}

async function mismatched(take: Take): Promise<void> {
  const stage = createStage({ plan: { activeRegion: west } });
  await stage.until('it says so', () => stage.person.condition('Ready')?.reason === 'ActiveRegionMismatch');
  take('plan, naming the wrong region', plan(stage), expect('InProgress', 'Suspended', /writes in us-east-1/));
  stage.person.setActiveRegion(east);
  await settle(stage);
  orders(stage).link(serverName('orders', west)).cut();
  await stage.until('it is not protected', () => stage.person.condition('Protected')?.status === 'False');
  take(
    'plan, not protected',
    plan(stage),
    expect('Current', 'Healthy', /^Active in us-east-1\. Not protected: .*does not stream/, 'failover'),
  );
}

/** By a person's Run, which the field does not follow; and under a halt, which holds nothing of a person's. */
async function overridden(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  ask(stage.world.management, 'POST', '/api/v1/namespaces/maestro-dr-system/configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'maestro-dr-halt', namespace: 'maestro-dr-system' },
    data: { by: 'ana', reason: 'a change of the network' },
  });
  await stage.until('it is halted', () => stage.person.condition('Halted')?.status === 'True');
  await stage.pass(6_000);
  take('plan, under a halt', plan(stage), expect('Current', 'Healthy', /Halted by ana/, 'failover'));
  const { uid, name } = plan(stage)['metadata'] as { readonly uid: string; readonly name: string };
  ask(stage.world.management, 'POST', runsPath, {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRun',
    metadata: { name: `${name}-1`, namespace: planNamespace },
    spec: { planRef: { name, uid }, epoch: 1, targetRegion: west, type: 'Switchover' },
  });
  await runIs(stage, 'Succeeded');
  take('run of a person, succeeded', run(stage), expect('Current', 'Healthy', /protected again/));
  take(
    'plan, moved by a person’s Run',
    plan(stage),
    expect('InProgress', 'Suspended', /A Run made by a person, checkout-1, has moved it to us-west-2/),
  );
}

async function refused(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  const { workloads } = plan(stage)['spec'] as { readonly workloads: readonly Wire[] };
  const [first] = workloads;
  stage.person.patchPlan({ workloads: [...workloads, { ...first, name: 'again' }] });
  await stage.until('it is refused', () => stage.person.condition('Accepted')?.reason === 'Malformed');
  take('plan, contradicting itself', plan(stage), expect('Failed', 'Degraded', /already the target/));
  stage.person.patchPlan({ workloads });
  await stage.until('it is ready', () => stage.person.condition('Ready')?.status === 'True');
  take('plan, mended', plan(stage), expect('Current', 'Healthy', /^Active in us-east-1/, 'failover'));
  const path = `/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions/${west}`;
  ask(stage.world.management, 'PATCH', path, { spec: { grants: [] } });
  await stage.until('it is refused', () => stage.person.condition('Ready')?.reason === 'NotAccepted');
  take('plan, without a grant', plan(stage), expect('InProgress', 'Degraded', /NotGranted/));
}

async function regions(take: Take): Promise<void> {
  const stage = createStage();
  await settle(stage);
  const twin = { cluster: { kubeconfigSecretRef: { name: east } } };
  const path = '/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions';
  const make = (name: string, spec: Wire): void =>
    void ask(stage.world.management, 'POST', path, {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRegion',
      metadata: { name },
      spec,
    });
  make('twin', twin);
  make('keyless', { cluster: { kubeconfigSecretRef: { name: 'not-there' } } });
  await stage.pass(15_000);
  take('region, another one’s cluster', region(stage, 'twin'), expect('Failed', 'Degraded', /same cluster/));
  take('region without a kubeconfig', region(stage, 'keyless'), expect('InProgress', 'Degraded', /not-there/));
}

const stories = Object.freeze([
  planned,
  paused,
  forced,
  late,
  unproven,
  aborted,
  turnedBack,
  abandoned,
  reverted,
  observed,
  overridden,
  mismatched,
  refused,
  regions,
]);
