import assert from 'node:assert/strict';
import { fieldOwner } from '../../src/controller/field-owner.ts';
import { withoutLedgers } from '../../src/controller/kept.ts';
import type { KubeObject } from '../../src/kube/object.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const plan: KubeObject = {
  apiVersion: 'dr.maestro.io/v1alpha1',
  kind: 'DisasterRecoveryPlan',
  metadata: {
    name: 'checkout',
    namespace: 'payments',
    uid: 'u',
    resourceVersion: '7',
    generation: 3,
    annotations: { [lastApplied]: '{"all":"again"}', 'example.com/team': 'payments' },
    managedFields: [
      { manager: 'argocd-controller', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:objectives': { 'f:rto': {} } } } },
      { manager: 'kubectl-patch', fieldsV1: { 'f:spec': { 'f:activeRegion': {}, 'f:drills': {} } } },
      { manager: 'maestro-dr', subresource: 'status', fieldsV1: { 'f:status': { 'f:epoch': {} } } },
    ],
  },
  spec: { activeRegion: 'us-west-2' },
  status: { epoch: 4 },
};

describe('what is held of an object', () => {
  it('is all of it but the ledger of fields and the copy that kubectl leaves', () => {
    const held = withoutLedgers(plan);
    const { annotations, managedFields, ...metadata } = held.metadata;
    assert.deepEqual(annotations, { 'example.com/team': 'payments' });
    assert.deepEqual(metadata, {
      name: 'checkout',
      namespace: 'payments',
      uid: 'u',
      resourceVersion: '7',
      generation: 3,
    });
    assert.deepEqual([held.spec, held.status], [plan.spec, plan.status]);
    assert.ok(JSON.stringify(managedFields).length < 120, JSON.stringify(managedFields));
  });

  it('still tells who set the active region', () => {
    assert.equal(fieldOwner(plan), 'kubectl-patch');
    assert.equal(fieldOwner(withoutLedgers(plan)), 'kubectl-patch');
  });

  it('invents nothing where there was nothing', () => {
    const { annotations: _annotations, managedFields: _managed, ...metadata } = plan.metadata;
    assert.deepEqual(withoutLedgers({ ...plan, metadata }).metadata, metadata);
  });
});
