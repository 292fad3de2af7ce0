import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { west } from '../decide/support/plans.ts';
import { cli, planObject, type Said } from './fixtures.ts';

const file = readFileSync(new URL('../../docs/examples/checkout.yaml', import.meta.url), 'utf8');

describe('the plan of a file', () => {
  const inTwo = `${file.replaceAll('namespace: payments', 'namespace: staging')}\n---\n${file}`;
  const from = async (text: string, ...more: readonly string[]): Promise<Said> =>
    await cli(['runbook', 'checkout', '--to', west, '-f', 'p', ...more], {}, { files: { p: text } });
  it('asks which of two plans of one name is meant, rather than take the first', async () => {
    const said = await from(inTwo);
    assert.match(
      said.err,
      /p holds 2 DisasterRecoveryPlans checkout, those of staging and payments: say which with -n/,
    );
    assert.equal(said.code, exitCodes.usage);
    assert.equal(said.out, '');
    assert.match((await from(inTwo, '-n', 'payments')).out, /Runbook: payments\/checkout to/);
    assert.match((await from(inTwo, '-n', 'staging')).out, /Runbook: staging\/checkout to/);
    const neither = await from(inTwo, '-n', 'billing');
    assert.match(neither.err, /no DisasterRecoveryPlan checkout in billing; it has that of staging and payments/);
    assert.equal(neither.code, exitCodes.notFound);
    assert.match((await from(`${file}\n---\n${file}`)).err, /holds 2 .* checkout, leave one of them in it/);
  });
  it('finds the plan in a list, as kubectl get writes it', async () => {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'Pod' }, planObject()] });
    assert.match((await from(list)).out, /Runbook: payments\/checkout to/);
  });
  it('refuses a context for a cluster that the plan has not', async () => {
    const said = await from(file, '--cluster-context', 'us-west2=prod-west');
    assert.match(said.err, /"us-west2=prod-west" names no cluster of checkout: say us-east-1, us-west-2, management/);
    assert.equal(said.code, exitCodes.usage);
  });
});
