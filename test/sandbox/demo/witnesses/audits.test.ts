import assert from 'node:assert/strict';
import { mutationsOf, OPERATOR } from '../../../../src/sandbox/demo/witnesses/audits.ts';

const entry = (resource: string, name: string, more: Readonly<Record<string, string | boolean>> = {}) => ({
  at: 1,
  user: OPERATOR,
  verb: 'patch',
  group: '',
  resource,
  namespace: 'shop',
  name,
  changed: true,
  dryRun: false,
  ...more,
});

describe('the audit of an API server, as a witness', () => {
  const impersonated = 'system:serviceaccount:shop:maestro-dr';

  it('tells the operator’s notes of itself from what it does to others', () => {
    const [samples, runbook, lease, status, other, scaled] = mutationsOf('us-east-1', [
      entry('configmaps', 'maestro-dr-samples-0'),
      entry('configmaps', 'checkout-runbook-us-west-2', { impersonated }),
      entry('leases', 'maestro-dr', { group: 'coordination.k8s.io' }),
      entry('disasterrecoveryruns', 'checkout-1', { group: 'dr.maestro.io', subresource: 'status' }),
      entry('configmaps', 'postgresql', { impersonated }),
      entry('deployments', 'shop', { group: 'apps', subresource: 'scale', impersonated }),
    ]);
    for (const own of [samples, runbook, lease, status]) assert.equal(own?.housekeeping, true, own?.what);
    for (const effect of [other, scaled]) assert.equal(effect?.housekeeping, false, effect?.what);
    assert.equal(scaled?.byOperator, true, 'whomever it acted as');
    assert.equal(scaled.who, impersonated);
    assert.equal(scaled.what, 'patch deployments/scale shop/shop');
  });

  it('does not count what changed nothing, nor what was only tried, nor what another did as housekeeping', () => {
    assert.deepEqual(
      mutationsOf('a', [entry('pods', 'a', { changed: false }), entry('pods', 'b', { dryRun: true })]),
      [],
    );
    const [person] = mutationsOf('a', [entry('configmaps', 'maestro-dr-samples-0', { user: 'dana@example.com' })]);
    assert.deepEqual([person?.byOperator, person?.housekeeping], [false, false]);
  });
});
