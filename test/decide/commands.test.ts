import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { parseDuration } from '../../src/api/duration.ts';
import {
  acceptLossCommand,
  approveCommand,
  attestCommand,
  modeCommand,
  retryCommand,
  skipCommand,
  takeoverCommand,
} from '../../src/decide/commands.ts';
import { start } from './support/facts.ts';
import { anAttestation, contextFor } from './support/runs.ts';

describe('commands', () => {
  const spec = (command: string): unknown =>
    JSON.parse(/^kubectl patch drrun checkout-7 -n payments --type=merge -p '(.*)'$/.exec(command)?.[1] ?? '');
  it('can be pasted', () => {
    const ctx = contextFor();
    assert.deepEqual(spec(modeCommand(ctx, 'Forced')), { spec: { mode: 'Forced' } });
    assert.deepEqual(spec(acceptLossCommand(ctx, 61_001)), {
      spec: { acceptDataLoss: { max: '1m2s', by: 'YOUR-NAME', reason: 'YOUR-REASON' } },
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
  it('offer a loss that the Run`s definition takes, however long', () => {
    for (const ms of [1, 999, 99_999_000, 100_000_000, 3 * 86_400_000, 31 * 86_400_000]) {
      const offered = /"max":"([^"]*)"/.exec(acceptLossCommand(contextFor(), ms))?.[1] ?? '';
      assert.equal(parseDuration(offered), Math.ceil(ms / 1000) * 1000, offered);
    }
  });
  it('repeat people`s words so that a shell runs none of them', () => {
    const words = `it didn't answer'; echo PWNED; echo '`;
    const ctx = contextFor({
      run: {
        approvals: [{ gate: 'Cooldown', by: words, reason: words, evidenceHash: 'abc' }],
        attestations: [{ ...anAttestation('ledger', start), reason: words }],
        skips: [{ step: 'smoke/x', by: words, reason: words }],
        retries: [{ step: 'rebuild/orders', at: start, by: words, reason: words }],
        takeovers: [{ record: 'edge', from: 'a/b', by: words, reason: words }],
      },
    });
    const commands = [
      approveCommand(ctx, 'ApprovalRequired', 'def'),
      attestCommand(ctx, 'orders'),
      skipCommand(ctx, 'shift/public'),
      retryCommand(ctx, 'rebuild/orders'),
      takeoverCommand(ctx, 'public'),
    ];
    for (const command of commands) {
      const told = execFileSync('sh', ['-c', `kubectl() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' });
      const patch = told.split('\0').at(-2) ?? '';
      assert.ok(JSON.stringify(JSON.parse(patch)).includes(JSON.stringify(words)), command);
      assert.equal(told.split('\0').length, 9, 'one command, of as many words as always');
    }
  });
  it('keep what was attested of others, since a list is replaced as a whole', () => {
    const attestations = [anAttestation('ledger', start), anAttestation('orders', start)];
    const found = JSON.stringify(spec(attestCommand(contextFor({ run: { attestations } }), 'orders')));
    assert.match(found, /"target":"ledger","kind":"Fenced","at":"2030-01-01T00:00:00/);
    assert.equal(found.split('"target":"orders"').length, 2, 'one for each target');
  });
});
