import assert from 'node:assert/strict';
import { ALL_RIGHTS, catalogueOf, createPostgresqlModel } from '../../../../src/sandbox/models/postgresql/index.ts';
import type { PostgresqlModel } from '../../../../src/sandbox/models/postgresql/index.ts';
import { promoteStatement } from '../../../../src/drivers/databases/postgresql/statements.ts';
import { manualTime } from '../../../contract/route53-world.ts';
import type { ManualTime } from '../../../contract/route53-world.ts';

const catalogue = catalogueOf({
  maestro: { password: 'm', createrole: true, rights: ALL_RIGHTS },
  shop: { password: 's', writes: true },
});

function pair(): { readonly time: ManualTime; readonly model: PostgresqlModel } {
  const time = manualTime();
  const servers = [
    { name: 'east', host: 'pg.east' },
    { name: 'west', host: 'pg.west' },
  ];
  return { time, model: createPostgresqlModel({ time, name: 'orders', catalogue, servers }) };
}

function promote(model: PostgresqlModel): void {
  const session = model.connect({ host: 'pg.west', port: 5432, database: 'shop', user: 'maestro', password: 'm' });
  assert(session !== undefined && session !== 'Refused');
  assert.deepEqual(session.answer(promoteStatement()), [{ asked: true }]);
  session.close();
}

const settle = (time: ManualTime): void => {
  for (let step = 0; step < 50; step++) time.advance(100);
};

describe('the model of PostgreSQL', () => {
  it('acknowledges at once and replicates after the delay of the link', () => {
    const { time, model } = pair();
    assert.deepEqual(model.write('east', 'shop', 'a'), { acknowledged: true });
    assert.deepEqual(model.rows('west'), []);
    time.advance(1);
    assert.deepEqual(model.rows('west'), ['a']);
    assert.equal(model.position('west'), model.position('east'));
    assert.equal(model.write('west', 'shop', 'b').refusal, 'cannot execute INSERT in a read-only transaction');
  });

  it('loses what a held link never delivered, and diverges', () => {
    const { time, model } = pair();
    model.write('east', 'shop', 'kept');
    time.advance(1);
    model.link('west').hold();
    model.write('east', 'shop', 'lost');
    settle(time);
    model.kill('east');
    promote(model);
    settle(time);
    assert.equal(model.role('west'), 'Primary');
    assert.deepEqual(model.rows('west'), ['kept']);
    assert.deepEqual(
      model.timelineHistory('west').map(({ timeline, parent }) => [timeline, parent]),
      [[2, 1]],
    );
    model.start('east');
    settle(time);
    assert.equal(model.role('east'), 'Primary', 'two writers');
    assert.deepEqual(model.write('east', 'shop', 'late'), { acknowledged: true });
    assert.deepEqual(model.rows('east'), ['kept', 'lost', 'late']);

    model.rebuildFrom('east', 'west');
    model.write('west', 'shop', 'after');
    settle(time);
    assert.equal(model.role('east'), 'Replica');
    assert.deepEqual(model.rows('east'), ['kept', 'after']);
    assert.equal(model.position('east'), model.position('west'));
    assert.deepEqual(model.timelineHistory('east'), model.timelineHistory('west'));
  });

  it('delivers in order what was held, once the link is released', () => {
    const { time, model } = pair();
    model.link('west').hold();
    for (const id of ['a', 'b', 'c']) model.write('east', 'shop', id);
    settle(time);
    assert.deepEqual(model.rows('west'), []);
    model.link('west').restore();
    settle(time);
    assert.deepEqual(model.rows('west'), ['a', 'b', 'c']);
  });

  it('catches up after a cut and after a restart of either end', () => {
    const { time, model } = pair();
    const link = model.link('west');
    link.cut();
    model.write('east', 'shop', 'a');
    settle(time);
    link.restore();
    settle(time);
    assert.deepEqual(model.rows('west'), ['a']);
    model.kill('west');
    model.write('east', 'shop', 'b');
    model.start('west');
    settle(time);
    assert.deepEqual(model.rows('west'), ['a', 'b']);
    model.kill('east');
    assert.equal(model.write('east', 'shop', 'c').refusal, 'connection refused');
    model.start('east');
    settle(time);
    model.write('east', 'shop', 'd');
    settle(time);
    assert.deepEqual(model.rows('west'), ['a', 'b', 'd']);
  });

  it('sends everything before a clean stop', () => {
    const { model } = pair();
    model.write('east', 'shop', 'a');
    model.stop('east');
    assert.deepEqual(model.rows('west'), ['a']);
    assert.equal(model.role('east'), 'Down');
  });

  it('keeps a promotion pending behind a reader, having said yes', () => {
    const { time, model } = pair();
    const connected = model.client('west', 'shop');
    assert(connected.kind === 'Connected');
    connected.client.holdSnapshot(true);
    promote(model);
    settle(time);
    assert.equal(model.role('west'), 'Replica');
    connected.client.close();
    settle(time);
    assert.equal(model.role('west'), 'Primary');
  });

  it('replays late where it is told to, and not while paused', () => {
    const { time, model } = pair();
    model.applyDelay('west', 5_000);
    model.write('east', 'shop', 'a');
    time.advance(1);
    time.advance(4_999);
    assert.deepEqual(model.rows('west'), []);
    time.advance(1);
    assert.deepEqual(model.rows('west'), ['a']);
    model.applyDelay('west', 0);
    model.pauseReplay('west', true);
    model.write('east', 'shop', 'b');
    settle(time);
    assert.deepEqual(model.rows('west'), ['a']);
    model.pauseReplay('west', false);
    assert.deepEqual(model.rows('west'), ['a', 'b']);
  });
});
