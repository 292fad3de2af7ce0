import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import type { CheckResult } from '../../../src/drivers/checks/driver.ts';
import { everyWhy, green, isGreen, isRed, lost, now, seen, streak } from '../support/facts.ts';
import { aSpec } from '../support/plans.ts';
import { inWords, judge, messageOf } from '../support/runs.ts';

type Check = Observed['checks'][string];

for (const [id, key, reason, subject] of [
  ['dependency/idp', 'dependency/idp', 'DependencyRed', 'Dependency idp'],
  ['smoke/place-order', 'smoke/place-order@us-west-2', 'SmokeRed', 'Smoke test place-order'],
  ['smoke/front-door', 'smoke/front-door@us-west-2', 'SmokeRed', 'Smoke test front-door'],
] as const) {
  describe(id, () => {
    const said = (check: Check | undefined) =>
      judge(id, { observed: check === undefined ? {} : { checks: { [key]: check } } });
    const rows: readonly (readonly [string, Check | undefined, string])[] = [
      ['green as often as wanted', seen(isGreen, now, green(2)), 'Done Succeeded'],
      ['green more often', seen(isGreen, now, green(3)), 'Done Succeeded'],
      ['green once', seen(isGreen, now, green(1)), 'Wait Observing'],
      ['green, its row not counted', seen(isGreen), 'Wait Observing'],
      ['green after a row of red', seen(isGreen, now, { ok: streak('red', 5) }), 'Wait Observing'],
      ['red', seen(isRed, now, { ok: streak('red', 1) }), `Wait ${reason}`],
      ['red after a row of green', seen(isRed, now, green(9)), `Wait ${reason}`],
      ['not asked', undefined, 'Wait Observing'],
      ...everyWhy.map((why): [string, Check, string] => [
        `unknown for ${why}`,
        lost<CheckResult>(why),
        why === 'NotAsked' ? 'Wait Observing' : `Wait ${reason}`,
      ]),
    ];
    for (const [name, check, wanted] of rows) {
      it(`${name}: ${wanted}`, () => {
        assert.equal(inWords(said(check)), wanted);
      });
    }

    it('says what was seen', () => {
      assert.equal(messageOf(said(seen(isGreen, now, green(2)))), 'status 200, 2 in a row, asked from the operator');
      assert.equal(messageOf(said(seen(isGreen, now, green(1)))), `${subject} is green; 2 in a row are wanted.`);
      assert.equal(messageOf(said(seen(isRed))), `${subject} is red: status 503.`);
      assert.equal(messageOf(said(lost('Timeout'))), `${subject} does not answer.`);
      assert.equal(messageOf(said(undefined)), `${subject} is being asked.`);
    });
  });
}

describe('checks', () => {
  it('of another region say nothing', () => {
    const checks = { 'smoke/place-order@us-east-1': seen(isGreen, now, green(5)) };
    assert.equal(inWords(judge('smoke/place-order', { observed: { checks } })), 'Wait Observing');
  });

  it('that the snapshot does not hold are its fault', () => {
    const [first, second] = aSpec().smokeTests;
    assert.ok(first !== undefined && second !== undefined);
    const spec = aSpec({ smokeTests: [{ ...first, http: {} }, second] });
    assert.throws(
      () => judge('smoke/place-order', { spec }),
      /the pinned plan has no check smoke\/place-order@us-west-2/,
    );
  });
});
