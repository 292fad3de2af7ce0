import assert from 'node:assert/strict';
import { east, serverName, west } from '../scenarios/names.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { assertInvariants } from '../simulation/assert-invariants.ts';
import { recordTable } from '../support/report-lines.ts';
import { operatorFaults, type OperatorFault } from './operator-faults.ts';

interface Told {
  readonly stage: Stage;
  /** From the person's word to health in the west, ms. */
  readonly tookMs: number;
  /** Of the fault, ms. */
  readonly lastsMs: number;
  /** Requests to the API servers meanwhile. */
  readonly requests: number;
}

async function tell(fault?: OperatorFault): Promise<Told> {
  const stage = createStage({
    timeline: false,
    ...(fault?.operators === undefined ? {} : { operators: fault.operators }),
  });
  await stage.until('the plan is ready', () => stage.person.condition('Ready')?.status === 'True');
  await stage.pass(12_000);
  const before = kubeCalls(stage);
  const wordAt = stage.now();
  stage.person.setActiveRegion(west);
  const lastsMs = fault?.strike(stage) ?? 0;
  await stage.until('it is healthy in the west', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
  const healthy = stage.person.run()?.status?.milestones?.sustained ?? '';
  const requests = kubeCalls(stage) - before;
  await stage.pass(Math.max(0, wordAt + lastsMs - stage.now()));
  await stage.until('the run is over', () => stage.person.run()?.status?.phase === 'Succeeded');
  await stage.pass(30_000);
  return { stage, tookMs: Date.parse(healthy) - wordAt, lastsMs, requests };
}

function kubeCalls({ kernel }: Stage): number {
  const calls = Object.entries(kernel.callCounts());
  return calls.filter(([label]) => label.startsWith('kube.')).reduce((sum, [, count]) => sum + count, 0);
}

/** By PostgreSQL's own history, the zone's own record and the clients' own log. */
function assertWhole(stage: Stage): void {
  const { world } = stage;
  const { orders } = world.postgresql;
  assert.ok(orders !== undefined);
  const primary = serverName('orders', west);
  assert.equal(orders.role(primary), 'Primary');
  assert.equal(orders.role(serverName('orders', east)), 'Replica');
  assert.equal(orders.timelineHistory(primary).length, 1, 'one promotion');
  const fences = orders.witnessed.filter(({ statement, refused }) => statement === 'fence' && refused === undefined);
  assert.ok(
    fences.length >= 1 && fences.every(({ server }) => server === serverName('orders', east)),
    'the source is fenced',
  );
  const moves = world.changes.filter(
    ({ operation, verdict }) => operation === 'ChangeResourceRecordSets' && verdict === 'accepted',
  );
  assert.equal(moves.length, 1, 'the traffic was moved once');
  assert.deepEqual(world.clients.lost(orders.rows(primary)), [], 'no acknowledged order is lost');
  const last = world.clients.acknowledged().at(-1);
  assert.ok(last?.region === west && stage.now() - last.at < 5_000, 'orders are taken in the west');
  assert.equal(stage.person.runs().length, 1, 'one Run');
}

describe('a planned run under faults: the operator against API servers that fail, in virtual time', function () {
  this.timeout(240_000);
  const rows: string[] = [];
  let calm: Told;
  before(async () => {
    calm = await tell();
    rows.push(row('none', calm, 0));
  });
  after(() => {
    const head = `${'fault'.padEnd(36)} ${'healthy after'.padStart(13)} ${'of that over'.padStart(12)}  bound  requests`;
    recordTable('faults: the whole operator, a planned run, virtual time', [head, ...rows].join('\n'));
  });

  for (const fault of operatorFaults) {
    it(`${fault.name}: one promotion, nothing lost, healthy within its bound`, async () => {
      const told = await tell(fault);
      assert.deepEqual(told.stage.kernel.unmet(), [], 'the fault struck');
      if (fault.struck !== undefined) {
        assert.ok(fault.struck(told.stage), 'the fault struck, as the world shows it');
        assert.equal(fault.struck(calm.stage), false, 'which it does not show without');
      }
      assertWhole(told.stage);
      assertInvariants(told.stage);
      rows.push(row(fault.name, told, fault.withinMs));
      const lateMs = told.tookMs - calm.tookMs;
      assert.ok(lateMs <= told.lastsMs + fault.withinMs, `${String(lateMs)} ms later than without it`);
      const seconds = told.tookMs / 1_000;
      // Beside the requests of the work itself: four looks a second (decide/pace.ts), of up to four requests each.
      assert.ok(
        told.requests <= calm.requests + 16 * seconds,
        `${String(told.requests)} requests in ${String(seconds)} s`,
      );
    });
  }

  function row(name: string, { tookMs, requests }: Told, bound: number): string {
    const over = tookMs - calm.tookMs;
    const cells = [(tookMs / 1_000).toFixed(1).padStart(11), (over / 1_000).toFixed(1).padStart(10)];
    return `${name.padEnd(36)} ${cells[0] ?? ''} s ${cells[1] ?? ''} s ${(bound / 1_000).toFixed(0).padStart(4)} s ${String(requests).padStart(9)}`;
  }
});
