import assert from 'node:assert/strict';
import type { Unknown } from '../../../src/api/fact.ts';
import { identityHash } from '../../../src/api/identity.ts';
import type { StepStatus } from '../../../src/api/run.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import type { Observed, Seen } from '../../../src/decide/facts.ts';
import type { Ownership, TrafficAnswers, TrafficState } from '../../../src/drivers/traffic/driver.ts';
import type { Change } from '../../../src/drivers/traffic/route53/change.ts';
import { writeListed } from '../../../src/drivers/traffic/route53/listed.ts';
import { changeInput } from '../../support/aws-command.ts';
import {
  ago,
  answer,
  answers,
  aStandby,
  conflict,
  everyWhy,
  foreign,
  inWest,
  listed,
  lost,
  mine,
  now,
  seen,
  silentAnswer,
} from '../support/facts.ts';
import { aDatabase, aRecord, aSpec, east, west } from '../support/plans.ts';
import { evidenceOf, factsOf, inWords, judge, outcome, type Case } from '../support/runs.ts';

const id = 'shift/public';
const late: Partial<StepStatus> = { deadline: now.wall };
const soon: Partial<StepStatus> = { deadline: now.wall + 1 };

interface Look {
  readonly record: Seen<TrafficState>;
  readonly answers?: Seen<TrafficAnswers>;
  readonly step?: Partial<StepStatus>;
}

function caseOf({ record, answers: said, step }: Look, more: Case = {}): Case {
  return {
    ...more,
    observed: {
      records: { public: record },
      answers: said === undefined ? {} : { public: said },
    },
    steps: { ...more.steps, ...(step === undefined ? {} : { [id]: step }) },
  };
}

