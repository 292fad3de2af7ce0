import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePlan } from '../../src/api/parse-plan.ts';
import { parseRegion } from '../../src/api/parse-region.ts';
import { parseRun } from '../../src/api/parse-run.ts';
import type { Parsed } from '../../src/api/reader.ts';
import { changed, plan, region, run, type Wire } from '../crds/objects.ts';

function problemsOf(parsed: Parsed<unknown>): readonly string[] {
  return parsed.ok ? [] : parsed.problems.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}`);
}

const database = 'spec/databases/0/postgresql';
const twin = {
  name: 'twin',
  target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
  active: { replicas: 1 },
};

/** The plan with a CronJob in the workload's place. */
function cronJob(over: Wire): Wire {
  const target = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' };
  return changed(plan, 'spec/workloads/0', { name: 'nightly', uses: ['orders'], target, ...over });
}

function trafficOf(object: Wire): Wire {
  return (object['spec'] as { readonly traffic: readonly Wire[] }).traffic[0] ?? {};
}

/** Two entries, for an IPv4 and an IPv6 name. */
function dualStack(four: string, six: string): Wire {
  const { route53 } = trafficOf(plan) as { readonly route53: Wire };
  const v4 = { ...route53, name: four, type: 'A', values: { 'us-east-1': ['192.0.2.1'], 'us-west-2': ['192.0.2.2'] } };
  const v6 = { ...v4, name: six, type: 'AAAA', values: { 'us-east-1': ['2001:db8::1'], 'us-west-2': ['2001:db8::2'] } };
  const entries = [
    { name: 'public', route53: v4 },
    { name: 'public-v6', route53: v6 },
  ];
  return changed(plan, 'spec/traffic', entries);
}

/** What an API server with another CRD, or none, lets through: the path, what is wrong, what to do. */
const cases: readonly (readonly [title: string, object: Wire, says: string])[] = [
  [
    'another kind',
    changed(plan, 'kind', 'Deployment'),
    'kind: "Deployment" is not DisasterRecoveryPlan; use DisasterRecoveryPlan',
  ],
  [
    'a newer version',
    changed(plan, 'apiVersion', 'dr.maestro.io/v2'),
    'apiVersion: "dr.maestro.io/v2" is not known; use dr.maestro.io/v1alpha1',
  ],
  ['no spec', changed(plan, 'spec'), 'spec: is missing; write it as a map of fields'],
  ['no activeRegion', changed(plan, 'spec/activeRegion'), 'spec.activeRegion: is missing; set it'],
  [
    'a number for a text',
    changed(plan, 'spec/activeRegion', 7),
    'spec.activeRegion: is a number, not a text; set it to a text',
  ],
  [
    'a strange activeRegion',
    changed(plan, 'spec/activeRegion', 'mars'),
    'spec.activeRegion: "mars" is none of spec.regions; set it to us-east-1 or us-west-2',
  ],
  [
    'three regions',
    changed(plan, 'spec/regions/2', 'eu-west-1'),
    'spec.regions: does not name two different regions; name exactly two',
  ],
  ['one region twice', changed(plan, 'spec/regions', ['a', 'a']), 'spec.regions: does not name two different regions'],
  [
    'a malformed duration',
    changed(plan, 'spec/objectives/rpo', '5 minutes'),
    'spec.objectives.rpo: "5 minutes" is not a duration; write it like 30s, 5m or 1h30m',
  ],
  [
    'no time at all for a deadline',
    changed(plan, 'spec/failover', { deadlines: { fence: '0s' } }),
    'spec.failover.deadlines.fence: is no time at all; give it at least 1s',
  ],
  [
    'a policy of another version',
    changed(plan, 'spec/failover', { fencing: 'Hopeful' }),
    'spec.failover.fencing: "Hopeful" is not known; use one of Verified, BestEffort, None',
  ],
  [
    'a driver of a newer version',
    changed(plan, 'spec/databases/0', { name: 'catalog', auroraGlobal: {} }),
    'spec.databases[0].auroraGlobal: UnknownDriver: this operator does not know it; use postgresql, or a newer operator',
  ],
  ['two drivers', changed(plan, 'spec/databases/0/auroraGlobal', {}), 'spec.databases[0].auroraGlobal: UnknownDriver'],
  [
    'no driver',
    changed(plan, 'spec/traffic/0', { name: 'public' }),
    'spec.traffic[0].route53: is missing; set exactly one of route53',
  ],
  [
    'a record of a newer driver',
    changed(plan, 'spec/traffic/0', { name: 'public', globalAccelerator: {} }),
    'spec.traffic[0].globalAccelerator: UnknownDriver',
  ],
  [
    'no server for a region',
    changed(plan, `${database}/servers/us-west-2`),
    'spec.databases[0].postgresql.servers.us-west-2: is missing; add it: each region has one',
  ],
  [
    'a server for another region',
    changed(plan, `${database}/servers/mars`, { host: 'x', secretRef: { name: 's' } }),
    'spec.databases[0].postgresql.servers.mars: is none of spec.regions; use us-east-1 and us-west-2',
  ],
  [
    'a secret without a name',
    changed(plan, `${database}/servers/us-east-1/secretRef`, {}),
    'spec.databases[0].postgresql.servers.us-east-1.secretRef.name: is missing; set it',
  ],
  [
    'no secret',
    changed(plan, `${database}/servers/us-east-1/secretRef`),
    'spec.databases[0].postgresql.servers.us-east-1.secretRef: is missing',
  ],
  [
    'a port beyond all ports',
    changed(plan, `${database}/servers/us-east-1/port`, 65536),
    'spec.databases[0].postgresql.servers.us-east-1.port: 65536 is not a whole number from 1 to 65535',
  ],
  [
    'no application role',
    changed(plan, `${database}/applicationRoles`),
    'spec.databases[0].postgresql.applicationRoles: is empty; name the roles that write: they are what is fenced',
  ],
  [
    'a role on both sides',
    changed(plan, `${database}/administrativeRoles`, ['shop']),
    'spec.databases[0].postgresql.administrativeRoles: shop is also an application role',
  ],
  [
    'a Job without containers',
    changed(plan, `${database}/rebuild`, { jobTemplate: { spec: {} } }),
    'spec.databases[0].postgresql.rebuild.jobTemplate: has no containers',
  ],
  [
    'replicas and their source',
    changed(plan, 'spec/workloads/0/active', { replicas: 1, replicasFrom: 'Source' }),
    'spec.workloads[0].active.replicas: and replicasFrom are set together; set exactly one',
  ],
  [
    'half a replica',
    changed(plan, 'spec/workloads/0/standby/replicas', 0.5),
    'spec.workloads[0].standby.replicas: 0.5 is not a whole number from 0 to 10000',
  ],
  [
    'a text for true',
    changed(plan, 'spec/workloads/0/quiesce', 'yes'),
    'spec.workloads[0].quiesce: is a string, not true or false; use true or false',
  ],
  [
    'a DaemonSet',
    changed(plan, 'spec/workloads/0/target/kind', 'DaemonSet'),
    'spec.workloads[0].target.kind: "DaemonSet" is not known; use one of Deployment, StatefulSet, CronJob',
  ],
  [
    'a CronJob of the wrong group',
    changed(cronJob({}), 'spec/workloads/0/target/apiVersion', 'apps/v1'),
    'spec.workloads[0].target.apiVersion: "apps/v1" has no CronJob; use batch/v1',
  ],
  [
    'a CronJob with a size',
    cronJob({ active: { replicas: 1 } }),
    'spec.workloads[0].active: is not for a CronJob, which runs where it is active and is suspended in the other region; leave it out',
  ],
  [
    'a CronJob that runs in the standby',
    cronJob({ standby: { replicas: 1 } }),
    'spec.workloads[0].standby.replicas: is not for a CronJob, which runs where it is active',
  ],
  [
    'a database that is not there',
    changed(plan, 'spec/workloads/0/uses', ['ledger']),
    'spec.workloads[0].uses: "ledger" is no database of this plan; use orders',
  ],
  [
    'one Deployment twice',
    changed(plan, 'spec/workloads/1', twin),
    'spec.workloads[1].target: Deployment/api is already the target of api; name each target in one workload',
  ],
  [
    'one name twice',
    changed(plan, 'spec/contacts/1', { role: 'DR Lead' }),
    'spec.contacts[1]: is the second one called "DR Lead"; give each its own name',
  ],
  [
    'a contact with two channels',
    changed(plan, 'spec/contacts/0/webhook', { secretRef: { name: 'dr-pager' } }),
    'spec.contacts[0].slack: and webhook are set together; set at most one of them',
  ],
  [
    'a channel that only a newer operator knows',
    changed(plan, 'spec/contacts/2/pager', { secretRef: { name: 'dr-pager' } }),
    'spec.contacts[2].pager: UnknownDriver: this operator does not know it; use slack or webhook, or a newer operator',
  ],
  [
    'a channel without its Secret',
    changed(plan, 'spec/contacts/1/webhook', {}),
    'spec.contacts[1].webhook.secretRef: is missing; write it as a map of fields',
  ],
  [
    'a quiesced standby',
    changed(plan, 'spec/workloads/0/quiesce', true),
    'spec.workloads[0].standby.replicas: with quiesce it must not run beside a database that is closed',
  ],
  [
    'an address for a CNAME',
    changed(plan, 'spec/traffic/0/route53/values/us-east-1', ['192.0.2.1']),
    'spec.traffic[0].route53.values.us-east-1: "192.0.2.1" cannot be the value of a record of type CNAME; give a host name',
  ],
  [
    'a name for an A',
    changed(plan, 'spec/traffic/0/route53/type', 'A'),
    'spec.traffic[0].route53.values.us-east-1: "lb-use1.example.com" cannot be the value of a record of type A; give IPv4 addresses',
  ],
  [
    'A and AAAA of one name',
    dualStack('api.example.com', 'API.Example.com.'),
    'spec.traffic[1].route53.name: api.example.com in zone Z123 is already the record of "public", and one ownership record serves a name whatever the type; keep one entry for each zone and name, and for IPv4 with IPv6 make it a CNAME to a name in each region that has both',
  ],
  [
    'a CNAME twice',
    changed(plan, 'spec/traffic/1', { ...trafficOf(plan), name: 'again' }),
    'spec.traffic[1].route53.name: checkout.example.com in zone Z123 is already the record of "public"',
  ],
  [
    'no URL at all',
    changed(plan, 'spec/smokeTests/0/http', {}),
    'spec.smokeTests[0].http.url: or urls is missing; set url for both regions, or urls with one for each',
  ],
  [
    'a URL of another scheme',
    changed(plan, 'spec/dependencyChecks/0/http/url', 'ftp://host/'),
    'spec.dependencyChecks[0].http.url: is no http or https URL; write it like https://host/path',
  ],
  [
    'a name for an address',
    changed(plan, 'spec/dependencyChecks/0/http/address', 'lb.example.com'),
    'spec.dependencyChecks[0].http.address: "lb.example.com" is no IP address',
  ],
  [
    'a secret in a header',
    changed(plan, 'spec/dependencyChecks/0/http/headers', { Authorization: 'Bearer hunter2' }),
    'spec.dependencyChecks[0].http.headers.Authorization: would show a secret in the plan and its Runs',
  ],
  [
    'a header of two lines',
    changed(plan, 'spec/dependencyChecks/0/http/headers', { 'x-a': 'b\r\nhost: c' }),
    'spec.dependencyChecks[0].http.headers.x-a: is not a text of one line',
  ],
  [
    'a CA bundle that is none',
    changed(plan, 'spec/dependencyChecks/0/http/caBundle', 'hello'),
    'spec.dependencyChecks[0].http.caBundle: holds no PEM certificate',
  ],
];

describe('a plan that cannot be carried out', () => {
  for (const [title, object, says] of cases) {
    it(`says where, what and what to do: ${title}`, () => {
      const problems = problemsOf(parsePlan(object));
      assert.ok(
        problems.some((problem) => problem.startsWith(says)),
        `"${says}" is not in ${JSON.stringify(problems)}`,
      );
    });
  }

  it('is none for A and AAAA of two names, or of one name in two zones', () => {
    assert.deepEqual(problemsOf(parsePlan(dualStack('v4.example.com', 'v6.example.com'))), []);
    const twoZones = changed(
      dualStack('api.example.com', 'api.example.com'),
      'spec/traffic/1/route53/hostedZoneId',
      'ZOTHER',
    );
    assert.deepEqual(problemsOf(parsePlan(twoZones)), []);
  });

  it('says all of it at once', () => {
    const worse = changed(
      changed(changed(plan, 'spec/objectives/rto', '1'), 'spec/workloads/0/target/name'),
      'spec/traffic/0/route53/ttl',
    );
    assert.equal(problemsOf(parsePlan(worse)).length, 3);
  });

  it('never repeats a password that stands in a URL, or a header’s value', () => {
    const secret = changed(
      changed(plan, 'spec/dependencyChecks/0/http/url', 'https://me:hunter2@idp.example.com/'),
      'spec/dependencyChecks/0/http/headers',
      { Authorization: 'hunter2' },
    );
    const problems = problemsOf(parsePlan(secret));
    assert.equal(problems.length, 2);
    assert.ok(!problems.join().includes('hunter2'));
  });

  it('is refused where a Run of it could not be recorded', () => {
    assert.ok(parsePlan(plan, () => 256).ok);
    const [problem] = problemsOf(parsePlan(plan, () => 257));
    assert.equal(
      problem,
      'spec: a Run of it could have 257 steps, and 256 can be recorded; split it into several plans',
    );
    const template = { spec: { template: { spec: { containers: [{ name: 'x'.repeat(70_000) }] } } } };
    const large = changed(plan, `${database}/rebuild`, { jobTemplate: template });
    assert.match(problemsOf(parsePlan(large)).join(), /jobTemplate: is 70\d\d\d characters of JSON, at most 65536/);
  });

  it('is refused where its rebuild Job could not be named', () => {
    const template = { spec: { template: { spec: { containers: [{ name: 'x' }] } } } };
    const named = changed(
      changed(plan, `${database}/rebuild`, { jobTemplate: template }),
      'metadata/name',
      'p'.repeat(52),
    );
    assert.match(problemsOf(parsePlan(named)).join(), /^spec\.databases\[0\]\.name: .* too long .* by 11 characters/);
    assert.ok(parsePlan(changed(named, 'metadata/name', 'p'.repeat(41))).ok);
  });
});

describe('a doubtful plan', () => {
  const warnings = (object: Wire): readonly string[] => {
    const parsed = parsePlan(object);
    assert.ok(parsed.ok);
    return parsed.warnings.map(({ path, problem }) => `${path}: ${problem}`);
  };

  it('is carried out, and said to be one', () => {
    assert.deepEqual(warnings(plan), []);
    assert.deepEqual(warnings(changed(plan, 'spec/traffic/0/route53/ttl', 60)), []);
    assert.deepEqual(warnings(changed(plan, 'spec/traffic/0/route53/ttl', 300)), [
      'spec.traffic[0].route53.ttl: clients may keep the old answer for 5m after the switch',
    ]);
    assert.deepEqual(warnings(changed(plan, `${database}/servers/us-east-1/sslMode`, 'disable')), [
      'spec.databases[0].postgresql.servers.us-east-1.sslMode: disable does not prove which server answers',
    ]);
    const { standby: _, uses: __, ...rest } = (plan['spec'] as { workloads: Wire[] }).workloads[0] ?? {};
    assert.deepEqual(warnings(changed(plan, 'spec/workloads/0', { ...rest, quiesce: true })), [
      'spec.workloads[0].uses: is empty, so in the target it waits for every database of the plan to be open',
    ]);
  });
});

describe('a CronJob', () => {
  it('is quiesced, suspended where it stands by, and as the source was where it is active', () => {
    const parsed = parsePlan(cronJob({}));
    assert.ok(parsed.ok, problemsOf(parsed).join());
    const [nightly] = parsed.value.spec.workloads;
    assert.deepEqual(
      [nightly?.quiesce, nightly?.active, nightly?.standby],
      [true, { replicasFrom: 'Source' }, { replicas: 0 }],
    );
  });
});

describe('what comes from the wire', () => {
  it('is never trusted: whatever it is, it is read or refused by name, and nothing is thrown', () => {
    const somewhere = fc.constantFrom(...paths(plan));
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(null, undefined, [], {}, '', 0, -1, 1e300, true));
    fc.assert(
      fc.property(somewhere, junk, (path, value) => {
        const parsed = parsePlan(changed(plan, path, value));
        if (parsed.ok) return;
        assert.ok(parsed.problems.length > 0);
        for (const { path: where, problem, remedy } of parsed.problems) assert.ok(where && problem && remedy);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const parse of [parsePlan, parseRun, parseRegion]) assert.equal(parse(value).ok, false);
      }),
    );
  });

  it('is its own: what an object inherits is not read', () => {
    const heir: unknown = Object.create(plan);
    assert.ok(problemsOf(parsePlan(heir)).includes('spec: is missing; write it as a map of fields'));
  });
});

describe('a Run and a Region from the wire', () => {
  it('are read with their defaults', () => {
    const parsed = parseRun({ ...run, spec: changed(run, 'spec/origin')['spec'] });
    assert.ok(parsed.ok);
    assert.equal(parsed.value.spec.origin, 'Person');
    assert.equal(parsed.value.spec.desiredState, 'Running');
    assert.deepEqual(parsed.value.spec.approvals, []);
    const found = parseRegion(region);
    assert.ok(found.ok);
    assert.deepEqual(found.value.spec.cluster, { kind: 'kubeconfig', secretName: 'us-east-1', key: 'kubeconfig' });
    const own = parseRegion(changed(region, 'spec/cluster', { inCluster: {} }));
    assert.ok(own.ok);
    assert.deepEqual(own.value.spec.cluster, { kind: 'inCluster' });
  });

  it('say what is wrong', () => {
    const attested = [{ target: '*', kind: 'Fenced', at: 'UTC-TIME-IT-STOPPED', by: 'ada', reason: 'off' }];
    const says = (parsed: Parsed<unknown>, text: string): void => {
      assert.ok(
        problemsOf(parsed).some((problem) => problem.startsWith(text)),
        problemsOf(parsed).join(),
      );
    };
    says(
      parseRun(changed(run, 'spec/attestations', attested)),
      'spec.attestations[0].at: "UTC-TIME-IT-STOPPED" is not a time; write it in UTC like 2026',
    );
    says(parseRun(changed(run, 'spec/epoch', 0)), 'spec.epoch: 0 is not a whole number from 1; ');
    says(parseRun({ ...run, status: { phase: 'Exploded' } }), 'status.phase: "Exploded" is not known');
    says(
      parseRun({ ...run, status: { snapshot: '{"identity":' } }),
      'status.snapshot: is not the plan that was pinned',
    );
    says(parseRun({ ...run, status: { snapshot: '{"identity":"x"}' } }), 'status.snapshot.activeRegion: is missing');
    says(parseRegion(changed(region, 'spec/cluster', { eks: {} })), 'spec.cluster.eks: UnknownDriver');
    says(
      parseRegion(changed(region, 'spec/cluster/inCluster', {})),
      'spec.cluster.kubeconfigSecretRef: and inCluster are set together',
    );
  });
});

/** Each place of an object that `changed` can write to. */
function paths(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = path === '' ? key : `${path}/${key}`;
    return [at, ...paths(item, at)];
  });
}
