import assert from 'node:assert/strict';
import type { Change } from '../../../src/sandbox/models/route53/index.ts';
import * as w from '../route53-world.ts';
import { names } from './harness.ts';
import type { Route53Harness } from './harness.ts';

export function batchSuite(route53: Route53Harness): void {
  const { change, list, records, refuses, refusesBatch } = route53;

  describe('a batch', () => {
    const present = "resource record set [name='checkout.example.com.', type='CNAME']";

    it('is refused whole when its last change is wrong', async () => {
      await refusesBatch(
        [...w.SHIFT, w.create(w.a('lb-use1.example.com', '192.0.2.7'))],
        "Tried to create resource record set [name='lb-use1.example.com.', type='A'] but it already exists",
      );
    });

    it('names everything that is wrong with it', async () => {
      await refusesBatch(
        [w.create(w.EAST), w.remove(w.cname('gone.example.com', 'x.example.com'))],
        `Tried to create ${present} but it already exists`,
        "Tried to delete resource record set [name='gone.example.com.', type='CNAME'] but it was not found",
      );
    });

    it('sent once more after it took effect is refused by its own DELETEs', async () => {
      await change(w.SHIFT);
      await refusesBatch(
        w.SHIFT,
        `Tried to delete ${present} but the values provided do not match the current values`,
        "Tried to delete resource record set [name='_maestro-dr.checkout.example.com.', type='TXT'] but the values provided do not match the current values",
        `Tried to create ${present} but it already exists`,
        "Tried to create resource record set [name='_maestro-dr.checkout.example.com.', type='TXT'] but it already exists",
      );
    });

    it('of four racers takes one', async () => {
      const batch = (racer: number): readonly Change[] => [
        w.remove(w.OLD_OWNER),
        w.create(w.txt('_maestro-dr.checkout.example.com', `run=${racer}`)),
      ];
      const outcomes = await Promise.allSettled([0, 1, 2, 3].map(async (racer) => change(batch(racer))));
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    it('must not create before it deletes, nor change one record set twice', async () => {
      await refusesBatch(
        [w.create(w.WEST), w.remove(w.EAST)],
        "The request contains an invalid set of changes for a resource record set 'CNAME checkout.example.com.'",
      );
      await refusesBatch(
        [w.upsert(w.WEST), w.upsert(w.EAST)],
        "The request contains an invalid set of changes for a resource record set 'CNAME checkout.example.com.'",
      );
    });

    it('deletes only what is exactly the same, the order of the values aside', async () => {
      const two = w.a('two.example.com', '192.0.2.1', '192.0.2.2');
      await change([w.create(two)]);
      const mismatch = `Tried to delete ${present} but the values provided do not match the current values`;
      await refusesBatch([w.remove({ ...w.EAST, TTL: 31 })], mismatch);
      await refusesBatch([w.remove(w.cname(w.EAST.Name, 'LB-use1.example.com'))], mismatch);
      await refusesBatch([w.remove(w.cname(w.EAST.Name, 'lb-use1.example.com.'))], mismatch);
      await refusesBatch([w.remove({ ...w.EAST, HealthCheckId: 'abc' })], mismatch);
      await change([w.remove(w.a('two.example.com', '192.0.2.2', '192.0.2.1'))]);
      assert.ok(!JSON.stringify(await records()).includes('two.example.com'));
    });

    it('takes names in any case, with or without their trailing dot', async () => {
      await change([w.remove({ ...w.EAST, Name: 'CHECKOUT.example.com' })]);
      assert.ok(!names(await list()).includes('checkout.example.com. CNAME'));
    });

    it('upserts', async () => {
      await change([w.upsert(w.WEST), w.upsert(w.a('new.example.com', '192.0.2.3'))]);
      const text = JSON.stringify(await records());
      assert.ok(text.includes('lb-usw2.example.com"}]}') && text.includes('new.example.com.'));
      assert.ok(!text.includes('"Value":"lb-use1.example.com"'));
    });

    it('stays inside its zone', async () => {
      await refusesBatch(
        [w.create(w.a('www.example.org', '192.0.2.1'))],
        'RRSet with DNS name www.example.org. is not permitted in zone example.com.',
      );
      await refusesBatch(
        [w.create(w.a('notexample.com', '192.0.2.1'))],
        'RRSet with DNS name notexample.com. is not permitted in zone example.com.',
      );
    });

    it('keeps a CNAME alone at its name', async () => {
      await refusesBatch(
        [w.create(w.a('checkout.example.com', '192.0.2.1'))],
        'RRSet of type A with DNS name checkout.example.com. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone example.com.',
      );
      await refusesBatch(
        [w.create(w.cname('lb-use1.example.com', 'x.example.com'))],
        'RRSet of type CNAME with DNS name lb-use1.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.',
      );
      await change([w.remove(w.EAST), w.create(w.a('checkout.example.com', '192.0.2.1'))]);
    });

    it('keeps the apex: no CNAME there, its NS and SOA stay', async () => {
      await refusesBatch(
        [w.create(w.cname('example.com', 'x.example.com'))],
        'RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.',
      );
      const apex = ((await records()) as readonly Change['ResourceRecordSet'][]).filter(
        ({ Name }) => Name === 'example.com.',
      );
      const [ns, soa] = apex;
      assert.ok(ns?.Type === 'NS' && soa?.Type === 'SOA');
      await refusesBatch([w.remove(ns)], 'A HostedZone must contain at least one NS record for the zone itself.');
      await refusesBatch([w.remove(soa)], 'A HostedZone must contain exactly one SOA record.');
      await change([w.upsert({ ...ns, TTL: 60 })]);
    });

    it('reads its values', async () => {
      const fatal = (what: string, value: string): string =>
        `Invalid Resource Record: 'FATAL problem: ${what} encountered with '${value}''`;
      const illegal = 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
      await refusesBatch([w.create(w.a('x.example.com', '192.0.2.256'))], fatal(illegal, '192.0.2.256'));
      await refusesBatch([w.create(w.a('x.example.com', 'lb.example.com'))], fatal(illegal, 'lb.example.com'));
      await refusesBatch(
        [w.create({ ...w.a('x.example.com', '2001:db8::1::2'), Type: 'AAAA' })],
        fatal('AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)', '2001:db8::1::2'),
      );
      await refusesBatch(
        [w.create({ ...w.a('x.example.com', 'no quotes'), Type: 'TXT' })],
        fatal('InvalidCharacterString (Value should be enclosed in quotation marks)', 'no quotes'),
      );
      const long = `"${'x'.repeat(256)}"`;
      await refusesBatch(
        [w.create({ ...w.a('x.example.com', long), Type: 'TXT' })],
        fatal('CharacterStringTooLong (Value is too long)', long),
      );
      await refusesBatch(
        [w.create(w.a('x.example.com', '192.0.2.1', '192.0.2.1'))],
        "Duplicate Resource Record: '192.0.2.1'",
      );
      await change([w.create({ ...w.a('x.example.com', '2001:db8::1'), Type: 'AAAA' })]);
    });

    it('is bounded: 1,000 records, 32,000 characters, an UPSERT counting twice', async () => {
      const many = (count: number): readonly Change['ResourceRecordSet'][] =>
        Array.from({ length: count }, (_, index) => w.a(`n${index}.example.com`, '192.0.2.1'));
      const tooMany = 'Number of records limit of 1000 exceeded.';
      await refusesBatch(many(1001).map(w.create), tooMany);
      await refusesBatch(many(501).map(w.upsert), tooMany);
      await change(many(500).map(w.upsert));
      const wordy = (count: number): readonly Change[] =>
        Array.from({ length: count }, (_, index) => w.create(w.txt(`t${index}.example.com`, 'x'.repeat(248))));
      await refusesBatch(wordy(129), 'RDATA character limit of 32000 exceeded.');
      await change(wordy(128));
    });

    it('must be complete', async () => {
      const invalid = { code: 'InvalidInput', status: 400, ambiguous: false };
      await refuses(change([]), { ...invalid, message: /changes' failed to satisfy constraint/ });
      const { TTL, ...noTtl } = w.a('x.example.com', '192.0.2.1');
      assert.equal(TTL, 30);
      await refuses(change([w.create(noTtl)]), {
        ...invalid,
        message:
          'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=x.example.com, Type=A, SetIdentifier=null]',
      });
      const { SetIdentifier, ...nameless } = w.weighted('x.example.com', 'one', 1, 'y.example.com');
      assert.equal(SetIdentifier, 'one');
      await refuses(change([w.create(nameless)]), { ...invalid, message: /Missing field 'SetIdentifier' in Change/ });
    });
  });
}
