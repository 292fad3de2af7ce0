import fc from 'fast-check';
import type { Contact, HttpExpectation, PlanSpec, PostgresqlDatabase, Workload } from '../../src/api/plan.ts';
import * as words from '../../src/api/vocabulary.ts';

/** A DNS label, short: names meet each other often. */
export const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);

const ms = fc.integer({ min: 1, max: 86_400_000 });
const url = name.map((host) => `https://${host}.example.com/healthz`);

const http: fc.Arbitrary<HttpExpectation> = fc.record(
  {
    url,
    method: fc.constantFrom(...words.httpMethods),
    headers: fc.dictionary(name, name, { maxKeys: 3, noNullPrototype: true }),
    statuses: fc.uniqueArray(fc.integer({ min: 100, max: 599 }), { maxLength: 3 }),
    bodyContains: name,
    tlsServerName: name,
    caBundle: fc.constant('-----BEGIN CERTIFICATE-----\n'),
    address: fc.ipV4(),
    timeoutMs: ms,
    successes: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: ['url', 'method', 'headers', 'statuses', 'timeoutMs', 'successes'] },
);

function database(regions: readonly [string, string], own: string): fc.Arbitrary<PostgresqlDatabase> {
  const secretRef = fc.record({ name });
  const server = fc.record(
    {
      host: name,
      port: fc.integer({ min: 1, max: 65_535 }),
      secretRef,
      sslMode: fc.constantFrom(...words.sslModes),
      slot: name,
    },
    { requiredKeys: ['host', 'port', 'secretRef', 'sslMode'] },
  );
  // Three lists of roles that share none.
  const roles = fc.uniqueArray(name, { minLength: 3, maxLength: 6 });
  return roles.chain(([first = '', second = '', ...rest]) =>
    fc.record(
      {
        kind: fc.constant('postgresql' as const),
        name: fc.constant(own),
        database: name,
        servers: both(regions, server),
        applicationRoles: fc.constant([first]),
        administrativeRoles: fc.constant(rest),
        replicationRoles: fc.constant([second]),
        applicationProbe: fc.record({ secretRef, table: name }),
        rebuild: fc.constant({ jobTemplate: { spec: { template: { spec: { containers: [{ name: 'rebuild' }] } } } } }),
      },
      {
        requiredKeys: [
          'kind',
          'name',
          'database',
          'servers',
          'applicationRoles',
          'administrativeRoles',
          'replicationRoles',
        ],
      },
    ),
  );
}

function both<T>(regions: readonly [string, string], item: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.tuple(item, item).map(([a, b]) => ({ [regions[0]]: a, [regions[1]]: b }));
}

const contact: fc.Arbitrary<Contact> = fc.record(
  {
    role: name,
    name,
    channel: fc.oneof(
      fc.record({ kind: fc.constant('slack' as const), secretRef: fc.record({ name, key: name }) }),
      fc.record({ kind: fc.constant('webhook' as const), secretRef: fc.record({ name }) }),
    ),
  },
  { requiredKeys: ['role'] },
);

/** Any plan that can be carried out, as the program sees it. */
export const arbitrarySpec: fc.Arbitrary<PlanSpec> = fc
  .tuple(
    fc.uniqueArray(name, { minLength: 2, maxLength: 2 }),
    fc.uniqueArray(name, { maxLength: 2 }),
    fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    fc.uniqueArray(name, { maxLength: 2 }),
  )
  .chain(([[first = '', second = ''], databases, workloads, records]) => {
    const regions = [first, second] as const;
    const scaled = (own: string): fc.Arbitrary<Workload> =>
      fc.boolean().chain((quiesce) =>
        fc.record({
          name: fc.constant(own),
          wave: fc.nat(100),
          uses: fc.subarray(databases),
          quiesce: fc.constant(quiesce),
          target: fc.record({
            apiVersion: fc.constant('apps/v1'),
            kind: fc.constantFrom('Deployment' as const, 'StatefulSet' as const),
            name: fc.constant(own),
          }),
          active: fc.oneof(fc.record({ replicas: fc.nat(100) }), fc.constant({ replicasFrom: 'Source' as const })),
          standby: fc.record({ replicas: quiesce ? fc.constant(0) : fc.nat(10) }),
        }),
      );
    const scheduled = (own: string): fc.Arbitrary<Workload> =>
      fc.record({
        name: fc.constant(own),
        wave: fc.nat(100),
        uses: fc.subarray(databases),
        quiesce: fc.constant(true),
        target: fc.constant({ apiVersion: 'batch/v1', kind: 'CronJob' as const, name: own }),
        active: fc.constant({ replicasFrom: 'Source' as const }),
        standby: fc.constant({ replicas: 0 }),
      });
    const workload = (own: string) => fc.oneof({ weight: 2, arbitrary: scaled(own) }, scheduled(own));
    const record = (own: string) =>
      fc.record({
        kind: fc.constant('route53' as const),
        name: fc.constant(own),
        hostedZoneId: fc.constant('Z123'),
        recordName: fc.constant(`${own}.example.com`),
        type: fc.constant('A' as const),
        ttl: fc.nat(600),
        values: both(regions, fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 3 })),
      });
    return fc.record({
      identity: name,
      activeRegion: fc.constantFrom(...regions),
      enforcement: fc.constantFrom('Act', 'Observe'),
      regions: fc.constant(regions),
      objectives: fc.record({ rtoMs: ms, rpoMs: ms, clockStart: fc.constantFrom(...words.clockStarts) }),
      failover: fc.record({
        mode: fc.constantFrom(...words.modePolicies),
        approval: fc.constantFrom(...words.approvalPolicies),
        fencing: fc.constantFrom(...words.fencingPolicies),
        cooldownMs: ms,
        drainMs: ms,
        soakMs: ms,
        deadlines: fc.record({ quiesce: ms, fence: ms, position: ms, promote: ms, workloads: ms, traffic: ms }),
      }),
      databases: fc.tuple(...databases.map((own) => database(regions, own))),
      workloads: fc.tuple(...workloads.map(workload)),
      traffic: fc.tuple(...records.map(record)),
      dependencyChecks: fc.uniqueArray(fc.record({ name, http }), { maxLength: 2, selector: (check) => check.name }),
      smokeTests: fc.uniqueArray(
        fc.record({
          name,
          when: fc.constantFrom('BeforeTraffic', 'AfterTraffic'),
          http: fc.tuple(http, url).map(([one, other]) => ({ [first]: one, [second]: { ...one, url: other } })),
        }),
        { maxLength: 2, selector: (test) => test.name },
      ),
      contacts: fc.uniqueArray(contact, { maxLength: 2, selector: ({ role }) => role }),
    });
  });
