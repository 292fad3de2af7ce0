import assert from 'node:assert/strict';
import { NAMESPACE } from '../../src/sandbox/world/names.ts';
import { changed, plan, region, run, type Wire } from '../crds/objects.ts';
import { isMap } from '../crds/crds.ts';
import { createKubectl, type Kubectl } from '../support/run-kubectl.ts';
import { startLoneCluster, type LoneCluster } from './world/lone-cluster.ts';

const here = (object: Wire): Wire => changed(object, 'metadata/namespace', NAMESPACE);
const at = '2026-03-01T09:30:00Z';

/** What the operator would have written: only the columns are of interest here. */
const planStatus = {
  status: {
    observedGeneration: 1,
    activeRegion: 'us-east-1',
    acknowledgedActiveRegion: 'us-east-1',
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Converged', message: 'all is well', lastTransitionTime: at },
      { type: 'Protected', status: 'True', reason: 'Streaming', message: 'it follows', lastTransitionTime: at },
      { type: 'RPOMet', status: 'True', reason: 'WithinRPO', message: 'below 1 s', lastTransitionTime: at },
    ],
  },
};
const runStatus = {
  status: { phase: 'Recovery', mode: 'Forced', step: 'fence/orders', waitsFor: 'FenceNotProven', since: at },
};

