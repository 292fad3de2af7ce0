import assert from 'node:assert/strict';
import { bounds } from '../../../src/api/bounds.ts';
import { decideRun } from '../../../src/decide/decide-run.ts';
import { aDatabase, aSpec, stateless } from '../support/plans.ts';
import { anAttestation, anIntent, factsOf, outcome, type Case } from '../support/runs.ts';

const answers = (given: Case): readonly string[] =>
  decideRun(factsOf(given)).status.refusals.map(({ request, reason, message }) => `${request}: ${reason}. ${message}`);

const attested = (target: string, given: Case = {}): Case => ({
  ...given,
  run: { attestations: [anAttestation(target)] },
});

describe('an attestation', () => {
  it('of what the pinned plan does not fence is refused, with the names that it has', () => {
    assert.match(
      answers(attested('ledger')).join(),
      /^Attest ledger: UnknownTarget\. No step of this Run asks whether ledger is stopped; .*: orders\. .*"\*"/,
    );
    // A workload's stop counts for nothing where there is a database to fence.
    assert.match(answers(attested('billing-worker')).join(), /^Attest billing-worker: UnknownTarget\./);
    assert.match(answers(attested('ledger', { mode: 'Planned' })).join(), /^Attest ledger: UnknownTarget\./);
  });

  it('of a plan of many is refused in words that a status has room for, or their time would change with every pass', () => {
    const databases = Array.from({ length: 32 }, (_, index) => aDatabase(`${'x'.repeat(50)}-${String(index)}`));
    const [said] = decideRun(factsOf(attested('ledger', { spec: aSpec({ databases }) }))).status.refusals;
    assert.equal(said?.message.length, bounds.text);
  });

  it('is of the quiesced workloads where there is no database, and of a forced run alone', () => {
    const spec = stateless();
    for (const mode of ['Planned', 'Forced'] as const) {
      for (const target of ['billing-worker', '*']) {
        const said = answers(attested(target, { spec, mode })).join();
        if (mode === 'Forced') assert.equal(said, '');
        else {
          assert.match(
            said,
            /PlannedNeedsProof\. A planned Run waits until the workloads in us-east-1 are seen stopped/,
          );
        }
      }
      assert.match(
        answers(attested('api', { spec, mode })).join(),
        /^Attest api: UnknownTarget\. .*: billing-worker\./,
      );
    }
  });

  it('in a planned run is refused: it rests on a position that no word can give', () => {
    for (const target of ['orders', '*']) {
      const said = answers(attested(target, { mode: 'Planned' })).join();
      assert.match(said, /: PlannedNeedsProof\. A planned Run rests on the last position of us-east-1/);
      assert.match(said, /Abort it .*"desiredState":"Aborted".*failover\.mode of the plan to Forced/);
    }
    const promoting = { 'promote/orders': { intent: anIntent() } };
    const late = answers(attested('orders', { mode: 'Planned', steps: promoting })).join();
    assert.match(late, /PlannedNeedsProof/);
    assert.doesNotMatch(late, /desiredState/);
  });

  it('is heard in a forced run, and no refusal comes after it has done its work', () => {
    assert.deepEqual(answers(attested('orders')), []);
    assert.deepEqual(answers(attested('*')), []);
    const steps = { 'fence/orders': outcome('Overridden', { attested: true }) };
    assert.deepEqual(answers(attested('orders', { steps })), []);
  });
});
