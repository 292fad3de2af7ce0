import assert from 'node:assert/strict';
import { ask } from '../scenarios/objects.ts';
import { addEndedRuns } from '../scenarios/ended-runs.ts';
import { west } from '../scenarios/names.ts';
import { settle } from '../scenarios/outage.ts';
import { leaseHolder } from '../scenarios/rival.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

const many = 400;
const isReportLook = ({ label, detail }: { readonly label: string; readonly detail: string }): boolean =>
  label === 'kube.get' && /\/configmaps\/archive-\d+-report/.test(detail);

async function fenced(stage: Stage): Promise<void> {
  await settle(stage);
  stage.person.setActiveRegion(west);
  await stage.until('the fence is intended', () => stage.person.step('fence/orders')?.intent !== undefined);
}

describe('an active Run beside many that are over', () => {
  it('does not wait behind their reports when another operator takes over', async () => {
    const stage = createStage({ timeline: false, operators: ['a', 'b'] });
    const { kernel } = stage;
    await fenced(stage);
    const first = leaseHolder(stage) ?? assert.fail('nobody leads');
    addEndedRuns(stage, many);
    await stage.pass(100);
    kernel.kill(first);
    await stage.until('another leads', () => leaseHolder(stage) !== first);
    const won = kernel.trace.length;
    const calls = () => kernel.trace.slice(won).filter(({ kind, process }) => kind === 'call' && process !== first);
    const isPatch = ({ label, detail }: { readonly label: string; readonly detail: string }): boolean =>
      label === 'kube.patch' && detail.includes('/disasterrecoveryruns/checkout-1/status');
    await stage.until('it goes on', () => calls().some(isPatch));
    const before = calls().slice(0, calls().findIndex(isPatch));
    assert.ok(
      before.filter(isReportLook).length <= 5,
      `${String(before.filter(isReportLook).length)} reports came first`,
    );
    await stage.pass(15 * 60_000);
    assert.equal(
      new Set(
        calls()
          .filter(isReportLook)
          .map(({ detail }) => detail),
      ).size,
      many,
      'each was looked at in the end',
    );
  });

  it('nor when a halt is set or lifted', async () => {
    const stage = createStage({ timeline: false });
    const { kernel, world } = stage;
    await fenced(stage);
    addEndedRuns(stage, many);
    await stage.pass(15 * 60_000);
    const asked = () => kernel.trace.filter(({ kind, ...call }) => kind === 'call' && isReportLook(call)).length;
    const before = asked();
    const maps = '/api/v1/namespaces/maestro-dr-system/configmaps';
    ask(world.management, 'POST', maps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'maestro-dr-halt' },
      data: { by: 'ana', reason: 'a look' },
    });
    await stage.pass(20_000);
    ask(world.management, 'DELETE', `${maps}/maestro-dr-halt`);
    await stage.pass(20_000);
    assert.equal(asked(), before);
  });
});