describe('kubectl 1.35 and a real API server', function () {
  this.timeout(240_000);

  let lone: LoneCluster;
  let kubectl: Kubectl;
  before(async () => {
    lone = await startLoneCluster('management');
    kubectl = await createKubectl(lone.cluster.kubeconfigs.person);
    await kubectl.write('namespace.yaml', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await kubectl.ok('apply', '-f', 'namespace.yaml');
  });
  after(async () => {
    await kubectl.end();
    await lone.end();
  });

  it('applies from the client: created, then nothing new, then what has changed', async () => {
    await kubectl.write('objects.yaml', region, here(plan), here(run));
    const created = await kubectl.ok('apply', '-f', 'objects.yaml');
    assert.equal(created.match(/ created$/gm)?.length, 3, created);
    // Of a custom resource kubectl compares lists whole: defaults that the server has filled in inside one are a
    // difference to it, so that it says "configured". The server fills them in again, and what is wanted is the same.
    const generation = () => kubectl.ok('get', 'drplan', 'checkout', '-o', 'jsonpath={.metadata.generation}');
    assert.equal(await generation(), '1');
    const again = await kubectl.ok('apply', '-f', 'objects.yaml');
    assert.match(
      again,
      /region\S*\/us-east-1 unchanged\n.*plan\S*\/checkout configured\n.*run\S*\/checkout-7 unchanged\n$/,
    );
    assert.equal(await generation(), '1');
    await kubectl.write('objects.yaml', region, here(changed(plan, 'spec/objectives/rto', '20m')), here(run));
    assert.match(await kubectl.ok('apply', '-f', 'objects.yaml'), /drplan|disasterrecoveryplan.* configured/);
  });

  it('shows the columns that a person needs, of one kind and of all', async () => {
    const set = (kind: string, name: string, status: object) =>
      kubectl.ok('patch', kind, name, '--subresource=status', '--type=merge', '-p', JSON.stringify(status));
    await set('drplan', 'checkout', planStatus);
    await set('drrun', 'checkout-7', runStatus);
    const plans = await kubectl.ok('get', 'drplan');
    assert.match(plans, /^NAME +ACTIVE +WANTED +READY +PROTECTED +LAG +RUN +AGE\n/);
    assert.match(plans, /\ncheckout +us-east-1 +us-east-1 +True +True +WithinRPO +\S+\n$/);
    const runs = await kubectl.ok('get', 'drrun');
    assert.match(runs, /^NAME +FROM +TO +MODE +PHASE +STEP +WAITS-FOR +SINCE +RTO-LEFT\n/);
    assert.match(runs, /\ncheckout-7 +us-west-2 +Forced +Recovery +fence\/orders +FenceNotProven +\S+/);
    const regions = await kubectl.ok('get', 'drregion', '-o', 'wide');
    assert.match(regions, /^NAME +REACHABLE +ACCEPTED +CLUSTER-UID +AGE\nus-east-1 /);
    const all = await kubectl.ok('get', 'dr', '-o', 'name');
    for (const kind of ['plan/checkout', 'run/checkout-7', 'region/us-east-1']) {
      assert.ok(all.includes(kind.replace('/', '.dr.maestro.io/')), all);
    }
  });

  it('describes a plan with the events about it', async () => {
    const uid = await kubectl.ok('get', 'drplan', 'checkout', '-o', 'jsonpath={.metadata.uid}');
    await lone.cluster.api.create(`/api/v1/namespaces/${NAMESPACE}/events`, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'checkout.1', namespace: NAMESPACE },
      involvedObject: {
        apiVersion: 'dr.maestro.io/v1alpha1',
        kind: 'DisasterRecoveryPlan',
        name: 'checkout',
        namespace: NAMESPACE,
        uid,
      },
      type: 'Warning',
      reason: 'FenceIncomplete',
      message: 'the east is not proven to be fenced',
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      source: { component: 'maestro-dr' },
    });
    const said = await kubectl.ok('describe', 'drplan', 'checkout');
    assert.match(said, /Active Region: +us-east-1/);
    assert.match(said, /Warning +FenceIncomplete +.*maestro-dr +the east is not proven to be fenced/);
  });

  it('explains the API, down to a field', async () => {
    assert.match(await kubectl.ok('explain', 'drplan'), /KIND: +DisasterRecoveryPlan\nVERSION: +v1alpha1/);
    const field = await kubectl.ok('explain', 'drplan.spec.failover.fencing');
    assert.match(field, /FIELD: fencing <string>\n.*ENUM:\n +Verified\n +BestEffort\n +None\n/s);
    assert.match(await kubectl.ok('explain', 'drrun.spec.acceptDataLoss'), /max\t<string> -required-/);
    assert.match(await kubectl.ok('explain', 'drregion.spec.grants'), /FIELD: grants <\[\]Object>/);
  });

  it('waits for a condition and for a value', async () => {
    const ready = ['wait', 'drplan/checkout', '--for=condition=Ready'] as const;
    // A condition of a generation that is not the newest is none.
    assert.match((await kubectl.run(...ready, '--timeout=1s')).err, /timed out waiting for the condition/);
    await kubectl.ok(
      ...['patch', 'drplan', 'checkout', '--subresource=status', '--type=merge'],
      ...['-p', '{"status":{"observedGeneration":2}}'],
    );
    await kubectl.ok(...ready, '--timeout=60s');
    const moved = kubectl.ok(
      'wait',
      'drplan/checkout',
      '--for=jsonpath={.status.activeRegion}=us-west-2',
      '--timeout=60s',
    );
    await kubectl.ok(
      ...['patch', 'drplan', 'checkout', '--subresource=status', '--type=merge'],
      ...['-p', '{"status":{"activeRegion":"us-west-2"}}'],
    );
    assert.match(await moved, /condition met/);
    const late = await kubectl.run('wait', 'drrun/checkout-7', '--for=condition=Finished', '--timeout=1s');
    assert.match(late.err, /timed out waiting for the condition/);
  });

  it('patches, and is told what is wrong', async () => {
    const patch = (body: object) =>
      kubectl.run('patch', 'drplan', 'checkout', '--type=merge', '-p', JSON.stringify(body));
    assert.equal((await patch({ spec: { activeRegion: 'us-west-2' } })).code, 0);
    assert.match((await patch({ spec: { activeRegion: 'us-west-2' } })).out, /patched \(no change\)/);
    const nowhere = await patch({ spec: { activeRegion: 'eu-west-1' } });
    assert.match(
      nowhere.err,
      /spec\.activeRegion: Invalid value: .*activeRegion is eu-west-1, which is none of spec\.regions/,
    );
    const stale = await patch({ metadata: { resourceVersion: '1' }, spec: { activeRegion: 'us-east-1' } });
    assert.match(stale.err, /the object has been modified; please apply your changes to the latest version/);
    const strange = await kubectl.run(
      'patch',
      'drplan',
      'checkout',
      '--type=merge',
      '-p',
      '{"spec":{"activRegion":"x"}}',
    );
    assert.match(strange.out + strange.err, /unknown field "spec\.activRegion"/);
    // The status is the operator's: a patch of the object leaves it alone.
    await patch({ status: { activeRegion: 'us-east-1' } });
    assert.equal(await kubectl.ok('get', 'drplan', 'checkout', '-o', 'jsonpath={.status.activeRegion}'), 'us-west-2');
  });

  it('applies from the server: who owns a field is known, and a conflict is said', async () => {
    const own = here(changed(plan, 'metadata/name', 'ledger'));
    await kubectl.write('ledger.yaml', own);
    const apply = (manager: string, ...more: readonly string[]) =>
      kubectl.run('apply', '--server-side', `--field-manager=${manager}`, ...more, '-f', 'ledger.yaml');
    assert.match((await apply('git')).out, /ledger serverside-applied/);
    // The operator's status, written between two applies, is nobody's conflict.
    await kubectl.ok(
      'patch',
      'drplan',
      'ledger',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify(planStatus),
    );
    assert.equal((await apply('git')).code, 0);
    await kubectl.write('ledger.yaml', changed(own, 'spec/activeRegion', 'us-west-2'));
    const refused = await apply('person');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /conflict with "git": \.spec\.activeRegion/);
    assert.match((await apply('person', '--force-conflicts')).out, /serverside-applied/);
    const managers: unknown = JSON.parse(
      await kubectl.ok('get', 'drplan', 'ledger', '-o', 'json', '--show-managed-fields'),
    );
    assert.equal(ownerOf(managers, 'f:activeRegion'), 'person');
    // Lists of named things merge by name: what another has added is not taken away by an apply that knows nothing of it.
    const check = { name: 'mail', http: { url: 'https://mail.example.com/health' } };
    await kubectl.write(
      'ledger.yaml',
      changed(changed(own, 'spec/activeRegion', 'us-west-2'), 'spec/dependencyChecks/0', check),
    );
    assert.equal((await apply('mail')).code, 0);
    await kubectl.write('ledger.yaml', changed(own, 'spec/activeRegion', 'us-west-2'));
    assert.equal((await apply('git', '--force-conflicts')).code, 0);
    const names = await kubectl.ok('get', 'drplan', 'ledger', '-o', 'jsonpath={.spec.dependencyChecks[*].name}');
    assert.deepEqual(names.split(' ').toSorted(), ['idp', 'mail']);
  });

  it('deletes, and waits until it is gone', async () => {
    await kubectl.ok('delete', 'drplan', 'ledger', '--wait', '--timeout=60s');
    assert.match((await kubectl.run('get', 'drplan', 'ledger')).err, /NotFound/);
  });
});

/** The manager of the one entry of managedFields that has this key below `f:spec`. */
function ownerOf(object: unknown, key: string): unknown {
  const metadata = isMap(object) && isMap(object['metadata']) ? object['metadata'] : {};
  const entries: readonly unknown[] = Array.isArray(metadata['managedFields']) ? metadata['managedFields'] : [];
  const owner = entries.find((entry) => {
    const fields = isMap(entry) && isMap(entry['fieldsV1']) ? entry['fieldsV1'] : {};
    return isMap(fields['f:spec']) && key in fields['f:spec'];
  });
  return isMap(owner) ? owner['manager'] : undefined;
}
