import assert from 'node:assert/strict';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { now, ago } from '../decide/support/facts.ts';
import { hang, json, refuse, status as answer } from '../support/scripted-http.ts';
import {
  aLease,
  assertDone,
  cli,
  deadLease,
  held,
  leasesPath,
  planObject,
  runObject,
  waiting,
  type Objects,
  type Person,
  type Said,
} from './fixtures.ts';

const atRest: Objects = { plan: planObject() };
const dead: Objects = { ...waiting, leases: [aLease(deadLease)] };
const hour = 3_600_000;

async function shown(objects: Objects, person: Person = {}): Promise<string> {
  const said = await cli(['status', 'checkout'], objects, person);
  assertDone(said);
  return said.out;
}

interface Printed {
  readonly operator: {
    readonly state: string;
    readonly why?: string;
    readonly leases: readonly { readonly namespace: string; readonly state: string; readonly renewedMs?: number }[];
  };
}

async function printed(objects: Objects, person: Person = {}): Promise<Printed['operator']> {
  const said = await cli(['status', 'checkout', '-o', 'json'], objects, person);
  assertDone(said);
  return (JSON.parse(said.out) as Printed).operator;
}

describe('how the operator is, in status', () => {
  it('is looked for in all namespaces, by the name of its Lease, and once', async () => {
    const { lines } = await cli(['status', 'checkout'], atRest);
    assert.deepEqual(
      lines.filter((line) => line.includes('leases')),
      [`GET ${leasesPath}`],
    );
  });

  it('is a faint line where its Lease was renewed within its duration', async () => {
    const out = await shown(atRest, { colour: true });
    assert.match(
      out,
      /^.*payments\/checkout.*\n\u001b\[2mOperator: the Lease maestro-dr\/maestro-dr was renewed 2s ago by maestro-dr-7c9f-x2x_life\.\u001b\[0m\n/,
    );
    assert.equal((await printed(atRest)).state, 'Leading');
  });

  it('stands above all else where nobody renewed it for longer', async () => {
    held('status-no-operator.txt', await shown(dead));
    assert.match(await shown(dead, { colour: true }), /^\u001b\[31mNo operator\u001b\[0m: /);
    const { state, leases } = await printed(dead);
    assert.equal(state, 'Absent');
    assert.deepEqual(leases, [
      {
        namespace: 'maestro-dr',
        name: 'maestro-dr',
        holder: 'maestro-dr-7c9f-x2x_life',
        durationMs: 15_000,
        state: 'Silent',
        renewedMs: 14 * 60_000,
      },
    ]);
  });

  it('names the runbook that leads away from where the plan is, or to where it is on its way', async () => {
    const leases = [aLease(deadLease)];
    const over = runObject({}, { status: { phase: 'Aborted', finishedAt: ago(1).wall } });
    for (const objects of [atRest, { ...waiting }, { ...waiting, run: over }]) {
      assert.match(
        await shown({ ...objects, leases }),
        /or {4}kubectl drplan runbook checkout -n payments --to us-west-2\n/,
      );
    }
  });

  it('is no operator where it gave its Lease up', async () => {
    const out = await shown({ ...atRest, leases: [aLease({ holder: null, renewedMsAgo: 90_000 })] });
    assert.match(
      out,
      /^No operator: the Lease maestro-dr\/maestro-dr was given up, and last written 1m30s ago\. What follows/,
    );
  });

  it('is told of each Lease where there are several, the latest first', async () => {
    const old = aLease({ namespace: 'old', holder: 'before_life', renewedMsAgo: 90 * 24 * hour });
    const alive = await shown({ ...atRest, leases: [old, aLease()] });
    assert.match(
      alive,
      /\nOperator: the Lease maestro-dr\/maestro-dr was renewed 2s ago by .*; the Lease old\/maestro-dr/,
    );
    const none = await shown({ ...atRest, leases: [old, aLease(deadLease)] });
    assert.match(
      none,
      /^No operator: the Lease maestro-dr\/.* 14m ago by .*; the Lease old\/.* 2160h ago by before_life\./,
    );
    assert.match(none, /type {2}kubectl get pods -n maestro-dr\n {2}or {4}kubectl get pods -n old\n/);
    const two = await shown({ ...atRest, leases: [aLease(), aLease({ namespace: 'other' })] });
    assert.match(
      two,
      /\n2 operators lead beside each other: .*maestro-dr\/maestro-dr .*; the Lease other\/maestro-dr /,
    );
  });
});

describe('the clocks that tell how the operator is', () => {
  it('are the API server’s two, not the person’s and not the holder’s', async () => {
    for (const wall of [now.wall - hour, now.wall + hour]) {
      assert.equal((await printed(atRest, { wall })).state, 'Leading');
      assert.equal((await printed(dead, { wall })).state, 'Absent');
    }
    for (const stampedMsAgo of [-hour, hour]) {
      assert.equal((await printed({ ...atRest, leases: [aLease({ stampedMsAgo })] })).state, 'Leading');
      const leases = [aLease({ ...deadLease, stampedMsAgo })];
      assert.equal((await printed({ ...atRest, leases })).state, 'Absent');
    }
  });

  it('are the holder’s stamp and the API server’s where that keeps no time of its own', async () => {
    const bare = (lease: ReturnType<typeof aLease>) => ({
      ...lease,
      metadata: { ...(lease.metadata as object), managedFields: undefined },
    });
    assert.equal((await printed({ ...atRest, leases: [bare(aLease())] })).state, 'Leading');
    assert.equal((await printed({ ...atRest, leases: [bare(aLease(deadLease))] })).state, 'Absent');
  });

  it('prove nothing where they contradict each other, or one is missing', async () => {
    const ahead = await shown({ ...atRest, leases: [aLease({ renewedMsAgo: -hour })] });
    assert.match(
      ahead,
      /^Whether an operator is there cannot be told: .*bears a time that is 1h ahead of the API server's\./,
    );
    assert.equal((await printed(dead, { servedAt: { wall: undefined } })).state, 'Unknown');
  });
});

describe('an operator of which nothing can be told', () => {
  const meets: Readonly<Record<string, readonly [NonNullable<Person['onLeases']>, RegExp]>> = {
    'no right to look': [() => answer(403, 'Forbidden'), /: you may not list Leases .* maestro-dr-lease-viewer\./],
    'an API server that fails': [() => answer(503, 'ServiceUnavailable'), /HTTP 503/],
    'a connection that breaks': [refuse, /connection refused/],
    'an answer that is none': [() => json(200, { kind: 'Pod' }), /not a Kubernetes answer/],
  };
  for (const [name, [onLeases, says]] of Object.entries(meets)) {
    it(`is said, and fails nothing: ${name}`, async () => {
      const said = await cli(['status', 'checkout', '--exit-code'], atRest, { onLeases });
      assertDone(said);
      const [first = '', second] = said.out.split('\n');
      assert.match(first, /^Whether an operator is there cannot be told: /);
      assert.match(first, says);
      assert.match(second ?? '', /^payments\/checkout /);
      assert.equal(said.err, '');
    });
  }

  it('is said where there is no Lease at all', async () => {
    held('status-operator-unknown.txt', await shown({ ...atRest, leases: [] }));
    assert.match(await shown({ ...atRest, leases: [] }, { colour: true }), /^\u001b\[33mWhether an operator/);
  });

  it('is said where nothing answers in time', async () => {
    const signal = new AbortController().signal;
    const onLeases = (): ReturnType<typeof hang> => hang({ method: '', url: '', headers: {}, label: '' }, signal);
    const said = await cli(['status', 'checkout'], atRest, { onLeases, endsAfter: 5_000 });
    assertDone(said);
    assert.match(said.out, /^Whether an operator is there cannot be told: .*no answer within 5000 ms\./);
  });
});

describe('how the operator is, in a program’s eyes', () => {
  it('is not well by the exit code, whatever the plan said last', async () => {
    const codeOf = async (objects: Objects): Promise<number> =>
      (await cli(['status', 'checkout', '--exit-code'], objects)).code;
    assert.equal(await codeOf({ ...atRest, leases: [aLease(deadLease)] }), exitCodes.notWell);
    assert.equal(await codeOf(dead), exitCodes.notWell, 'a word would be heard by nobody');
    assert.equal(await codeOf(waiting), exitCodes.person);
    assert.equal(await codeOf({ ...atRest, leases: [] }), exitCodes.ok);
  });

  const over = runObject({}, { status: { phase: 'Aborted', finishedAt: ago(1).wall } });
  const leases = (lease: ReturnType<typeof aLease>) =>
    json(
      200,
      { apiVersion: 'coordination.k8s.io/v1', kind: 'LeaseList', metadata: { resourceVersion: '1' }, items: [lease] },
      { date: new Date(now.wall).toUTCString() },
    );
  const watched = async (...ages: readonly number[]): Promise<Said> =>
    await cli(['status', 'checkout', '-w'], waiting, {
      later: { run: over },
      laterFrom: ages.length,
      onLeases: (reading) => leases(aLease({ renewedMsAgo: ages[reading - 1] ?? 0 })),
    });

  it('is printed anew by -w when it dies, and not with each renewal', async () => {
    const renewals = await watched(1_000, 4_000, 2_000, 1_000);
    assertDone(renewals);
    assert.equal(renewals.out.match(/^payments\/checkout/gm)?.length, 2);
    const death = await watched(1_000, 16_000, 17_000, 18_000);
    assert.equal(death.out.match(/^payments\/checkout/gm)?.length, 3);
    assert.equal(death.out.match(/^No operator: /gm)?.length, 2);
  });
});
