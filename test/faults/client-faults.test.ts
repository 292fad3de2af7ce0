import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectRef } from '../../src/kube/object.ts';
import { writeStatus } from '../../src/record/write-status.ts';
import { RENEWED_TOKEN, TOKEN } from '../sandbox/wire/kube-api/real-time.ts';
import { until } from '../support/postgresql.ts';
import { recordTable } from '../support/report-lines.ts';
import { callMs, createBed, maps, regionsPath, type Bed } from './client-bed.ts';
import { clientFaults, first, refusal } from './client-faults.ts';

describe('an API server that fails, over the wire: client and reflector', function () {
  this.timeout(60_000);
  const rows: string[] = [];
  let bed: Bed;

  before(async () => {
    bed = await createBed();
  });
  beforeEach(() => {
    bed.fault = () => undefined;
  });
  after(async () => {
    await bed.end();
    const head = `${'fault'.padEnd(36)} ${'right after'.padStart(11)}  bound  requests`;
    recordTable('faults: client and reflector, over the wire, real time', [head, ...rows].join('\n'));
  });

  /** The server's own objects against the copy, by name and version. */
  const isRight = (): boolean => {
    const line = (metadata: { readonly name?: unknown; readonly resourceVersion?: unknown }): string =>
      `${String(metadata.name)}@${String(metadata.resourceVersion)}`;
    const there = bed.served.api.hooks.list('/configmaps', 'default').map(({ metadata }) => line(metadata as object));
    const here = bed.reflector.cache.all().map(({ metadata }) => line(metadata));
    return JSON.stringify(there.sort()) === JSON.stringify(here.sort());
  };

  const path = '/api/v1/namespaces/default/configmaps';
  clientFaults.forEach((fault, index) => {
    it(`${fault.name}: the copy is the server's own again within ${String(fault.withinMs / 1_000)} s`, async () => {
      const [kept, gone, anew] = ['kept', 'gone', 'new'].map((what) => `${what}-${String(index)}`);
      for (const name of [kept, gone]) {
        bed.person('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
      }
      await until('the copy is right before', isRight);
      const before = bed.asked.length;
      const end = fault.strike(bed);
      const begun = performance.now();
      if (fault.breaks) bed.served.api.hooks.endWatches();
      bed.person('PATCH', `${path}/${String(kept)}`, { data: { turn: '2' } });
      bed.person('DELETE', `${path}/${String(gone)}`);
      bed.person('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: anew } });
      if (end !== undefined) {
        await pause(2_000);
        if (!fault.breaks) assert.equal(isRight(), false, 'the fault holds');
        end();
      }
      const over = performance.now();
      await until('the copy is right again', isRight, fault.withinMs);
      const tookMs = performance.now() - over;
      const requests = bed.asked.length - before;
      rows.push(
        `${fault.name.padEnd(36)} ${(tookMs / 1_000).toFixed(2).padStart(9)} s ${String(fault.withinMs / 1_000).padStart(4)} s ${String(requests).padStart(9)}`,
      );
      assert.ok(performance.now() - begun >= (fault.notBeforeMs ?? 0), 'not sooner than the fault allows');
      assert.ok(requests <= fault.requests, `${String(requests)} requests: ${bed.asked.slice(before).join('\n')}`);
      await until('it hears again', () => bed.reflector.trouble() === undefined);
    });
  });

  it('a status write whose reply is lost is settled by reading: written once, and known to be', async () => {
    const ref = regionNamed('lost-reply');
    const made = await bed.client.get(ref, { deadlineMs: callMs });
    bed.fault = first(1, ({ method }) => method === 'PATCH', 'drop-reply');
    const before = bed.served.audit.length;
    const written = await writeStatus(bed.client, ref, made, { clusterUID: 'written' }, callMs);
    assert.equal(written.kind, 'Written');
    const patches = bed.served.audit.slice(before).filter(({ verb, user }) => verb === 'patch' && user === 'admin');
    assert.deepEqual(
      patches.map(({ changed }) => changed),
      [true],
      "one patch, by the server's own log",
    );
    rows.push('status reply lost                     settled by one read');
  });

  it('a status write whose request is lost is known not to be written', async () => {
    const ref = regionNamed('lost-request');
    const made = await bed.client.get(ref, { deadlineMs: callMs });
    bed.fault = first(1, ({ method }) => method === 'PATCH', 'reset');
    const written = await writeStatus(bed.client, ref, made, { clusterUID: 'written' }, callMs);
    assert.equal(written.kind, 'Conflict', 'the decision is thrown away, never sent again');
    assert.ok('there' in written && written.there.metadata.uid === made.metadata.uid, 'what is there is handed over');
    const gone = { ...ref, name: 'lost-for-good' };
    const unknown = await writeStatus(bed.client, gone, made, { clusterUID: 'written' }, callMs);
    assert.deepEqual(unknown, { kind: 'Conflict' }, 'nothing is there');
  });

  it('a conflict storm loses no write of either side', async () => {
    const ref = regionNamed('storm');
    const turns = 40;
    let mine = 0;
    let refused = 0;
    for (let turn = 1; turn <= turns; turn += 1) {
      const read = await bed.client.get(ref, { deadlineMs: callMs });
      // Another writes between our look and our write, each time but the fourth.
      if (turn % 4 !== 0) {
        bed.person('PATCH', `${regionsPath}/${ref.name}`, {
          metadata: { annotations: { turn: String(turn) } },
        });
      }
      const written = await writeStatus(bed.client, ref, read, { clusterUID: `turn-${String(turn)}` }, callMs);
      if (written.kind === 'Written') mine += 1;
      else refused += 1;
    }
    assert.deepEqual([mine, refused], [turns / 4, (turns * 3) / 4], 'refused whenever somebody had written in between');
    const end = await bed.client.get(ref, { deadlineMs: callMs });
    assert.equal(end.metadata.annotations?.turn, String(turns - 1), "the other's last word stands");
    rows.push(`conflict storm                        ${String(refused)} of ${String(turns)} writes refused, none lost`);
  });

  it('a mutation that meets an expired token is sent again with the renewed one, and takes effect once', async () => {
    bed.token = TOKEN;
    bed.fault = ({ headers }) =>
      headers.authorization === `Bearer ${RENEWED_TOKEN}` ? refusal(401, 'Unauthorized') : undefined;
    const before = bed.served.audit.length;
    const body = { data: { token: 'renewed' } };
    await bed.client.patch({ ...maps, name: 'kept-0' }, body, { type: 'merge', deadlineMs: 5_000 });
    const patches = bed.served.audit.slice(before).filter(({ verb, changed }) => verb === 'patch' && changed);
    assert.equal(patches.length, 1);
    rows.push('expired token at a mutation           sent again, one effect');
  });

  /** What nobody but us writes the status of. */
  function regionNamed(name: string): ObjectRef {
    const spec = { cluster: { inCluster: {} } };
    bed.person('POST', regionsPath, {
      apiVersion: 'dr.maestro.io/v1alpha1',
      kind: 'DisasterRecoveryRegion',
      metadata: { name },
      spec,
    });
    return { group: 'dr.maestro.io', version: 'v1alpha1', resource: 'disasterrecoveryregions', name };
  }
});