describe('shift', () => {
  describe('with the control plane out', () => {
    const there = seen(answers([answer(west), answer(west)]));
    const rows: readonly (readonly [string, Partial<Look>, string])[] = [
      ['no answer from the servers', { step: late }, 'Wait TrafficUnavailable'],
      ['every server at the target, in time', { answers: there, step: soon }, 'Wait TrafficUnavailable'],
      ['every server at the target, late', { answers: there, step: late }, 'Done Overridden'],
      ['every server at the target, without a deadline', { answers: there }, 'Wait TrafficUnavailable'],
      [
        'one server at the source',
        { answers: seen(answers([answer(west), answer(east)])), step: late },
        'Wait TrafficUnavailable',
      ],
      [
        'one server silent',
        { answers: seen(answers([answer(west), silentAnswer])), step: late },
        'Wait TrafficUnavailable',
      ],
      ['no server', { answers: seen(answers([])), step: late }, 'Wait TrafficUnavailable'],
    ];
    for (const [name, look, wanted] of rows) {
      it(`and ${name}: ${wanted}`, () => {
        assert.equal(inWords(judge(id, caseOf({ record: lost(), ...look }))), wanted);
      });
    }
    for (const why of everyWhy) {
      it(`for ${why} writes nothing`, () => {
        const wanted = why === 'NotAsked' ? 'Wait Observing' : 'Wait TrafficUnavailable';
        assert.equal(inWords(judge(id, caseOf({ record: lost(why) }))), wanted);
        assert.equal(inWords(judge(id, caseOf({ record: lost(why), step: late }))), wanted);
      });
    }

    const owned = (ownership: Ownership, given = [answer(west), answer(west)]) =>
      seen(answers(given, undefined, ownership));
    const served: readonly (readonly [string, Partial<Look>, string])[] = [
      ['this run`s, at the target', { answers: owned(mine(7, west)), step: soon }, 'Done Succeeded'],
      [
        'this run`s, at one of the two',
        { answers: owned(mine(7, west), [answer(west), answer(east)]), step: soon },
        'Wait TrafficUnavailable',
      ],
      ['this epoch of another run', { answers: owned(mine(7, west, 'other')), step: late }, 'Wait StaleEpoch'],
      ['a newer epoch', { answers: owned(mine(8, east)), step: late }, 'Wait StaleEpoch'],
      ['another plan`s', { answers: owned(foreign), step: late }, 'Wait ForeignOwner'],
      ['another tool`s', { answers: owned(conflict), step: late }, 'Wait ForeignOwner'],
      ['an older epoch, at the target', { answers: owned(mine(6, east)), step: late }, 'Done Overridden'],
    ];
    for (const [name, look, wanted] of served) {
      it(`and by its servers ${name}: ${wanted}`, () => {
        assert.equal(inWords(judge(id, caseOf({ record: lost(), ...look }))), wanted);
      });
    }

    it('keeps what its servers are and the TTL from before for what comes after', () => {
      const look = { record: lostAfter(real()), answers: owned(mine(7, west)) };
      assert.deepEqual(evidenceOf(judge(id, caseOf(look)))[0]?.value, { nameServers: ['ns1', 'ns2'], ttl: 20 });
    });
  });

  describe('with the control plane out, past the deadline', () => {
    const atEast = seen(answers([answer(east), answer(east)], undefined, mine(6, east)));
    const heldBy = (look: Look, more: Case = {}) => {
      const judged = judge(id, caseOf({ step: late, ...look }, more));
      return judged.kind === 'Wait' ? judged : assert.fail(inWords(judged));
    };
    const batchOf = (next: string | undefined) =>
      (changeInput(next)['ChangeBatch'] as { Changes: readonly Change[] }).Changes.map(
        ({ Action, ResourceRecordSet: set }) =>
          `${Action} ${set.Type} ${String(set.TTL)} ${(set.ResourceRecords ?? []).map(({ Value }) => Value).join(' ')}`,
      );
    const texts = (epoch: number, region: string, uid: string) =>
      `"heritage=maestro-dr,v=1,id=${identityHash('payments/checkout')},epoch=${String(epoch)},region=${region},run=${uid}"`;

    it('gives the batch from what was listed last, the ownership with it', () => {
      const { hold } = heldBy({ record: lostAfter(real()) });
      assert.match(hold.message, /does not answer\. If it answers you, type the command: .*as it was listed last\.$/);
      assert.deepEqual(batchOf(hold.next), [
        'DELETE CNAME 20 lb-use1.example.com.',
        `DELETE TXT 60 ${texts(6, east, 'older')}`,
        'CREATE CNAME 30 lb-usw2.example.com',
        `CREATE TXT 60 ${texts(7, west, 'run-uid')}`,
      ]);
    });

    it('without a listing, from what the plan and its servers let suppose, and says so', () => {
      const { hold } = heldBy({ record: lost(), answers: atEast });
      assert.match(hold.message, /as the plan has it for us-east-1 and owned as its name servers say, for it was not/);
      assert.deepEqual(batchOf(hold.next), [
        'DELETE CNAME 30 lb-use1.example.com',
        `DELETE TXT 60 ${texts(6, east, 'run-uid')}`,
        'CREATE CNAME 30 lb-usw2.example.com',
        `CREATE TXT 60 ${texts(7, west, 'run-uid')}`,
      ]);
      const before: Case = { steps: { 'preflight/public': outcome('Succeeded', { ttl: 20 }) } };
      assert.match(
        batchOf(heldBy({ record: lost(), answers: atEast }, before).hold.next)[0] ?? '',
        /^DELETE CNAME 20 /,
      );
    });

    it('with the TTL that its preflight saw, also where a database has its name', () => {
      const spec = aSpec({ databases: [aDatabase('public')] });
      const steps = { 'preflight/traffic/public': outcome('Succeeded', { ttl: 20 }) };
      const { hold } = heldBy({ record: lost(), answers: atEast }, { spec, steps });
      assert.match(batchOf(hold.next)[0] ?? '', /^DELETE CNAME 20 /);
    });

    // Whoever moves it without a batch looks first at what is there.
    const listing =
      'aws route53 list-resource-record-sets --hosted-zone-id Z123 --start-record-name public.example.com --max-items 10';

    it('gives none where nobody says whose it is, or what was listed may not be moved', () => {
      const told = (look: Look) => {
        const { hold } = heldBy(look);
        assert.equal(hold.next, listing);
        return hold.message;
      };
      const mixed = answers([answer(east), answer(east)], undefined, mine(6, east));
      const [first, second = { name: 'ns2', answers: answer(east) }] = mixed.servers;
      const { ownership: _unread, ...silentOnIt } = second;
      const unsure = seen({ servers: first === undefined ? [] : [first, silentOnIt] });
      assert.match(
        told({ record: lost() }),
        /No batch can be given: neither its control plane nor all of its name servers/,
      );
      assert.match(told({ record: lost(), answers: unsure }), /neither its control plane/);
      assert.match(told({ record: lost() }), /it counts once each of its authoritative servers answers us-west-2\.$/);
      const drifted = lostAfter(real({ value: 'lb-other.example.com' }));
      assert.match(told({ record: drifted }), /neither region's record/);
    });

    it('gives none that the status has no room for', () => {
      const many = (net: number) => Array.from({ length: 120 }, (_, host) => `192.0.${String(net)}.${String(host)}`);
      const record = aRecord('public', { type: 'A', values: { [east]: many(1), [west]: many(2) } });
      const { hold } = heldBy({ record: lost(), answers: atEast }, { spec: aSpec({ traffic: [record] }) });
      assert.match(hold.message, /too long/);
      assert.equal(hold.next, listing);
    });

    it('is not told before the record was asked for, nor in time', () => {
      for (const look of [
        { record: lostAfter(real()), step: soon },
        { record: { ...lostAfter(real()), fact: { ...lostAfter(real()).fact, why: 'NotAsked' as const } } },
      ]) {
        assert.equal(heldBy(look).hold.next, undefined);
      }
    });

    it('is held by what would hold the effect: the target`s database has to be seen open', () => {
      const steps = Object.fromEntries(
        factsOf().run.status.steps.map((step) => [step.id, step.id === id ? {} : outcome('Succeeded')]),
      );
      const given = caseOf({ record: lostAfter(real()), step: { ...late, readyAt: ago(400_000).wall } }, { steps });
      const shown = (databases: Observed['databases']) => {
        const facts = factsOf({ ...given, observed: { ...given.observed, databases } });
        return decideRun(facts).status.steps.find((step) => step.id === id)?.waitsFor;
      };
      assert.equal(shown({ [inWest('orders')]: lost() })?.reason, 'EvidenceStale');
      assert.equal(shown({ [inWest('orders')]: seen(aStandby()) })?.reason, 'DatabaseNotOpen');
      assert.equal(
        shown({ [inWest('orders')]: seen(aStandby()) })?.next,
        'pg_isready -h orders.usw2 -p 5432',
        'and not the batch',
      );
    });
  });
});

/** What Route 53 listed of the record, as the driver hands it on. */
function real({ value = 'lb-use1.example.com.' } = {}): TrafficState {
  const text = `"heritage=maestro-dr,v=1,id=${identityHash('payments/checkout')},epoch=6,region=us-east-1,run=older"`;
  return listed(east, mine(6, east, 'older'), {
    listed: writeListed({
      record: { Name: 'public.example.com.', Type: 'CNAME', TTL: 20, ResourceRecords: [{ Value: value }] },
      ownership: { Name: '_maestro-dr.public.example.com.', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: text }] },
    }),
  });
}

function lostAfter(state: TrafficState): Seen<TrafficState> {
  const { fact } = lost<TrafficState>();
  return {
    fact: { ...fact, known: false, last: { value: state, at: ago(60_000) } } as Unknown<TrafficState>,
    streaks: {},
  };
}
