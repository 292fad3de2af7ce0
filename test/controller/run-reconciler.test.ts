import assert from 'node:assert/strict';
import { west } from '../scenarios/names.ts';
import { ask, planName, plansPath, runsPath } from '../scenarios/objects.ts';
import { settle } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';

const word = { gate: 'approve', by: 'ana', reason: 'seen by a person', evidenceHash: 'none' };

/** A moment in which packets vanish: what was open then stays open and never says anything again. */
function silence(kernel: Stage['kernel']): void {
  const now = kernel.now();
  kernel.cut({ match: { id: 'api.management.sandbox:6443' }, how: 'hang', from: now, to: now + 20 });
}

describe('a run whose watch says nothing', () => {
  it('hears a person’s word by the first write that is refused for it', async () => {
    const stage = createStage({ timeline: false });
    const { kernel, person, world } = stage;
    await settle(stage);
    person.setActiveRegion(west);
    await stage.until('the traffic is moved', () => person.step('shift/public')?.outcome !== undefined);
    // The answers of the writes that made it so have arrived.
    await stage.pass(300);
    silence(kernel);
    await stage.pass(200);
    person.patchRun({ approvals: [word] });
    const statuses = () =>
      world.audit.filter(
        ({ resource, subresource, verb }) =>
          verb === 'patch' && resource === 'disasterrecoveryruns' && subresource === 'status',
      );
    const refusedAt = () => statuses().findLast(({ code }) => code === 409)?.at;
    await stage.until('a write is refused', () => refusedAt() !== undefined);
    await stage.pass(1_000);
    const since = refusedAt() ?? NaN;
    const after = statuses().filter(({ at, code }) => at > since && code === 200);
    assert.ok(after.length > 0, 'and the next one is not');
    assert.equal(statuses().filter(({ code }) => code === 409).length, 1);
  });

  it('nor is it held up before its fence by a word that came meanwhile', async () => {
    const stage = createStage({ timeline: false });
    const { kernel, person } = stage;
    await settle(stage);
    person.setActiveRegion(west);
    await stage.until('something is recorded', () => person.step('quiesce/worker')?.intent !== undefined);
    await stage.pass(100);
    silence(kernel);
    kernel.inject({
      label: 'kube.patch',
      detail: 'PATCH */disasterrecoveryruns/checkout-1 *',
      occurrence: 1,
      do: 'run',
      run: () => person.patchRun({ approvals: [word] }),
    });
    await stage.until('the fence is recorded', () => person.step('fence/orders')?.intent !== undefined, 5_000);
    assert.deepEqual(kernel.unmet(), [], 'the word came');
  });

  for (const [what, plural, path] of [
    ['the run', 'disasterrecoveryruns', `${runsPath}/checkout-1`],
    ['its plan', 'disasterrecoveryplans', `${plansPath}/${planName}`],
  ] as const) {
    it(`nor is ${what} looked for again and again where it was deleted just before its fence`, async () => {
      const stage = createStage({ timeline: false });
      const { kernel, person, world } = stage;
      await settle(stage);
      person.setActiveRegion(west);
      await stage.until('something is recorded', () => person.step('quiesce/worker')?.intent !== undefined);
      kernel.inject({
        label: 'kube.patch',
        detail: `PATCH *${path} *`,
        occurrence: 1,
        do: 'run',
        run: () => {
          silence(kernel);
          ask(world.management, 'DELETE', path);
        },
      });
      const asked = () =>
        world.audit.filter(({ resource, code }) => resource === plural && (code === 404 || code === 409));
      await stage.until('it is deleted', () => asked().length > 0);
      await stage.pass(10_000);
      assert.ok(asked().length <= 6, `${String(asked().length)} requests for what is gone`);
      assert.equal(person.step('fence/orders')?.intent, undefined);
      await stage.until('the plan has heard of it', () => person.planStatus().currentRun === undefined, 5_000);
    });
  }
});
