import assert from 'node:assert/strict';
import { promtool, rulesText, unitTest } from '../monitoring/promtool.ts';
import { alertRules } from '../monitoring/rules.ts';
import { stories, tellStory } from '../monitoring/stories.ts';

/** Each story runs in virtual time; Prometheus' own engine evaluates the rules over what was scraped in it. */
describe('alerts in scenarios', function () {
  this.timeout(600_000);
  const fired = new Set<string>();

  for (const story of stories) {
    it(`exactly what should fires when ${story.name}`, async () => {
      const told = await tellStory(story);
      assert.ok(told.marks.length >= 2, 'firing and not firing');
      promtool(['test', 'rules', 'story.yaml'], { 'rules.yaml': rulesText(), 'story.yaml': unitTest(told) });
      for (const { firing } of told.marks) for (const alert of firing) fired.add(alert);
    });
  }

  it('every alert has fired in one', () => {
    assert.deepEqual(
      alertRules()
        .map(({ alert }) => alert)
        .filter((alert) => !fired.has(alert)),
      [],
    );
  });
});
