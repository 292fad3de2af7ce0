import assert from 'node:assert/strict';
import * as w from '../route53-world.ts';
import { names } from './harness.ts';
import type { Route53Harness } from './harness.ts';

export function listingSuite(route53: Route53Harness): void {
  const { change, list, refuses } = route53;

  describe('the list', () => {
    beforeEach(async () => {
      await change([
        w.create(w.a('*.checkout.example.com', '192.0.2.8')),
        w.create(w.a('a-b.example.com', '192.0.2.8')),
        w.create(w.a('a.example.com', '192.0.2.8')),
        w.create(w.a('z.a.example.com', '192.0.2.8')),
        w.create(w.txt('a.example.com', 'text')),
      ]);
    });

    const ORDER = [
      'example.com. NS',
      'example.com. SOA',
      'a-b.example.com. A',
      'a.example.com. A',
      'a.example.com. TXT',
      'z.a.example.com. A',
      'checkout.example.com. CNAME',
      '\\052.checkout.example.com. A',
      '_maestro-dr.checkout.example.com. TXT',
      'lb-use1.example.com. A',
      'lb-usw2.example.com. A',
    ];

    it('is ordered by reversed labels, then type; the wildcard as \\052', async () => {
      const output = await list();
      assert.deepEqual(names(output).toSorted(), ORDER.toSorted());
      assert.deepEqual(names(output), ORDER);
      assert.equal(output.IsTruncated, false);
      assert.equal(output.MaxItems, 300);
    });

    it('is paged from where it stopped, without loss or repetition', async () => {
      const seen: string[] = [];
      let start: Record<string, unknown> = {};
      for (let page = 0; page < 20; page += 1) {
        const output = await list({ ...start, MaxItems: 2 });
        seen.push(...names(output));
        if (output.IsTruncated === false) break;
        start = { StartRecordName: output.NextRecordName, StartRecordType: output.NextRecordType };
      }
      assert.deepEqual(seen, ORDER);
    });

    it('starts at a wildcard, whichever way it is written', async () => {
      for (const StartRecordName of ['*.checkout.example.com', '\\052.CHECKOUT.example.com.']) {
        assert.deepEqual(names(await list({ StartRecordName, MaxItems: 1 })), ['\\052.checkout.example.com. A']);
      }
    });

    it('starts after the end with nothing', async () => {
      const output = await list({ StartRecordName: 'zz.example.com' });
      assert.deepEqual(output, { ResourceRecordSets: [], IsTruncated: false, MaxItems: 300 });
    });

    it('continues inside a weighted group by its identifier', async () => {
      const group = ['c', 'a', 'b'].map((id) => w.weighted('w.example.com', id, 1, 'x.example.com'));
      await change(group.map(w.create));
      const first = await list({ StartRecordName: 'w.example.com', MaxItems: 1 });
      assert.deepEqual(names(first), ['w.example.com. CNAME a']);
      assert.equal(first.NextRecordIdentifier, 'b');
      const rest = await list({
        StartRecordName: 'w.example.com',
        StartRecordType: 'CNAME',
        StartRecordIdentifier: 'b',
      });
      assert.deepEqual(names(rest), ['w.example.com. CNAME b', 'w.example.com. CNAME c']);
    });

    it('gives 300 at most', async () => {
      const many = Array.from({ length: 400 }, (_, index) => w.a(`n${index}.example.com`, '192.0.2.1'));
      await change(many.map(w.create));
      const output = await list({ MaxItems: 1000 });
      assert.equal(names(output).length, 300);
      assert.equal(output.IsTruncated, true);
    });

    it('does not start at a type without a name', async () => {
      await refuses(list({ StartRecordType: 'A' }), {
        code: 'InvalidInput',
        status: 400,
        ambiguous: false,
        message: 'The request specifies a type but no name',
      });
    });
  });
}
