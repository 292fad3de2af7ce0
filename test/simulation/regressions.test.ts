import assert from 'node:assert/strict';
import { play } from './generate.ts';
import { invariants } from './invariants/index.ts';
import type { Tale } from './tale.ts';

/** Defects that generated histories found, as the smallest tale that showed each. */
const regressions: readonly { readonly name: string; readonly tale: Tale }[] = [
  {
    name: 'a plan deleted before its run had touched anything left the run waiting for ever',
    tale: {
      seed: 999_991,
      databases: ['orders'],
      fencing: 'Verified',
      approval: 'Never',
      enforcement: 'Act',
      rpo: '30s',
      cooldown: '0s',
      outage: { kind: 'None' },
      faults: [{ process: 'operator', label: 'kube.create', do: 'kill-before', occurrence: 8 }],
      deeds: [{ at: 498, do: 'delete' }],
      weather: [],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 1_242,
    },
  },
  {
    name: 'an abort took a look from before its own scaling for proof that nothing was left to take back',
    tale: {
      seed: 10,
      databases: ['orders', 'ledger'],
      fencing: 'Verified',
      approval: 'Forced',
      enforcement: 'Act',
      rpo: '30s',
      cooldown: '0s',
      outage: { kind: 'None' },
      faults: [
        { process: 'operator', label: 'sql.probe', do: 'kill-before' },
        { process: 'operator', label: 'kube.patch', do: 'kill-before', occurrence: 41 },
      ],
      deeds: [{ at: 370, do: 'delete' }],
      weather: [{ at: 6672, forMs: 11015, do: 'machine-sleeps' }],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 1862,
    },
  },
  {
    name: 'a wall clock that jumped there and back made the lease seem over for a moment, and nothing woke the work again',
    tale: {
      seed: 810813,
      databases: ['orders'],
      fencing: 'BestEffort',
      approval: 'Forced',
      enforcement: 'Act',
      rpo: '1s',
      cooldown: '0s',
      outage: { kind: 'Dark', heldMs: 3893, returns: 'OnceHealthy' },
      faults: [
        { process: 'operator', label: 'sql.fence', do: 'kill-before' },
        { process: 'operator', label: 'sql.promote', do: 'kill-before' },
      ],
      deeds: [],
      weather: [{ at: 3006, forMs: 2556, do: 'wall-jump', byMs: 21775 }],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 744,
    },
  },
  {
    name: 'a run whose plan was deleted before it was pinned had no phase, for ever',
    tale: {
      seed: 499788,
      databases: ['orders'],
      fencing: 'Verified',
      approval: 'Always',
      enforcement: 'Act',
      rpo: '30s',
      cooldown: '0s',
      outage: { kind: 'None' },
      faults: [
        { process: 'operator', label: 'kube.patch', do: 'kill-after-reply', occurrence: 15 },
        { process: 'operator', label: 'sql.promote', do: 'kill-after-effect' },
        { label: 'sql.promote', do: 'error', error: { sqlState: '57P03' }, occurrence: 6 },
      ],
      deeds: [{ at: 163, do: 'delete' }],
      weather: [{ at: 3979, forMs: 8764, do: 'dns-api', how: 'silent' }],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 961,
    },
  },
  {
    name: 'a promotion was intended on a look from before a person accepted the loss, while the newest look hung',
    tale: {
      seed: 769_273,
      databases: ['orders'],
      fencing: 'Verified',
      approval: 'Always',
      enforcement: 'Act',
      rpo: '1s',
      cooldown: '0s',
      outage: { kind: 'Dark', heldMs: 5974, returns: 'OnceHealthy' },
      faults: [
        { process: 'operator', label: 'sql.seal', do: 'kill-after-reply' },
        { process: 'operator', label: 'kube.patch', do: 'kill-before', occurrence: 42 },
        { process: 'operator', label: 'sql.fence', do: 'kill-after-reply' },
      ],
      deeds: [{ at: 7317, do: 'edit' }],
      weather: [
        { at: 11935, forMs: 6621, do: 'cut', region: 'us-west-2', how: 'hang' },
        { at: 3499, forMs: 13460, do: 'dns-api', how: 'unavailable' },
      ],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 101,
    },
  },
  {
    name: 'an adopted plan was ready by a record seen before the move, while the newest look at it hung',
    tale: {
      seed: 1,
      databases: ['orders'],
      fencing: 'Verified',
      approval: 'Forced',
      enforcement: 'Act',
      rpo: '30s',
      cooldown: '0s',
      outage: { kind: 'None' },
      faults: [{ label: 'route53.ListResourceRecordSets', do: 'drop-reply', seen: 'silence', occurrence: 6, count: 1 }],
      deeds: [],
      weather: [],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 100,
      hand: { after: 'Run', operator: 'Alive', source: 'Stopped', movesDns: false, then: 'Left', adopts: true },
    },
  },
  {
    name: 'a paused run took its fence back by itself when its standby was late',
    tale: {
      seed: 1,
      databases: ['orders'],
      fencing: 'Verified',
      approval: 'Forced',
      enforcement: 'Act',
      rpo: '30s',
      cooldown: '0s',
      outage: { kind: 'None' },
      faults: [],
      deeds: [{ at: 1_200, do: 'pause', forMs: 180_000 }],
      weather: [{ at: 0, forMs: 170_000, do: 'link', how: 'hold' }],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 1_000,
    },
  },
  {
    name: 'what was asked of a run that was taken back was dropped in silence',
    tale: {
      seed: 1,
      databases: ['orders'],
      fencing: 'Verified',
      approval: 'Forced',
      enforcement: 'Act',
      rpo: '30s',
      cooldown: '0s',
      outage: { kind: 'None' },
      faults: [],
      deeds: [
        { at: 300, do: 'skip', step: 'smoke/place-order' },
        { at: 300, do: 'retry', step: 'rebuild/orders' },
        { at: 500, do: 'flip-back' },
      ],
      weather: [],
      comesBack: false,
      badPlan: false,
      twin: false,
      answerMs: 1_000,
    },
  },
];

describe('regressions found by generated histories', function () {
  this.timeout(120_000);
  for (const { name, tale } of regressions) {
    it(name, async () => {
      const history = await play(tale);
      assert.deepEqual(
        invariants.flatMap((one) => one.violations(history)),
        [],
      );
    });
  }
});
