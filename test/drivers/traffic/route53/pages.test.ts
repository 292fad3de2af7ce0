import assert from 'node:assert/strict';
import { createPages } from '../../../../src/drivers/traffic/route53/pages.ts';
import type { Aws } from '../../../../src/ports/aws.ts';
import { withDeadline } from '../../../../src/ports/deadline.ts';
import { createVirtualTime } from '../../../support/virtual-clock.ts';
import { refOf } from '../../../contract/traffic-world.ts';

describe('pages of zones, for plans at rest', () => {
  it('cost the account a fifth of a request a second, however many zones there are: what moves has the rest', async () => {
    const time = createVirtualTime();
    const clock = time.machine();
    let lists = 0;
    const aws: Aws = {
      send: () => {
        lists += 1;
        return Promise.resolve({ ResourceRecordSets: [], IsTruncated: false });
      },
    };
    const pages = createPages(clock);
    const look = async (zone: number): Promise<string> => {
      const ref = refOf({ hostedZoneId: `Z${String(zone)}` });
      const read = async (signal: AbortSignal): Promise<unknown> => await pages.atName({ aws, ref, signal }, 0);
      return await withDeadline(clock, 60_000, undefined, read).then(
        () => 'seen',
        () => 'not seen',
      );
    };
    const looks = Promise.all(Array.from({ length: 50 }, (_, zone) => look(zone)));
    await time.advance(0);
    assert.equal(lists, 5, 'a few may look at once');
    await time.advance(59_000);
    assert.equal(lists, 16);
    await time.advance(1_000_000);
    const seen = (await looks).filter((one) => one === 'seen').length;
    assert.equal(seen, lists, 'who gave up asks for nothing any more');
    assert.ok(lists <= 17);
  });

  it('do not wait for a zone whose listing hangs', async () => {
    const time = createVirtualTime();
    const clock = time.machine();
    const aws: Aws = {
      send: ({ input }, signal) =>
        input['HostedZoneId'] === 'Zhung'
          ? new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                reject(new Error('aborted'));
              });
            })
          : Promise.resolve({ ResourceRecordSets: [], IsTruncated: false }),
    };
    const pages = createPages(clock);
    const look = (zone: string): Promise<unknown> =>
      withDeadline(clock, 60_000, undefined, (signal) =>
        pages.atName({ aws, ref: refOf({ hostedZoneId: zone }), signal }, 0),
      );
    const hung = [look('Zhung'), look('Zhung')].map((one) => assert.rejects(one, /no answer within 60000 ms/));
    assert.deepEqual((await time.settle(look('Zfine'), 1_000)) !== undefined, true);
    await time.settle(Promise.all(hung), 61_000);
  });
});
