import assert from 'node:assert/strict';
import * as w from '../route53-world.ts';
import type { Route53Harness } from './harness.ts';

export function operationsSuite(route53: Route53Harness): void {
  const { send, change, list, records, refuses, start, running } = route53;

  describe('the operations', () => {
    it('describes a zone with its DelegationSet', async () => {
      assert.deepEqual(await send('GetHostedZone', { Id: `/hostedzone/${w.ZONE}` }), {
        HostedZone: {
          Id: `/hostedzone/${w.ZONE}`,
          Name: 'example.com.',
          CallerReference: `sandbox-${w.ZONE}`,
          Config: { PrivateZone: false },
          ResourceRecordSetCount: 6,
        },
        DelegationSet: { NameServers: [w.NEAR, w.FAR] },
      });
    });

    it('describes a private zone without one', async () => {
      await start({
        zones: [{ id: 'ZP', name: 'in.example', nameServers: [{ name: w.NEAR, delayMs: 0 }], private: true }],
      });
      const zone = await send('GetHostedZone', { Id: 'ZP' });
      assert.equal(zone.DelegationSet, undefined);
      assert.deepEqual(zone.VPCs, [{ VPCRegion: 'us-east-1', VPCId: 'vpc-00000000' }]);
    });

    it('takes a shift whole: PENDING, then INSYNC, the list showing it at once', async () => {
      const { ChangeInfo } = await change(w.SHIFT);
      const info = ChangeInfo as { Id: string };
      const pending = { Id: info.Id, Status: 'PENDING', SubmittedAt: running().time.now() };
      assert.match(info.Id, /^\/change\/C\d+$/);
      assert.deepEqual(info, pending);
      const listed = (await records()) as readonly unknown[];
      const shown = listed.filter((set) => JSON.stringify(set).includes('checkout'));
      assert.deepEqual(shown, [w.WEST, w.NEW_OWNER]);
      running().time.advance(w.INSYNC_MS - 1);
      assert.deepEqual(await send('GetChange', { Id: info.Id }), { ChangeInfo: pending });
      running().time.advance(1);
      assert.deepEqual(await send('GetChange', { Id: info.Id }), { ChangeInfo: { ...pending, Status: 'INSYNC' } });
    });

    it('keeps a comment', async () => {
      const Changes = [w.create(w.a('x.example.com', '192.0.2.9'))];
      const input = { HostedZoneId: w.ZONE, ChangeBatch: { Comment: 'run 7 <epoch 2> & more', Changes } };
      const { ChangeInfo } = await send('ChangeResourceRecordSets', input);
      assert.equal((ChangeInfo as { Comment?: string }).Comment, 'run 7 <epoch 2> & more');
    });

    it('knows neither other zones nor other changes', async () => {
      const missing = { status: 404, ambiguous: false };
      const message = 'No hosted zone found with ID: ZNONE';
      await refuses(change(w.SHIFT, 'ZNONE'), { code: 'NoSuchHostedZone', ...missing, message });
      await refuses(list({ HostedZoneId: 'ZNONE' }), { code: 'NoSuchHostedZone', ...missing, message });
      await refuses(send('GetHostedZone', { Id: 'ZNONE' }), { code: 'NoSuchHostedZone', ...missing, message });
      await refuses(send('GetChange', { Id: '/change/CNONE' }), {
        code: 'NoSuchChange',
        ...missing,
        message: 'Could not find resource with ID: CNONE',
      });
    });

    it('knows neither other services nor other operations', async () => {
      const unsent = { status: 0, ambiguous: false };
      const signal = AbortSignal.timeout(20_000);
      await refuses(send('DeleteHostedZone', {}), {
        code: 'UnknownOperation',
        ...unsent,
        message: 'no command for route53 DeleteHostedZone',
      });
      await refuses(
        running().aws.send(
          { service: 'rds', operation: 'DescribeDBInstances', input: {}, region: 'us-east-1' },
          signal,
        ),
        { code: 'UnknownService', ...unsent, message: 'no client for the service rds' },
      );
    });
  });
}
