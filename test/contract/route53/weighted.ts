import assert from 'node:assert/strict';
import * as w from '../route53-world.ts';
import { names } from './harness.ts';
import type { Route53Harness } from './harness.ts';

export function weightedSuite(route53: Route53Harness): void {
  const { change, list, records, refusesBatch } = route53;

  describe('weighted records and aliases', () => {
    const east = w.weighted('shop.example.com.', 'east', 100, 'lb-use1.example.com');
    const west = w.weighted('shop.example.com.', 'west', 0, 'lb-usw2.example.com');

    beforeEach(async () => {
      await change([w.create(east), w.create(west)]);
    });

    it('are listed by their identifiers and shifted as a pair', async () => {
      assert.deepEqual(names(await list({ StartRecordName: 'shop.example.com' })), [
        'shop.example.com. CNAME east',
        'shop.example.com. CNAME west',
      ]);
      await change([
        w.remove(east),
        w.remove(west),
        w.create({ ...east, Weight: 0 }),
        w.create({ ...west, Weight: 100 }),
      ]);
      const { ResourceRecordSets } = await list({ StartRecordName: 'shop.example.com' });
      assert.deepEqual(ResourceRecordSets, [
        { ...east, Weight: 0 },
        { ...west, Weight: 100 },
      ]);
    });

    it('count weight and identifier', async () => {
      const subject = (id: string): string =>
        `resource record set [name='shop.example.com.', type='CNAME', set-identifier='${id}']`;
      await refusesBatch(
        [w.remove({ ...west, Weight: 1 })],
        `Tried to delete ${subject('west')} but the values provided do not match the current values`,
      );
      await refusesBatch(
        [w.remove({ ...west, SetIdentifier: 'north' })],
        `Tried to delete ${subject('north')} but it was not found`,
      );
      await refusesBatch(
        [w.remove(w.cname('shop.example.com', 'lb-usw2.example.com'))],
        "Tried to delete resource record set [name='shop.example.com.', type='CNAME'] but it was not found",
      );
    });

    it('mix with no other policy and hold one TTL', async () => {
      await refusesBatch(
        [w.create(w.cname('shop.example.com', 'x.example.com'))],
        'RRSet with DNS name shop.example.com., type CNAME cannot be created as other RRSets exist with the same name and type.',
      );
      await refusesBatch(
        [w.create(w.weighted('checkout.example.com', 'west', 1, 'x.example.com'))],
        'RRSet with DNS name checkout.example.com., type CNAME, SetIdentifier west cannot be created as a non-weighted set exists with the same name and type.',
      );
      await refusesBatch(
        [w.create(w.weighted('shop.example.com', 'north', 1, 'x.example.com', 60))],
        'RRSet with DNS name shop.example.com. and type CNAME, SetIdentifier north cannot be created as weighted sets must contain the same TTL.',
      );
    });

    it('lead by alias to what exists, and count EvaluateTargetHealth', async () => {
      const AliasTarget = { HostedZoneId: w.LB_ZONE, DNSName: 'lb-use1.elb.example.', EvaluateTargetHealth: false };
      const alias = { Name: 'example.com.', Type: 'A', AliasTarget } as const;
      await change([w.create(alias)]);
      assert.deepEqual(((await records()) as readonly unknown[])[0], alias);
      await refusesBatch(
        [w.remove({ ...alias, AliasTarget: { ...AliasTarget, EvaluateTargetHealth: true } })],
        "Tried to delete resource record set [name='example.com.', type='A'] but the values provided do not match the current values",
      );
      await refusesBatch(
        [
          w.create({
            ...alias,
            Name: 'y.example.com',
            AliasTarget: { ...AliasTarget, DNSName: 'lb-none.elb.example' },
          }),
        ],
        'Tried to create an alias that targets lb-none.elb.example., type A in zone Z0LB, but that target was not found',
      );
    });
  });
}
