import assert from 'node:assert/strict';
import { createDnsServer } from '../../../src/sandbox/models/dns-server.ts';
import type { DnsServerModel } from '../../../src/sandbox/models/dns-server.ts';
import type { DnsRecord } from '../../../src/sandbox/models/dns.ts';
import { modelDns } from '../../../src/sandbox/models/dns-front.ts';
import type { Change, RecordSet, ZoneOptions } from '../../../src/sandbox/models/route53/index.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import * as w from '../../contract/route53-world.ts';

const caller = { region: 'us-east-1', accessKeyId: 'AKIASANDBOX' };

describe('an authoritative name server of the sandbox', () => {
  let world: w.World;
  let near: DnsServerModel;
  let far: DnsServerModel;
  beforeEach(() => {
    world = w.shopWorld();
    near = createDnsServer(world.model, w.NEAR);
    far = createDnsServer(world.model, w.FAR);
  });

  const change = (...changes: readonly Change[]): void => {
    const input = { HostedZoneId: w.ZONE, ChangeBatch: { Changes: changes } };
    const reply = world.model.perform({ operation: 'ChangeResourceRecordSets', input, caller });
    assert.equal(reply.kind, 'output', JSON.stringify(reply));
  };
  const settled = (...sets: readonly RecordSet[]): void => {
    change(...sets.map(w.create));
    world.time.advance(20_000);
  };
  const values = (records: readonly DnsRecord[] | undefined): readonly string[] =>
    (records ?? []).map(({ name, type, value }) => `${name} ${type} ${value}`);
  const ask = (
    name: string,
    type: string,
    server = near,
  ): { rcode: string; aa: boolean; answers: readonly string[] } => {
    const reply = server.answer({ name, type });
    assert.ok(reply !== undefined, 'no answer');
    return { rcode: reply.rcode, aa: reply.authoritative, answers: values(reply.answers) };
  };
  const found = (...answers: readonly string[]): object => ({ rcode: 'NOERROR', aa: true, answers });

  it('learns a change on its own time, TXT and record together', () => {
    change(...w.SHIFT);
    const epoch = (server: DnsServerModel): string =>
      `${ask('checkout.example.com', 'CNAME', server).answers.join()} ${ask('_maestro-dr.checkout.example.com', 'TXT', server).answers.join()}`;
    const old = epoch(near);
    assert.match(old, /lb-use1.*epoch=1/);
    world.time.advance(999);
    assert.equal(epoch(near), old);
    world.time.advance(1);
    assert.match(epoch(near), /lb-usw2.*epoch=2/);
    assert.equal(epoch(far), old);
    world.time.advance(18_999);
    assert.equal(epoch(far), old);
    world.time.advance(1);
    assert.equal(epoch(far), epoch(near));
  });

  it('learns changes in their order, however its delay was altered', () => {
    change(...w.SHIFT);
    world.model.setServerDelay(w.FAR, 0);
    change(w.remove(w.WEST), w.create(w.cname('checkout.example.com', 'third.example.com')));
    assert.match(ask('checkout.example.com', 'CNAME', far).answers.join(), /lb-use1/);
    world.time.advance(20_000);
    assert.match(ask('checkout.example.com', 'CNAME', far).answers.join(), /third/);
  });

  it('follows a CNAME inside its zone and not out of it', () => {
    const chain = ['checkout.example.com CNAME lb-use1.example.com', 'lb-use1.example.com A 192.0.2.1'];
    assert.deepEqual(ask('CHECKOUT.Example.com.', 'A'), found(...chain));
    assert.deepEqual(ask('checkout.example.com', 'CNAME'), found(chain[0] ?? ''));
    settled(w.cname('out.example.com', 'www.example.org'));
    assert.deepEqual(ask('out.example.com', 'A'), found('out.example.com CNAME www.example.org'));
  });

  it('ends a loop of CNAMEs', () => {
    settled(w.cname('x.example.com', 'y.example.com'), w.cname('y.example.com', 'x.example.com'));
    assert.equal(ask('x.example.com', 'A').rcode, 'SERVFAIL');
  });

  it('tells an absent name from an absent type, with the SOA beside', () => {
    for (const [name, type, rcode] of [
      ['nothing.example.com', 'A', 'NXDOMAIN'],
      ['lb-use1.example.com', 'AAAA', 'NOERROR'],
      ['lb-use1.example.com', 'HTTPS', 'NOERROR'],
    ] as const) {
      const reply = near.answer({ name, type });
      assert.deepEqual([reply?.rcode, reply?.authoritative, reply?.answers], [rcode, true, []]);
      const soa = `example.com SOA ${w.NEAR} awsdns-hostmaster.amazon.com 1 7200 900 1209600 86400`;
      assert.deepEqual(values(reply?.authority), [soa]);
    }
    settled(w.a('deep.empty.example.com', '192.0.2.1'));
    assert.deepEqual(ask('empty.example.com', 'A'), found());
  });

  it('answers a wildcard for what does not exist, and for nothing else', () => {
    settled(
      w.a('*.apps.example.com', '192.0.2.5'),
      w.a('one.apps.example.com', '192.0.2.6'),
      w.txt('deep.two.apps.example.com', 'x'),
    );
    assert.deepEqual(ask('any.apps.example.com', 'A'), found('any.apps.example.com A 192.0.2.5'));
    assert.deepEqual(ask('a.b.apps.example.com', 'A'), found('a.b.apps.example.com A 192.0.2.5'));
    assert.deepEqual(ask('one.apps.example.com', 'A'), found('one.apps.example.com A 192.0.2.6'));
    assert.deepEqual(ask('any.apps.example.com', 'TXT'), found());
    // `two` exists by what lies below it, and hides the wildcard (RFC 4592).
    assert.deepEqual(ask('two.apps.example.com', 'A'), found());
    assert.equal(ask('x.one.apps.example.com', 'A').rcode, 'NXDOMAIN');
  });

  it('answers NS and SOA of its zones, and refuses others', () => {
    assert.deepEqual(ask('example.com', 'NS'), found(`example.com NS ${w.NEAR}`, `example.com NS ${w.FAR}`));
    assert.deepEqual(ask('www.example.org', 'A'), { rcode: 'REFUSED', aa: false, answers: [] });
    assert.equal(
      createDnsServer(world.model, 'ns-9.other').answer({ name: 'example.com', type: 'NS' })?.rcode,
      'REFUSED',
    );
  });

  it('refers to whom it delegated', () => {
    const servers = [{ Value: 'ns-1.child.example' }, { Value: 'ns-2.child.example' }];
    settled({ Name: 'child.example.com', Type: 'NS', TTL: 60, ResourceRecords: servers });
    const reply = near.answer({ name: 'www.child.example.com', type: 'A' });
    assert.deepEqual([reply?.rcode, reply?.authoritative, reply?.answers], ['NOERROR', false, []]);
    assert.deepEqual(values(reply?.authority), [
      'child.example.com NS ns-1.child.example',
      'child.example.com NS ns-2.child.example',
    ]);
  });

  it('answers from the closest of its zones', () => {
    const nameServers = [{ name: w.NEAR, delayMs: 0 }];
    const zone = (id: string, name: string, address: string): ZoneOptions => ({
      id,
      name,
      nameServers,
      records: [w.a(`www.${name}`, address), ...(id === 'Z1' ? [w.a('www.in.example.com', '192.0.2.9')] : [])],
    });
    for (const zones of [
      ['Z1', 'Z2'],
      ['Z2', 'Z1'],
    ]) {
      const options = zones.map((id) =>
        id === 'Z1' ? zone(id, 'example.com', '192.0.2.1') : zone(id, 'in.example.com', '192.0.2.2'),
      );
      const server = createDnsServer(w.shopWorld({ zones: options }).model, w.NEAR);
      assert.deepEqual(ask('www.in.example.com', 'A', server), found('www.in.example.com A 192.0.2.2'));
    }
  });

  it('shows an alias as its target’s addresses', () => {
    const AliasTarget = { HostedZoneId: w.LB_ZONE, DNSName: 'lb-use1.elb.example', EvaluateTargetHealth: false };
    settled({ Name: 'example.com', Type: 'A', AliasTarget });
    assert.deepEqual(ask('example.com', 'A'), found('example.com A 192.0.2.1'));
    assert.equal(near.answer({ name: 'example.com', type: 'A' })?.answers[0]?.ttl, 60);
  });

  it('divides answers by weight; all at zero, evenly', () => {
    const group = (east: number, west: number): readonly RecordSet[] => [
      w.weighted('shop.example.com.', 'east', east, 'e.example.com'),
      w.weighted('shop.example.com.', 'west', west, 'w.example.com'),
    ];
    const count = (): readonly number[] => {
      const asked = Array.from({ length: 40 }, () => ask('shop.example.com', 'CNAME').answers.join());
      return [
        asked.filter((text) => text.endsWith(' e.example.com')).length,
        asked.filter((text) => text.endsWith(' w.example.com')).length,
      ];
    };
    settled(...group(3, 1));
    assert.deepEqual(count(), [30, 10]);
    change(...group(3, 1).map(w.remove), ...group(0, 100).map(w.create));
    world.time.advance(20_000);
    assert.deepEqual(count(), [0, 40]);
    change(...group(0, 100).map(w.remove), ...group(0, 0).map(w.create));
    world.time.advance(20_000);
    assert.deepEqual(count(), [20, 20]);
  });

  it('answers while the control plane is out', () => {
    world.model.faults.setOutage('silent');
    assert.equal(ask('checkout.example.com', 'A').answers.length, 2);
  });

  it('does not serve a private zone', () => {
    const zones = [{ id: 'ZP', name: 'in.example', nameServers: [{ name: w.NEAR, delayMs: 0 }], private: true }];
    const server = createDnsServer(w.shopWorld({ zones }).model, w.NEAR);
    assert.equal(server.answer({ name: 'in.example', type: 'NS' })?.rcode, 'REFUSED');
  });

  describe('behind the Dns port', () => {
    const signal = new AbortController().signal;
    const port = 53;
    const dns = (): ReturnType<typeof modelDns> =>
      modelDns({
        servers: [{ address: '192.0.2.53', port, model: near }],
        hosts: { 'ns-1.near.example': ['192.0.2.53'] },
      });
    const fails = async (work: Promise<unknown>, why: string): Promise<void> =>
      assert.rejects(work, (error) => error instanceof PortError && error.why === why);

    it('answers', async () => {
      const name = '_maestro-dr.checkout.example.com';
      assert.deepEqual(await dns().query({ server: '192.0.2.53', port, name, type: 'TXT' }, signal), {
        rcode: 'NOERROR',
        authoritative: true,
        answers: [{ name, type: 'TXT', ttl: 30, value: 'heritage=maestro-dr,v=1,id=x,epoch=1,region=us-east-1' }],
      });
    });

    it('fails as the network does', async () => {
      const query = { server: '192.0.2.53', port, name: 'example.com', type: 'NS' } as const;
      await fails(dns().query({ ...query, server: '192.0.2.54' }, signal), 'Unreachable');
      near.setState('silent');
      await fails(dns().query(query, signal), 'Timeout');
      near.setState('servfail');
      assert.equal((await dns().query(query, signal)).rcode, 'SERVFAIL');
      near.setState('up');
      assert.equal((await dns().query(query, signal)).rcode, 'NOERROR');
    });

    it('resolves what the host knows, and addresses to themselves', async () => {
      assert.deepEqual(await dns().resolve('NS-1.near.example.', signal), ['192.0.2.53']);
      assert.deepEqual(await dns().resolve('2001:db8::1', signal), ['2001:db8::1']);
      await fails(dns().resolve('elsewhere.example', signal), 'Unreachable');
    });
  });
});
