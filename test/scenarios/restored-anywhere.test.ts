import assert from 'node:assert/strict';
import { effects } from './effects.ts';
import { east, west } from './names.ts';
import { createStage, type Stage } from './stage.ts';

/** Every step of a planned run that changes something. */
const moments = [
  'pre-scale/api',
  'quiesce/worker',
  'fence/orders',
  'promote/orders',
  'checkpoint/orders',
  'open/orders',
  'probe/orders',
  'workload/worker',
  'shift/public',
  'rebuild/orders',
  'protect/orders',
  'stand-down/api',
] as const;

async function moved(stage: Stage, to: string, count: number): Promise<void> {
  stage.person.setActiveRegion(to);
  await stage.until(
    `it has moved to ${to}`,
    () => stage.person.runs().length === count && stage.person.run()?.status?.phase === 'Succeeded',
  );
  await stage.pass(40_000);
}

/** West and back east; then the management cluster is as it was when the first run had sent `moment`. */
async function restoredAt(moment: string, restarted: boolean): Promise<readonly string[]> {
  const stage = createStage({ timeline: false, ttl: 5 });
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  stage.person.patchPlan({ failover: { cooldown: '0s' } });
  await stage.pass(12_000);
  stage.person.setActiveRegion(west);
  await stage.until(`${moment} is sent`, () => stage.person.step(moment)?.intent !== undefined);
  const snapshot = stage.world.management.snapshot();
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(40_000);
  await moved(stage, east, 2);
  const before = effects(stage).length;
  if (restarted) stage.kernel.kill('operator');
  stage.world.recoverManagement(snapshot);
  if (restarted) stage.kernel.restart('operator');
  await stage.pass(60_000);
  return effects(stage)
    .slice(before)
    .map(({ label, destination, detail }) => `${label} ${destination} ${detail}`);
}

describe('the management cluster comes back from a snapshot of a run that is long over', () => {
  for (const moment of moments) {
    for (const restarted of [false, true]) {
      it(`taken at ${moment}, the operator ${restarted ? 'anew' : 'still alive'}: it changes nothing`, async () => {
        assert.deepEqual(await restoredAt(moment, restarted), []);
      });
    }
  }
});
