import { parseJson } from './canonical-json.ts';
import type {
  Database,
  Deadlines,
  FailoverPolicy,
  HttpExpectation,
  PlanSpec,
  PostgresqlServer,
  SmokeTest,
  TrafficRecord,
  Workload,
} from './plan.ts';
import { readContact } from './parse-contact.ts';
import { isObject, optional, reader, type Reader } from './reader.ts';
import {
  approvalPolicies,
  clockStarts,
  fencingPolicies,
  httpMethods,
  modePolicies,
  sslModes,
  workloadKinds,
} from './vocabulary.ts';

/**
 * The pinned plan: the program's own form, as canonical JSON, which RBAC guards. It is read field by field all the
 * same, so that a Run of an older operator is refused by name instead of being half understood.
 */
export function parseSnapshot(status: Reader, key: string): PlanSpec | undefined {
  const text = status.textOr(key);
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (isObject(value)) return readSpec(reader(value, `${status.path}.${key}`, status.problems));
  status.complain(key, 'is not the plan that was pinned', 'abandon this Run: its journal was changed by hand');
  return undefined;
}

const ms = { min: 0 } as const;

function readSpec(spec: Reader): PlanSpec {
  const [first = '', second = ''] = spec.texts('regions');
  if (second === '') spec.complain('regions', 'does not name two regions', 'abandon this Run');
  const objectives = spec.object('objectives');
  return {
    identity: spec.text('identity'),
    activeRegion: spec.text('activeRegion'),
    enforcement: spec.oneOf('enforcement', ['Act', 'Observe']),
    regions: [first, second],
    objectives: {
      rtoMs: objectives.integer('rtoMs', ms),
      rpoMs: objectives.integer('rpoMs', ms),
      clockStart: objectives.oneOf('clockStart', clockStarts),
    },
    failover: readPolicy(spec.object('failover')),
    databases: spec.objects('databases').map(readDatabase),
    workloads: spec.objects('workloads').map(readWorkload),
    traffic: spec.objects('traffic').map(readTraffic),
    dependencyChecks: spec
      .objects('dependencyChecks')
      .map((check) => ({ name: check.text('name'), http: readHttp(check.object('http')) })),
    smokeTests: spec.objects('smokeTests').map(readSmoke),
    contacts: spec.objects('contacts').map(readContact),
  };
}

function readPolicy(policy: Reader): FailoverPolicy {
  return {
    mode: policy.oneOf('mode', modePolicies),
    approval: policy.oneOf('approval', approvalPolicies),
    fencing: policy.oneOf('fencing', fencingPolicies),
    cooldownMs: policy.integer('cooldownMs', ms),
    drainMs: policy.integer('drainMs', ms),
    soakMs: policy.integer('soakMs', ms),
    deadlines: readDeadlines(policy.object('deadlines')),
  };
}

function readDeadlines(deadlines: Reader): Deadlines {
  return {
    quiesce: deadlines.integer('quiesce', ms),
    fence: deadlines.integer('fence', ms),
    position: deadlines.integer('position', ms),
    promote: deadlines.integer('promote', ms),
    workloads: deadlines.integer('workloads', ms),
    traffic: deadlines.integer('traffic', ms),
  };
}

function readDatabase(database: Reader): Database {
  const probe = database.objectOr('applicationProbe');
  const template = database.objectOr('rebuild')?.raw('jobTemplate');
  return {
    kind: database.oneOf('kind', ['postgresql']),
    name: database.text('name'),
    database: database.text('database'),
    servers: database.map('servers', (servers, region) => readServer(servers.object(region))),
    applicationRoles: database.texts('applicationRoles'),
    administrativeRoles: database.texts('administrativeRoles'),
    replicationRoles: database.texts('replicationRoles'),
    ...optional(
      'applicationProbe',
      probe === undefined
        ? undefined
        : { secretRef: readSecretRef(probe.object('secretRef')), table: probe.text('table') },
    ),
    ...optional('rebuild', isObject(template) ? { jobTemplate: template } : undefined),
  };
}

function readServer(server: Reader): PostgresqlServer {
  return {
    host: server.text('host'),
    port: server.integer('port', { min: 1, max: 65_535 }),
    secretRef: readSecretRef(server.object('secretRef')),
    sslMode: server.oneOf('sslMode', sslModes),
    ...optional('slot', server.textOr('slot')),
  };
}

function readSecretRef(ref: Reader): PostgresqlServer['secretRef'] {
  return { name: ref.text('name'), ...optional('key', ref.textOr('key')) };
}

function readWorkload(workload: Reader): Workload {
  const target = workload.object('target');
  const active = workload.object('active');
  return {
    name: workload.text('name'),
    wave: workload.integer('wave', { min: 0 }),
    uses: workload.texts('uses'),
    quiesce: workload.boolean('quiesce', false),
    target: {
      apiVersion: target.text('apiVersion'),
      kind: target.oneOf('kind', workloadKinds),
      name: target.text('name'),
    },
    active: active.has('replicasFrom')
      ? { replicasFrom: active.oneOf('replicasFrom', ['Source']) }
      : { replicas: active.integer('replicas', { min: 0 }) },
    standby: { replicas: workload.object('standby').integer('replicas', { min: 0 }) },
  };
}

function readTraffic(record: Reader): TrafficRecord {
  return {
    kind: record.oneOf('kind', ['route53']),
    name: record.text('name'),
    hostedZoneId: record.text('hostedZoneId'),
    recordName: record.text('recordName'),
    type: record.oneOf('type', ['A', 'AAAA', 'CNAME']),
    ttl: record.integer('ttl', { min: 0 }),
    values: record.map('values', (values, region) => values.texts(region)),
  };
}

function readHttp(http: Reader): HttpExpectation {
  return {
    url: http.text('url'),
    method: http.oneOf('method', httpMethods),
    headers: http.map('headers', (headers, name) => headers.string(name)),
    statuses: http.integers('statuses', { min: 100, max: 599 }),
    timeoutMs: http.integer('timeoutMs', ms),
    successes: http.integer('successes', { min: 1 }),
    ...optional('bodyContains', http.textOr('bodyContains')),
    ...optional('tlsServerName', http.textOr('tlsServerName')),
    ...optional('caBundle', http.textOr('caBundle')),
    ...optional('address', http.textOr('address')),
  };
}

function readSmoke(test: Reader): SmokeTest {
  return {
    name: test.text('name'),
    when: test.oneOf('when', ['BeforeTraffic', 'AfterTraffic']),
    http: test.map('http', (http, region) => readHttp(http.object(region))),
  };
}
