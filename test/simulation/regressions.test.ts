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
