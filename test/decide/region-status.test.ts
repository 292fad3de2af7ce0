import assert from 'node:assert/strict';
import { regionStatus, type RegionFacts } from '../../src/decide/region-status.ts';
import { known, unknown } from '../../src/api/fact.ts';
import { everyWhy, now } from './support/facts.ts';

describe('a region`s status', () => {
  const facts = (over: Partial<RegionFacts> = {}): RegionFacts => ({
    generation: 2,
    status: { observedGeneration: 1, conditions: [] },
    health: known({ clusterUid: 'uid-a' }, now),
    problems: [],
    others: [],
    wall: now.wall,
    ...over,
  });
  const said = (over: Partial<RegionFacts>, type: string) => {
    const found = regionStatus(facts(over)).conditions.find((one) => one.type === type);
    return `${found?.status ?? ''} ${found?.reason ?? ''}`;
  };
  const before = { observedGeneration: 1, clusterUid: 'uid-a', conditions: [] };

  it('knows the cluster that answers, and that it is the one it was', () => {
    assert.equal(said({}, 'Reachable'), 'True Answers');
    assert.equal(said({ status: before }, 'Reachable'), 'True Answers');
    assert.equal(said({ status: { ...before, clusterUid: 'uid-b' } }, 'Reachable'), 'True ClusterChanged');
    assert.equal(regionStatus(facts()).clusterUid, 'uid-a');
    assert.equal(regionStatus(facts()).observedGeneration, 2);
  });
  for (const why of everyWhy) {
    const wanted = `${why === 'NotAsked' ? 'Unknown' : 'False'} ${why}`;
    it(`that is unknown for ${why}: ${wanted}, its cluster remembered`, () => {
      const over = { health: unknown<{ clusterUid: string }>(why, 'x', now), status: before };
      assert.equal(said(over, 'Reachable'), wanted);
      assert.equal(regionStatus(facts(over)).clusterUid, 'uid-a');
      assert.equal(regionStatus(facts({ ...over, status: { ...before, conditions: [] } })).clusterUid, 'uid-a');
    });
  }
  it('has no cluster where none ever answered', () => {
    assert.ok(!('clusterUid' in regionStatus(facts({ health: unknown('Timeout', 'x', now) }))));
  });
  it('is refused where it leads to another Region`s cluster, or cannot be used', () => {
    assert.equal(said({}, 'Accepted'), 'True Accepted');
    assert.equal(said({ others: [{ name: 'b', clusterUid: 'uid-b' }] }, 'Accepted'), 'True Accepted');
    assert.equal(said({ others: [{ name: 'b', clusterUid: 'uid-a' }] }, 'Accepted'), 'False DuplicateCluster');
    assert.equal(said({ problems: ['a is wrong.', 'b too.'] }, 'Accepted'), 'False Malformed');
    const accepted = regionStatus(facts({ problems: ['a is wrong.', 'b too.'] })).conditions[0];
    assert.equal(accepted?.message, 'a is wrong. b too.');
  });
  it('keeps the time of the last change', () => {
    const first = regionStatus(facts());
    const later = regionStatus(facts({ status: first, wall: now.wall + 5 }));
    assert.deepEqual(later, first);
    const dead = regionStatus(facts({ status: first, wall: now.wall + 5, health: unknown('Timeout', 'x', now) }));
    assert.deepEqual(
      dead.conditions.map((one) => one.lastTransitionAt),
      [now.wall, now.wall + 5, now.wall + 5],
    );
  });
  it('tells kstatus what is tried again from what somebody has to mend; nothing of it while all is well', () => {
    const progress = (over: Partial<RegionFacts> = {}): readonly string[] =>
      regionStatus(facts(over))
        .conditions.filter(({ type }) => type === 'Reconciling' || type === 'Stalled')
        .map(({ type, status, reason }) => `${type} ${status} ${reason}`);
    const dead = { health: unknown<{ clusterUid: string }>('Timeout', 'x', now) };
    assert.deepEqual(progress(), []);
    assert.deepEqual(progress(dead), ['Reconciling True Timeout']);
    assert.deepEqual(progress({ ...dead, problems: ['a is wrong.'] }), ['Stalled True Malformed']);
  });
});
