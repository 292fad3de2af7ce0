import { parseDatabase } from './parse-database.ts';
import { parseHttp } from './parse-http.ts';
import { parseMeta } from './parse-meta.ts';
import type { FailoverPolicy, Plan, PlanSpec, SmokeTest, TrafficRecord, Workload } from './plan.ts';
import { finished, reader, type Parsed, type Problem, type Reader } from './reader.ts';

/** The one place where a plan's wire form becomes the program's. The API server has checked it; nothing is trusted for that. */
export function parsePlan(object: unknown): Parsed<Plan> {
  const problems: Problem[] = [];
  const meta = parseMeta(object, problems);
  const spec = parseSpec(reader(object, '', problems).object('spec'), `${meta.namespace}/${meta.name}`);
  if (problems.length === 0) problems.push(...contradictions(spec));
  const { createdAt: _unused, ...rest } = meta;
  return finished({ ...rest, spec }, problems);
}

function parseSpec(spec: Reader, defaultIdentity: string): PlanSpec {
  const [first = '', second = '', ...more] = spec.texts('regions');
  if (second === '' || more.length > 0 || first === second)
    spec.complain('regions', 'must name two different regions', 'name exactly two');
  const regions = [first, second] as const;
  const objectives = spec.object('objectives');
  return {
    identity: spec.textOr('identity', defaultIdentity),
    activeRegion: spec.text('activeRegion'),
    enforcement: spec.oneOf('enforcement', ['Act', 'Observe'], 'Act'),
    regions,
    objectives: {
      rtoMs: objectives.duration('rto'),
      rpoMs: objectives.duration('rpo'),
      clockStart: objectives.oneOf('clockStart', ['Disruption', 'Detected', 'Declared', 'Started'], 'Declared'),
    },
    failover: parsePolicy(spec.objectOr('failover') ?? reader({}, 'spec.failover', spec.problems)),
    databases: spec.objects('databases').flatMap((database) => parseDatabase(database, regions)),
    workloads: spec.objects('workloads').map(parseWorkload),
    traffic: spec.objects('traffic').flatMap((record) => parseTraffic(record, regions)),
    dependencyChecks: spec
      .objects('dependencyChecks')
      .map((check) => ({ name: check.text('name'), http: parseHttp(check.object('http')) })),
    smokeTests: spec.objects('smokeTests').map((test) => parseSmoke(test, regions)),
    contacts: spec.objects('contacts').map((contact) => ({ role: contact.text('role') })),
  };
}

function parsePolicy(policy: Reader): FailoverPolicy {
  const deadlines = policy.objectOr('deadlines') ?? reader({}, `${policy.path}.deadlines`, policy.problems);
  return {
    mode: policy.oneOf('mode', ['Auto', 'Planned', 'Forced'], 'Auto'),
    approval: policy.oneOf('approval', ['Never', 'Forced', 'Always'], 'Forced'),
    fencing: policy.oneOf('fencing', ['Verified', 'BestEffort', 'None'], 'Verified'),
    cooldownMs: policy.duration('cooldown', '1h'),
    drainMs: policy.duration('drain', '30s'),
    soakMs: policy.duration('soak', '30s'),
    deadlines: {
      quiesce: deadlines.duration('quiesce', '1m'),
      fence: deadlines.duration('fence', '2m'),
      position: deadlines.duration('position', '5m'),
      promote: deadlines.duration('promote', '5m'),
      workloads: deadlines.duration('workloads', '10m'),
      traffic: deadlines.duration('traffic', '5m'),
    },
  };
}

function parseWorkload(workload: Reader): Workload {
  const target = workload.object('target');
  const active = workload.object('active');
  const standby = workload.objectOr('standby');
  if (active.has('replicas') === active.has('replicasFrom'))
    active.complain('replicas', 'and replicasFrom: exactly one of them must be set', 'keep one');
  return {
    name: workload.text('name'),
    wave: workload.number('wave', 0),
    uses: workload.texts('uses'),
    quiesce: workload.boolean('quiesce', false),
    target: {
      apiVersion: target.oneOf('apiVersion', ['apps/v1']),
      kind: target.oneOf('kind', ['Deployment']),
      name: target.text('name'),
    },
    active: active.has('replicasFrom')
      ? { replicasFrom: active.oneOf('replicasFrom', ['Source']) }
      : { replicas: active.number('replicas') },
    standby: { replicas: standby?.number('replicas', 0) ?? 0 },
  };
}

