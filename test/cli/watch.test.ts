import assert from 'node:assert/strict';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { ago } from '../decide/support/facts.ts';
import { east, west } from '../decide/support/plans.ts';
import { json, refuse, status as answer } from '../support/scripted-http.ts';
import {
  aWholeSpec,
  assertDone,
  cli,
  condition,
  leasesPath,
  movingPlan,
  planObject,
  runObject,
  waiting,
  type Person,
  type Said,
} from './fixtures.ts';

const over = runObject({}, { status: { phase: 'Aborted', finishedAt: ago(1).wall } });

async function watched(onPlan: NonNullable<Person['onPlan']>, person: Person = {}): Promise<Said> {
  return await cli(['status', 'checkout', '-w'], waiting, { later: { run: over }, onPlan, ...person });
}

function said(err: string): readonly string[] {
  return err.split('\n').filter((line) => line !== '');
}

describe('status -w, where a look fails', () => {
  const failures: Readonly<Record<string, { readonly meets: NonNullable<Person['onPlan']>; readonly says: RegExp }>> = {
    'an API server that is unreachable': { meets: refuse, says: /: connection refused$/ },
    'a token that is refused': { meets: () => answer(401, 'Unauthorized'), says: /HTTP 401 Unauthorized/ },
    'an API server without its etcd': { meets: () => answer(503, 'ServiceUnavailable'), says: /HTTP 503/ },
    'an answer that comes too late': { meets: () => answer(504, 'Timeout'), says: /HTTP 504/ },
  };
  for (const [name, { meets, says }] of Object.entries(failures)) {
    it(`says ${name}, and goes on until the run is over`, async () => {
      const ended = await watched((reading) => (reading === 2 ? meets(reading) : undefined));
      assertDone(ended);
      assert.match(ended.out, /Activation, for[\s\S]*Aborted, took/);
      const [line = '', ...more] = said(ended.err);
      assert.match(
        line,
        /^It cannot be looked at, and is tried again: get .*\/disasterrecoveryplans\/checkout in cluster/,
      );
      assert.match(line, says);
      assert.deepEqual(more, []);
    });
  }

  it('says the same once in a row, and anything else anew', async () => {
    const meets = [undefined, refuse, refuse, () => answer(503, 'ServiceUnavailable'), refuse, refuse];
    const { code, err } = await watched((reading) => meets[reading - 1]?.());
    assert.equal(code, exitCodes.ok);
    const [first, second, third, ...more] = said(err);
    assert.match(second ?? '', /HTTP 503/);
    assert.match(first ?? '', /connection refused/);
    assert.equal(third, first);
    assert.deepEqual(more, []);
  });

  it('says it anew after a look that succeeded, and shows again what had not changed', async () => {
    const failing = (reading: number) => (reading === 2 || reading === 4 ? refuse() : undefined);
    const { err, out } = await watched(failing, { laterFrom: 3 });
    assert.equal(said(err).length, 2, err);
    assert.equal(out.match(/Activation, for/g)?.length, 2);
  });

  it('says a plan that was edited into something that cannot be carried out in one line: its run goes on', async () => {
    const edited = { ...planObject(), spec: { regions: ['a', 'b'] } };
    const ended = await watched((reading) => (reading === 2 ? json(200, edited) : undefined));
    assertDone(ended);
    assert.match(ended.out, /Aborted, took/);
    assert.equal(said(ended.err).length, 1, ended.err);
    assert.match(ended.err, /plan payments\/checkout cannot be read: .*spec\.activeRegion is missing/);
  });

  it('ends where the first look fails: nothing has been seen to follow', async () => {
    const ended = await watched((reading) => (reading === 1 ? refuse() : undefined));
    assert.equal(ended.code, exitCodes.failed);
    assert.equal(ended.out, '');
    assert.match(ended.err, /^get .*: connection refused\n/);
  });

  it('ends where the plan was deleted meanwhile', async () => {
    const ended = await watched((reading) => (reading === 2 ? answer(404, 'NotFound') : undefined));
    assert.equal(ended.code, exitCodes.notFound);
    assert.match(ended.out, /Activation, for/);
    assert.equal(ended.err, 'There is no plan payments/checkout.\n');
  });

  it('looks once without -w', async () => {
    const ended = await cli(['status', 'checkout'], waiting, { onPlan: refuse });
    assert.equal(ended.code, exitCodes.failed);
    assert.equal(ended.lines.filter((line) => !line.endsWith(leasesPath)).length, 1);
  });
});

describe('status -w, where a Run is asked for and not made yet', () => {
  const lastRun = {
    name: 'checkout-7',
    epoch: 7,
    from: east,
    to: west,
    phase: 'Succeeded',
    finishedAt: ago(60_000).wall,
  } as const;
  const moved = aWholeSpec({ activeRegion: west });
  const unseen = planObject({ lastRun }, moved);
  const capped = condition('Ready', 'False', 'RunsCapped', '50 Runs are under way.');
  const unproven = condition('Ready', 'False', 'EpochUnproven', 'The move to us-west-2 waits: a record was not read.');
  const states: Readonly<Record<string, ReturnType<typeof planObject>>> = {
    'the operator has not looked at the plan since': { ...unseen, metadata: { ...metadataOf(unseen), generation: 4 } },
    'its Run is named and not there': planObject({ lastRun, currentRun: { name: 'checkout-8', epoch: 8 } }, moved),
    'it waits for other Runs': planObject({ lastRun, conditions: [capped] }, moved),
    'its epoch is not known yet': planObject({ lastRun, conditions: [unproven] }, moved),
  };
  for (const [name, before] of Object.entries(states)) {
    it(`does not take the former Run for the one to follow: ${name}`, async () => {
      const readings = [before, before, movingPlan(), movingPlan()];
      const ended = await cli(
        ['status', 'checkout', '-w'],
        { ...waiting, run: over },
        {
          onPlan: (reading) => json(200, readings[reading - 1] ?? movingPlan()),
          later: { run: over },
        },
      );
      assertDone(ended);
      assert.ok(ended.lines.filter((line) => line.includes('disasterrecoveryplans/checkout')).length >= 3, ended.out);
    });
  }

  it('ends with a Run that is named, whatever else is asked for', async () => {
    const ended = await cli(['status', 'checkout', '-w', '--run', 'checkout-7'], {
      plan: states['it waits for other Runs'] ?? {},
      run: over,
    });
    assertDone(ended);
    assert.equal(ended.lines.filter((line) => !line.endsWith(leasesPath)).length, 2);
  });
});

function metadataOf(object: Readonly<Record<string, unknown>>): object {
  return object['metadata'] as object;
}
