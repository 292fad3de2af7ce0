import assert from 'node:assert/strict';
import type { Wire } from '../crds/objects.ts';
import { failOver, loseTheEast, theEastReturns } from '../scenarios/outage.ts';
import { east, west, zoneId } from '../scenarios/names.ts';
import { ask, planNamespace } from '../scenarios/objects.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { workloadCast } from '../scenarios/workload-cast.ts';
import type { Fault } from '../simulation/kernel/index.ts';
import { createLedger, rulesOf, type Ledger } from './rbac.ts';
import { charted, kustomized } from './rendered.ts';

interface More {
  readonly without?: (object: Wire) => boolean;
  readonly faults?: readonly Fault[];
  /** StatefulSets and CronJobs in place of the Deployment. */
  readonly cast?: typeof workloadCast;
  /** From so many plans on workloads are watched. */
  readonly fleetFrom?: number;
}

const alreadyExists = {
  status: 409,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'AlreadyExists', code: 409 }),
};

/** Replies that are lost: what was written is looked at before anything is done about it. */
const lostReplies: readonly Fault[] = [
  { label: 'kube.patch', detail: '*disasterrecoveryruns/*/status*', occurrence: 4, do: 'drop-reply', seen: 'reset' },
  { label: 'kube.patch', detail: '*disasterrecoveryregions/*/status*', occurrence: 1, do: 'drop-reply', seen: 'reset' },
  // A proxy sent it twice, and the second answer came back.
  { label: 'kube.create', detail: '*/jobs*', occurrence: 1, do: 'error', effect: 'after', error: alreadyExists },
];

/** A world in which each cluster holds the operator to what its manifests grant, and nothing more. */
async function restricted(ledger: Ledger, more: More = {}): Promise<Stage> {
  const { without = () => false, faults = [], cast = {}, fleetFrom = 5 } = more;
  const management = (await charted('--set', 'planNamespaces={payments}')).filter((object) => !without(object));
  const target = [...(await kustomized('target/cluster')), ...(await kustomized('target/namespace'))];
  return createStage({
    ...cast,
    faults,
    config: { fleetFrom },
    // Of old Runs none is kept beside the newest.
    plan: { ...cast.plan, historyLimit: 1, failover: { cooldown: '0s', drain: '5s', soak: '5s' } },
    authorize: (cluster) =>
      ledger.authorize(rulesOf(cluster === 'management' ? management : target.filter((object) => !without(object)))),
  });
}

async function moved(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  stage.person.setActiveRegion(west);
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
}

/** As one of many: its workloads are watched. */
async function asAFleet(stage: Stage): Promise<void> {
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
}

/** Of each type the newest Run stays: the third leaves one to be removed. */
async function toAndFro(stage: Stage): Promise<void> {
  for (const region of [east, west]) {
    const before = stage.person.run()?.metadata.name;
    stage.person.setActiveRegion(region);
    await stage.until(`it is back in ${region}`, () => stage.person.run()?.metadata.name !== before && over(stage));
    await stage.pass(10_000);
  }
  await stage.until('one Run is removed', () => stage.person.runs().length === 2);
}

const over = (stage: Stage): boolean => stage.person.run()?.status?.phase === 'Succeeded';

/** Another objective makes other runbooks of those that lie in the regions. */
async function changed(stage: Stage): Promise<void> {
  const runbook = (): string =>
    JSON.stringify(
      stage.world.clusters[west].hooks.read('/configmaps', planNamespace, `checkout-runbook-${east}`) ?? {},
    );
  await stage.until('there is a runbook', () => runbook().includes('15m'));
  stage.person.patchPlan({ objectives: { rto: '25m' } });
  await stage.until('it is another', () => runbook().includes('25m'));
}

/** The same trouble twice counts up one Event. */
async function twiceRefused(stage: Stage): Promise<void> {
  const region = `/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions/${west}`;
  const grant = (grants: readonly unknown[]): void =>
    void ask(stage.world.management, 'PATCH', region, { spec: { grants } });
  for (const round of [1, 2]) {
    grant([]);
    const ready = (): string | undefined => stage.person.condition('Ready')?.reason;
    await stage.until(`refused for the ${String(round)}. time`, () => ready() === 'NotAccepted');
    grant([{ namespace: planNamespace, hostedZoneIds: [zoneId] }]);
    await stage.until('ready again', () => ready() === 'Active');
  }
  await stage.pass(10_000);
}

/** What the plan says has changed, so its runbooks say it, too. */
async function otherObjectives(stage: Stage): Promise<void> {
  const texts = (): string => JSON.stringify(stage.world.clusters[west].hooks.list('/configmaps', planNamespace));
  await stage.until('there is a runbook in the west', () => texts().includes('checkout-runbook-'));
  stage.person.patchPlan({ objectives: { rto: '47m' } });
  await stage.until('it tells the new objective', () => texts().includes('47m'));
}

describe('RBAC of the chart and of deploy/target', function () {
  this.timeout(300_000);

  it('is all that the program asks for, and nothing that it does not', async () => {
    const ledger = createLedger();
    const planned = await restricted(ledger);
    await moved(planned);
    await twiceRefused(planned);
    await changed(planned);
    await toAndFro(planned);

    await otherObjectives(planned);
    await moved(await restricted(ledger, { cast: workloadCast }));
    await restricted(ledger, { cast: workloadCast, fleetFrom: 1 }).then(asAFleet);
    await restricted(ledger, { fleetFrom: 1 }).then(asAFleet);

    const forced = await restricted(ledger, { faults: lostReplies });
    const killedAt = await loseTheEast(forced);
    await failOver(forced, killedAt);
    await forced.pass(20_000);
    await theEastReturns(forced);
    await forced.until('the run is over', () => forced.person.run()?.status?.phase === 'Succeeded');

    assert.deepEqual(forced.kernel.unmet(), []);

    assert.deepEqual(ledger.refused(), []);
    // Hundreds of plans take more maps than one: test/controller/sample-keeper.test.ts.
    const few = ledger.idle().filter((right) => !/ configmaps maestro-dr-samples-[1-9]\d*$/.test(right));
    assert.deepEqual(few, []);
  });

  it('decides: without the right to scale in the target, the run says what it lacks', async () => {
    const ledger = createLedger();
    const stage = await restricted(ledger, {
      without: ({ kind, roleRef }) => kind === 'RoleBinding' && JSON.stringify(roleRef).includes('"name":"maestro-dr"'),
    });
    await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
    await stage.pass(12_000);
    stage.person.setActiveRegion(west);
    await stage.until('it is told', () => JSON.stringify(stage.person.run()?.status ?? {}).includes('Forbidden'));
    assert.match(ledger.refused().join('\n'), /system:serviceaccount:payments:maestro-dr get deployments\/scale/);
  });
});
