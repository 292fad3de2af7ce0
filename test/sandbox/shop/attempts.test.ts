import assert from 'node:assert/strict';
import {
  acceptance,
  acknowledged,
  longestOutage,
  lostOrders,
  overlaps,
  parseAttempts,
} from '../../../src/sandbox/shop/attempts.ts';
import type { Attempt } from '../../../src/sandbox/shop/attempts.ts';

/** `at` = when it was answered, sent 5 ms before; no region: failed. */
function attempt(at: number, region: string | null, client = 'c'): Attempt {
  const order = `${client}-${String(at)}`;
  return {
    client,
    order,
    sent: at - 5,
    t: at,
    region,
    acknowledged: region !== null,
    error: region === null ? 'x' : null,
  };
}

describe("What the clients' log says", () => {
  it('reads lines, leaves out an unfinished one and names a broken one', () => {
    const [one, two] = [attempt(10, 'east'), attempt(20, null)];
    assert.deepEqual(parseAttempts(`${JSON.stringify(one)}\n${JSON.stringify(two)}\n{"client": "c`), [one, two]);
    assert.deepEqual(parseAttempts(''), []);
    assert.throws(() => parseAttempts(`${JSON.stringify(one)}\n{"client": 1}\n`), /line 2/);
    assert.throws(() => parseAttempts(`${JSON.stringify({ ...one, region: undefined })}\n`), /line 1/);
  });

  it('counts as acknowledged only what a region vouched for, in order', () => {
    const log = [
      attempt(30, 'west'),
      attempt(20, null),
      attempt(10, 'east'),
      { ...attempt(40, 'west'), acknowledged: false },
    ];
    assert.deepEqual(
      acknowledged(log).map(({ t }) => t),
      [10, 30],
    );
  });

  it('calls lost what was acknowledged and is in no row; never what was not', () => {
    const log = [attempt(10, 'east'), attempt(20, 'east'), attempt(30, null), attempt(40, 'west')];
    assert.deepEqual(
      lostOrders(log, [{ id: 'c-10' }, { id: 'c-40' }, { id: 'somebody-else' }]).map(({ order }) => order),
      ['c-20'],
    );
    assert.deepEqual(
      lostOrders(
        log,
        log.map(({ order }) => ({ id: order })),
      ),
      [],
    );
  });

  it('measures the longest outage of one client, not of all together', () => {
    const log = [
      attempt(100, 'east', 'a'),
      attempt(200, null, 'a'),
      attempt(1_100, 'west', 'a'),
      attempt(150, 'east', 'b'),
      attempt(500, null, 'b'),
      attempt(2_000, 'west', 'b'),
      attempt(2_010, null, 'b'),
      attempt(2_020, 'west', 'b'),
    ];
    assert.deepEqual(longestOutage(log), { client: 'b', from: 150, until: 2_000, ms: 1_850, open: false });
  });

  it('takes a pause for no outage, and an outage at either end for one', () => {
    assert.equal(longestOutage([attempt(100, 'east'), attempt(9_000, 'east')]), undefined);
    assert.equal(longestOutage([]), undefined);
    assert.deepEqual(longestOutage([attempt(100, null), attempt(400, 'east')]), {
      client: 'c',
      from: 95,
      until: 400,
      ms: 305,
      open: false,
    });
    assert.deepEqual(longestOutage([attempt(100, 'east'), attempt(200, null), attempt(700, null)]), {
      client: 'c',
      from: 100,
      until: 700,
      ms: 600,
      open: true,
    });
  });

  it('tells which region took orders when, and where two did at once', () => {
    const clean = [attempt(10, 'east'), attempt(20, 'east'), attempt(30, 'west'), attempt(50, 'east')];
    assert.deepEqual(acceptance(clean), [
      { region: 'east', from: 5, until: 20, orders: 2 },
      { region: 'west', from: 25, until: 30, orders: 1 },
      { region: 'east', from: 45, until: 50, orders: 1 },
    ]);
    assert.deepEqual(overlaps(acceptance(clean)), []);
    const torn = [attempt(10, 'east', 'a'), attempt(12, 'west', 'b'), attempt(14, 'east', 'a')];
    assert.equal(acceptance(torn).length, 3);
    assert.deepEqual(
      overlaps(acceptance(torn)).map(([one, other]) => [one.region, other.region]),
      [
        ['east', 'west'],
        ['west', 'east'],
      ],
    );
    const slow = [{ ...attempt(100, 'west'), sent: 10 }, attempt(50, 'east')];
    assert.equal(overlaps(acceptance(slow)).length, 1, 'an order under way for long spans the other region');
  });
});