/** A member that the CRD knows and this program does not is a newer CRD's: never "no traffic". */
function parseTraffic(record: Reader, regions: readonly [string, string]): readonly TrafficRecord[] {
  const name = record.text('name');
  const member = record.objectOr('route53');
  if (member === undefined) {
    record.complain(
      record.keys().find((key) => key !== 'name') ?? 'route53',
      'UnknownDriver: this operator does not know it',
      'use route53, or a newer operator',
    );
    return [];
  }
  const type = member.oneOf('type', ['A', 'AAAA', 'CNAME']);
  const values = member.map('values', (found) =>
    Array.isArray(found) ? found.filter((value) => typeof value === 'string') : [],
  );
  for (const region of regions) {
    const own = values[region] ?? [];
    if (own.length === 0)
      member.complain(`values.${region}`, 'is missing or empty', 'give the values that lead to this region');
    if (type === 'CNAME' && own.length > 1) member.complain(`values.${region}`, 'a CNAME has one value', 'keep one');
  }
  const recordName = member.text('name').toLowerCase().replace(/\.$/, '');
  return [
    {
      kind: 'route53',
      name,
      hostedZoneId: member.text('hostedZoneId'),
      recordName,
      type,
      ttl: member.number('ttl'),
      values,
    },
  ];
}

function parseSmoke(test: Reader, regions: readonly [string, string]): SmokeTest {
  const http = test.object('http');
  const urls = http.map('urls', (found) => (typeof found === 'string' ? found : ''));
  const one = http.has('url') ? parseHttp(http) : undefined;
  const entries = regions.flatMap((region) => {
    if (one !== undefined) return [[region, one] as const];
    const url = urls[region];
    if (url === undefined)
      http.complain(`urls.${region}`, 'is missing', 'give a URL for each region, or one url for both');
    return url === undefined ? [] : [[region, parseHttp(http, url)] as const];
  });
  return {
    name: test.text('name'),
    when: test.oneOf('when', ['BeforeTraffic', 'AfterTraffic']),
    http: Object.fromEntries(entries),
  };
}

/** What goes across lists, and what would make the graph impossible. */
function contradictions(spec: PlanSpec): readonly Problem[] {
  const problems: Problem[] = [];
  const complain = (path: string, problem: string, remedy: string): void => {
    problems.push({ path, problem, remedy });
  };
  if (!spec.regions.includes(spec.activeRegion))
    complain(
      'spec.activeRegion',
      `${spec.activeRegion} is none of spec.regions`,
      `set it to ${spec.regions.join(' or ')}`,
    );
  for (const list of ['databases', 'workloads', 'traffic', 'dependencyChecks', 'smokeTests'] as const) {
    const names = spec[list].map((item) => item.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) complain(`spec.${list}`, `${twice} is there twice`, 'give each its own name');
  }
  for (const workload of spec.workloads) {
    const unknown = workload.uses.find((name) => !spec.databases.some((d) => d.name === name));
    if (unknown !== undefined)
      complain(
        `spec.workloads[name=${workload.name}].uses`,
        `${unknown} is no database of the plan`,
        'name one of spec.databases',
      );
    const twin = spec.workloads.find((other) => other !== workload && other.target.name === workload.target.name);
    if (twin !== undefined)
      complain(
        `spec.workloads[name=${workload.name}].target`,
        `is also the target of ${twin.name}`,
        'let each workload be named once',
      );
  }
  const records = spec.traffic.map((t) => `${t.hostedZoneId} ${t.recordName}`);
  const same = records.find((record, index) => records.indexOf(record) !== index);
  if (same !== undefined) complain('spec.traffic', `${same} is there twice`, 'one entry for each record name');
  return problems;
}
