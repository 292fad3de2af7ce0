import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createOperatorBed, type OperatorBed } from '../support/operator-process.ts';
import { until } from '../support/postgresql.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const leaseMs = 5_000;
const env = {
  MAESTRO_LEASE: '5s',
  MAESTRO_EFFECT_TIMEOUT: '1s',
  MAESTRO_REGION_INTERVAL: '1s',
  MAESTRO_METRICS_ADDRESS: 'off',
};

function holder({ api }: OperatorBed): string | undefined {
  const lease = api.hooks.read('coordination.k8s.io/leases', 'maestro-dr-system', 'maestro-dr');
  const { holderIdentity } = (lease?.spec ?? {}) as { readonly holderIdentity?: string };
  return holderIdentity?.split('_')[0];
}

describe('a real process that is stopped for longer than its lease', function () {
  this.timeout(600_000);
  let bed: OperatorBed;

  before(async () => {
    bed = await createOperatorBed(['first', 'second']);
    bed.person('POST', '/apis/dr.maestro.io/v1alpha1/disasterrecoveryregions', {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRegion',
      metadata: { name: 'here' },
      spec: { cluster: { inCluster: {} } },
    });
  });
  after(async () => {
    await bed.end();
  });

  it('is replaced, and changes nothing when it goes on', async () => {
    const first = await bed.start('first', MAIN, env);
    await until('the first leads', () => holder(bed) === 'first');
    await bed.start('second', MAIN, env);
    await until('the first works', () =>
      bed.audit.some(({ user, resource }) => user === 'first' && resource === 'disasterrecoveryregions'),
    );
    // Long enough that the second has seen the Lease, and would wait it out.
    await until('the second contends', async () => (await logOf('second')).includes('maestro-dr started'));
    await pause(leaseMs);

    process.kill(first.pid, 'SIGSTOP');
    const stoppedAt = Date.now();
    await until('the second leads', () => holder(bed) === 'second', 240_000);
    const replacedAfter = Date.now() - stoppedAt;
    assert.ok(
      replacedAfter >= leaseMs - leaseMs / 3,
      `after ${String(replacedAfter)} ms: not before the lease had run out`,
    );
    await pause(leaseMs);
    const before = bed.audit.length;
    process.kill(first.pid, 'SIGCONT');
    await until('the first knows', async () => (await logOf('first')).includes('lease lost'), 30_000);
    await pause(2 * leaseMs);

    const changed = bed.audit.slice(before).filter(({ changed: did }) => did);
    assert.deepEqual(
      changed.filter(({ user }) => user === 'first').map(({ verb, resource }) => `${verb} ${resource}`),
      [],
      'by the audit log',
    );
    assert.ok(
      changed.some(({ user }) => user === 'second'),
      'the second renews its lease all the while',
    );
    assert.equal(holder(bed), 'second');
  });

  async function logOf(user: string): Promise<string> {
    return await readFile(join(bed.folder, `${user}.log`), 'utf8');
  }
});
