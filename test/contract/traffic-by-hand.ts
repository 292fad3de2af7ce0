import assert from 'node:assert/strict';
import { byHand } from '../../src/drivers/traffic/by-hand.ts';
import type { ByHand, Handover, Ownership } from '../../src/drivers/traffic/driver.ts';
import type { RecordSet } from '../../src/sandbox/models/route53/index.ts';
import { changeInput } from '../support/aws-command.ts';
import { cname } from './route53-world.ts';
import { at, EAST, mine, put, signal } from './traffic-bench.ts';
import type { TrafficBench } from './traffic-bench.ts';
import { EAST_REGION, NAME, owner, ownerText, RECORD, REGIONS, tokenOf, WEST_REGION } from './traffic-world.ts';

const ours = (epoch: number, runUid = `run-${String(epoch)}`): Ownership => ({
  kind: 'Mine',
  epoch,
  region: EAST_REGION,
  runUid,
});

/** With the TTL that the operator gives it. */
const asWritten = (epoch: number): RecordSet => ({ ...owner(epoch, EAST_REGION), TTL: 60 });

/** The batch as a person types it, who reaches the control plane where the operator does not. */
export function movedByHand(bench: TrafficBench): void {
  const { restart, observe, texts, target } = bench;
  const bare: Handover = { record: RECORD, regions: REGIONS, from: EAST_REGION, to: WEST_REGION, ttl: 30 };

  /** As a person who reaches the control plane. @returns what the service says against it. */
  async function typed(made: ByHand): Promise<string | undefined> {
    assert.ok(made.kind === 'Command', JSON.stringify(made));
    const input = changeInput(made.command);
    const request = { service: 'route53', operation: 'ChangeResourceRecordSets', input, region: WEST_REGION } as const;
    return await bench.world.aws.send(request, signal()).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }
  const nothingMoved = (epoch: number): void => {
    assert.deepEqual([target(), texts()], [['lb-use1.example.net'], [`"${ownerText(epoch, EAST_REGION)}"`]]);
  };

  describe('moved by hand, with the command that a run prints', () => {
    it('from what was listed: all DELETEs first, the ownership with it', async () => {
      await restart([cname(NAME, 'LB-USE1.Example.net.', 20), owner(1, EAST_REGION)]);
      const { listed } = await observe();
      const made = byHand({ ...bare, listed }, tokenOf(2));
      assert.equal(made.kind === 'Command' ? made.comparesWith : '', 'Listed');
      assert.equal(await typed(made), undefined);
      const { ownership, points } = await observe();
      assert.deepEqual([ownership, points], [mine(2, WEST_REGION), at(WEST_REGION)]);
      assert.match((await typed(made)) ?? '', /./, 'and only once');
    });

    it('refused by the service where anybody has changed it since', async () => {
      await restart([EAST, owner(1, EAST_REGION)]);
      const { listed } = await observe();
      put(bench.world, [owner(1, EAST_REGION)], [owner(3, EAST_REGION)]);
      assert.match((await typed(byHand({ ...bare, listed }, tokenOf(2)))) ?? '', /_maestro-dr/);
      nothingMoved(3);
    });

    for (const [whose, records, served] of [
      ['nobody`s', [EAST], { kind: 'Unclaimed' }],
      ['an older run`s', [EAST, asWritten(1)], ours(1)],
    ] as const) {
      it(`never listed, and ${whose} by its servers: from what that lets suppose`, async () => {
        await restart(records);
        const made = byHand({ ...bare, ttl: EAST.TTL ?? 0, served }, tokenOf(2));
        assert.equal(made.kind === 'Command' ? made.comparesWith : '', 'Supposed');
        assert.equal(await typed(made), undefined);
        const { ownership, points } = await observe();
        assert.deepEqual([ownership, points], [mine(2, WEST_REGION), at(WEST_REGION)]);
      });
    }

    it('a wrong supposition changes nothing', async () => {
      await restart([EAST, asWritten(1)]);
      const suppositions: readonly Partial<Handover>[] = [
        { served: ours(1), ttl: 31 },
        { served: { kind: 'Unclaimed' } },
        { served: ours(1, 'another') },
        {
          served: ours(1),
          record: { ...RECORD, values: { ...RECORD.values, [EAST_REGION]: ['lb-old'] } },
        },
      ];
      for (const one of suppositions) {
        const made = byHand({ ...bare, ttl: EAST.TTL ?? 0, ...one }, tokenOf(2));
        assert.match((await typed(made)) ?? '', /./, JSON.stringify(one));
        nothingMoved(1);
      }
    });
  });
}
