import assert from 'node:assert/strict';
import { objectLogs, type Version } from '../simulation/object-log.ts';
import type { JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { west } from './names.ts';
import { planNamespace } from './objects.ts';
import { runIs, settle } from './outage.ts';
import { createStage, type Stage } from './stage.ts';

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

/** As `kubectl describe` would find them, at the server itself. */
function eventsOf(stage: Stage, kind: string, name: string): readonly Event[] {
  return stage.world.management.hooks
    .list('/events', planNamespace)
    .map((object) => object as JsonObject & Event)
    .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name);
}

/** `StepDone fence/orders`, one for each change between two versions of the Run that the server held. */
function transitions(versions: readonly Version[]): readonly string[] {
  const told: string[] = [];
  let before: Version | undefined;
  for (const version of versions) {
    const { phase } = version.status;
    if (typeof phase === 'string' && phase !== 'Pending' && phase !== before?.status.phase) told.push(phase);
    for (const step of version.steps) {
      const was = before?.steps.find(({ id }) => id === step.id);
      if (step.intent !== undefined && was?.intent === undefined) told.push(`StepBegun ${step.id}`);
      if (step.outcome !== undefined && was?.outcome === undefined) told.push(`StepDone ${step.id}`);
      if (step.state === 'Waiting' && was?.state !== 'Waiting') told.push(`${step.waitsFor?.reason ?? ''} ${step.id}`);
    }
    before = version;
  }
  return told.sort();
}

describe('the Events of a run, at the API server', () => {
  let stage: Stage;
  before(async () => {
    stage = createStage({
      timeline: false,
      liveTtl: 120,
      plan: { failover: { cooldown: '10m', drain: '5s', soak: '5s', approval: 'Always' } },
    });
    await settle(stage);
    stage.person.setActiveRegion(west);
    await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
    await stage.pass(30_000);
    stage.person.answer('ApprovalRequired');
    await runIs(stage, 'Succeeded');
    // They are written at a rate of their own, behind everything else.
    await stage.pass(120_000);
  });

  it('are exactly one for each transition of its steps and phases', () => {
    const [log] = objectLogs(stage.world.audit, 'disasterrecoveryruns');
    assert.ok(log !== undefined);
    const wanted = transitions(log.versions);
    const told = eventsOf(stage, 'DisasterRecoveryRun', 'checkout-1');
    const others = ['ModeDecided', 'ApprovalHeard', 'StepResumed'];
    const words = told
      .filter(({ reason }) => !others.includes(reason))
      .map(({ reason, message }) => {
        const step = /^([a-z-]+(?:\/[a-z-]+)?): /.exec(message)?.[1];
        return step === undefined ? reason : `${reason} ${step}`;
      });
    assert.deepEqual(words.sort(), wanted);
    for (const id of ['fence/orders', 'promote/orders', 'open/orders', 'shift/public']) {
      assert.ok(wanted.includes(`StepBegun ${id}`) && wanted.includes(`StepDone ${id}`), id);
    }
    assert.ok(wanted.includes('ApprovalRequired approve'));
    assert.deepEqual(
      told
        .filter(({ count }) => count !== 1)
        .map(({ reason, message, count }) => `${String(count)} ${reason} ${message}`),
      [],
    );
  });

  it('tell once that the mode was decided and that an approval was heard', () => {
    const reasons = eventsOf(stage, 'DisasterRecoveryRun', 'checkout-1').map(({ reason }) => reason);
    for (const once of ['ModeDecided', 'ApprovalHeard']) {
      assert.equal(reasons.filter((reason) => reason === once).length, 1, once);
    }
  });

  it('and those of its plan: adopted, warned of its TTL, moved, and no longer to be warned of', () => {
    const told = eventsOf(stage, 'DisasterRecoveryPlan', 'checkout');
    const once = ['Adopted', 'LiveTTLAbovePlan', 'RunStarted', 'Moved', 'RunEnded', 'LongTTLOver'];
    const counts = Object.fromEntries(
      once.map((reason) => [reason, told.filter((event) => event.reason === reason).map(({ count }) => count)]),
    );
    assert.deepEqual(counts, Object.fromEntries(once.map((reason) => [reason, [1]])));
  });
});
