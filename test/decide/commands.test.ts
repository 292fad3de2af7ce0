import assert from 'node:assert/strict';
import { acceptLossCommand, approveCommand, attestCommand, modeCommand } from '../../src/decide/commands.ts';
import { start } from './support/facts.ts';
import { anAttestation, contextFor } from './support/runs.ts';

describe('commands', () => {
  const spec = (command: string): unknown =>
    JSON.parse(/^kubectl patch drrun checkout-7 -n payments --type=merge -p '(.*)'$/.exec(command)?.[1] ?? '');
  it('can be pasted', () => {
    const ctx = contextFor();
    assert.deepEqual(spec(modeCommand(ctx, 'Forced')), { spec: { mode: 'Forced' } });
    assert.deepEqual(spec(acceptLossCommand(ctx, 61_001)), {
      spec: { acceptDataLoss: { max: '62s', by: 'YOUR-NAME', reason: 'YOUR-REASON' } },
    });
    assert.deepEqual(spec(approveCommand(ctx, 'Cooldown', 'hash')), {
      spec: { approvals: [{ gate: 'Cooldown', by: 'YOUR-NAME', reason: 'YOUR-REASON', evidenceHash: 'hash' }] },
    });
    assert.deepEqual(spec(attestCommand(ctx, 'orders')), {
      spec: {
        attestations: [
          { target: 'orders', kind: 'Fenced', at: 'UTC-TIME-IT-STOPPED', by: 'YOUR-NAME', reason: 'HOW-YOU-KNOW' },
        ],
      },
    });
  });
  it('keep what was attested of others, since a list is replaced as a whole', () => {
    const attestations = [anAttestation('ledger', start), anAttestation('orders', start)];
    const found = JSON.stringify(spec(attestCommand(contextFor({ run: { attestations } }), 'orders')));
    assert.match(found, /"target":"ledger","kind":"Fenced","at":"2030-01-01T00:00:00/);
    assert.equal(found.split('"target":"orders"').length, 2, 'one for each target');
  });
});
