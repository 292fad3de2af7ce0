import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import * as w from '../route53-world.ts';
import type { Route53Harness } from './harness.ts';

export function faultsSuite(route53: Route53Harness): void {
  const { send, change, list, records, refuses, start, running } = route53;

  describe('refusals and faults', () => {
    const isShifted = async (): Promise<boolean> => JSON.stringify(await records()).includes('epoch=2');

    /** A shift whose caller gives up once it has arrived and no answer comes. */
    const givenUp = async (): Promise<unknown> => {
      const patience = new AbortController();
      const input = { HostedZoneId: w.ZONE, ChangeBatch: { Changes: w.SHIFT } };
      const work = send('ChangeResourceRecordSets', input, patience.signal);
      while (running().model.faults.left() > 0) await setTimeout(5);
      patience.abort();
      return work;
    };

    it('reads the second shape of an InvalidChangeBatch like the first', async () => {
      await start({ batchErrorShape: 'messages' });
      const exists = (name: string): string =>
        `Tried to create resource record set [name='${name}', type='A'] but it already exists`;
      const one = [w.create(w.a('lb-use1.example.com', '192.0.2.7'))];
      const two = [...one, w.create(w.a('lb-usw2.example.com', '192.0.2.7'))];
      const refusal = { code: 'InvalidChangeBatch', status: 400, ambiguous: false };
      await refuses(change(one), { ...refusal, message: exists('lb-use1.example.com.') });
      const message = `${exists('lb-use1.example.com.')}, ${exists('lb-usw2.example.com.')}`;
      await refuses(change(two), { ...refusal, message });
    });

    it('throttles, is busy with a prior request, and denies', async () => {
      const refusal = { status: 400, ambiguous: false };
      running().model.faults.add({ kind: 'throttled', operation: 'ChangeResourceRecordSets', times: 2 });
      assert.deepEqual(await isShifted(), false);
      const throttled = { code: 'Throttling', ...refusal, message: 'Rate exceeded' };
      await refuses(change(w.SHIFT), throttled);
      await refuses(change(w.SHIFT), throttled);
      running().model.faults.add({ kind: 'prior-request' });
      const busy = {
        code: 'PriorRequestNotComplete',
        ...refusal,
        message: 'The request was rejected because Route 53 was still processing a prior request.',
      };
      await refuses(change(w.SHIFT), busy);
      running().model.faults.add({ kind: 'denied' });
      await refuses(change(w.SHIFT), {
        code: 'AccessDenied',
        status: 403,
        ambiguous: false,
        message: /not authorized/,
      });
      assert.equal(await isShifted(), false);
      await change(w.SHIFT);
    });

    it('is busy for a while after each change, when told to', async () => {
      await start({ busyMs: 500 });
      await change(w.SHIFT);
      const other = [w.create(w.a('x.example.com', '192.0.2.1'))];
      await refuses(change(other), {
        code: 'PriorRequestNotComplete',
        status: 400,
        ambiguous: false,
        message: /prior/,
      });
      await list();
      running().time.advance(500);
      await change(other);
    });

    for (const [kind, effect, expected] of [
      ['lost-before', false, { code: 'Unreachable', status: 0, ambiguous: true, message: /./ }],
      ['lost-after', true, { code: 'Unreachable', status: 0, ambiguous: true, message: /./ }],
      ['silent-before', false, { code: 'Timeout', status: 0, ambiguous: true, message: /./ }],
      ['silent-after', true, { code: 'Timeout', status: 0, ambiguous: true, message: /./ }],
      ['cut-body', true, { code: 'CutBody', status: 200, ambiguous: true, message: /./ }],
      ['cut-document', true, { code: 'CutBody', status: 200, ambiguous: true, message: /./ }],
      ['empty-body', true, { code: 'CutBody', status: 200, ambiguous: true, message: /./ }],
      ['html-503', false, { code: 'Unknown', status: 503, ambiguous: true, message: /503/ }],
      ['html-503-after', true, { code: 'Unknown', status: 503, ambiguous: true, message: /503/ }],
      ['internal-after', true, { code: 'InternalFailure', status: 500, ambiguous: true, message: /internal error/ }],
    ] as const) {
      it(`${kind}: ambiguous, sent once, and the identical batch again settles it`, async () => {
        running().model.faults.add({ kind, operation: 'ChangeResourceRecordSets' });
        await refuses(kind.startsWith('silent') ? givenUp() : change(w.SHIFT), expected);
        assert.equal(await isShifted(), effect);
        const arrived = running().audit.filter(({ operation }) => operation === 'ChangeResourceRecordSets');
        assert.equal(arrived.length, effect ? 1 : 0, 'it must not be sent again by itself');
        if (effect) {
          const message = /values provided do not match the current values/;
          await refuses(change(w.SHIFT), { code: 'InvalidChangeBatch', status: 400, ambiguous: false, message });
        } else {
          await change(w.SHIFT);
        }
        assert.equal(await isShifted(), true);
      });
    }

    it('late: the batch takes effect long after its connection broke', async () => {
      running().model.faults.add({ kind: 'late', delayMs: 60_000 });
      await refuses(change(w.SHIFT), { code: 'Unreachable', status: 0, ambiguous: true, message: /./ });
      assert.equal(await isShifted(), false);
      running().time.advance(60_000);
      assert.equal(await isShifted(), true);
      assert.equal(running().audit.filter(({ delivery }) => delivery === 'late').length, 1);
    });

    it('duplicate: the second delivery loses to the compare-and-swap', async () => {
      running().model.faults.add({ kind: 'duplicate', delayMs: 60_000 });
      await change(w.SHIFT);
      await change([
        w.remove(w.WEST),
        w.remove(w.NEW_OWNER),
        w.create(w.EAST),
        w.create(w.txt(w.NEW_OWNER.Name, 'epoch=3')),
      ]);
      running().time.advance(60_000);
      assert.ok(JSON.stringify(await records()).includes('epoch=3'));
      const duplicates = running().audit.filter(({ delivery }) => delivery === 'duplicate');
      assert.deepEqual(
        duplicates.map(({ verdict, code }) => [verdict, code]),
        [['refused', 'InvalidChangeBatch']],
      );
    });

    it('goes out as a whole and comes back', async () => {
      const ambiguous = { ambiguous: true, message: /./ };
      running().model.faults.setOutage('unavailable');
      await refuses(list(), { code: 'ServiceUnavailable', status: 503, ...ambiguous });
      running().model.faults.setOutage('dropped');
      await refuses(list(), { code: 'Unreachable', status: 0, ...ambiguous });
      running().model.faults.setOutage('silent');
      const patience = AbortSignal.timeout(200);
      await refuses(send('GetHostedZone', { Id: w.ZONE }, patience), { code: 'Timeout', status: 0, ...ambiguous });
      running().model.faults.clear();
      await list();
    });

    it('does not model everything, and says so', async () => {
      const latency = { ...w.EAST, Name: 'l.example.com', SetIdentifier: 'x', Region: 'us-east-1' };
      const message = /^the sandbox's Route 53 does not model .*Region/;
      await refuses(change([w.create(latency)]), { code: 'NotModelled', status: 501, ambiguous: true, message });
    });
  });
}
