import { parseContact } from './parse-contact.ts';
import { contradictions, doubts, type WorstCaseSteps } from './check-plan.ts';
import { exactlyRegions, parseDatabase, unionMember } from './parse-database.ts';
import { isIpv4, isIpv6, parseHttp, parseManner, parseUrl } from './parse-http.ts';
import { expectKind, parseMeta } from './parse-meta.ts';
import { parseWorkload } from './parse-workload.ts';
import type { FailoverPolicy, Plan, PlanSpec, Route53Record, SmokeTest, TrafficRecord } from './plan.ts';
import { exact, finished, reader, type Parsed, type Problem, type Reader } from './reader.ts';
import { approvalPolicies, clockStarts, fencingPolicies, modePolicies } from './vocabulary.ts';

/**
 * The one place where a plan's wire form becomes the program's. An API server has checked it; nothing is trusted for
 * that, for the CRD there may be another version. Defaults are filled in here too, so that a plan in a file reads as
 * the one in the cluster does.
 */
export function parsePlan(object: unknown, worstCaseSteps?: WorstCaseSteps): Parsed<Plan> {
  const problems: Problem[] = [];
  const root = reader(object, '', problems);
  expectKind(root, 'DisasterRecoveryPlan');
  const { createdAt: _unused, ...meta } = parseMeta(root);
  const wire = root.object('spec');
  const spec = parseSpec(wire, `${meta.namespace}/${meta.name}`);
  const historyLimit = wire.integer('historyLimit', { min: 1, otherwise: 20 });
  // What goes across fields is asked only of fields that could be read.
  if (problems.length === 0) problems.push(...contradictions(meta.name, spec, worstCaseSteps));
  return finished({ ...meta, historyLimit, spec }, problems, doubts(spec));
}

function parseSpec(spec: Reader, defaultIdentity: string): PlanSpec {
  const [first = '', second = '', ...more] = spec.texts('regions');
  if (second === '' || more.length > 0 || first === second) {
    spec.complain('regions', 'does not name two different regions', 'name exactly two');
  }
  const regions = [first, second] as const;
  const objectives = spec.object('objectives');
  return {
    identity: spec.textOr('identity') ?? defaultIdentity,
    activeRegion: spec.text('activeRegion'),
    enforcement: spec.oneOf('enforcement', ['Act', 'Observe'], 'Act'),
    regions,
    objectives: {
      rtoMs: objectives.duration('rto'),
      rpoMs: objectives.duration('rpo'),
      clockStart: objectives.oneOf('clockStart', clockStarts, 'Declared'),
    },
    failover: parsePolicy(spec.objectOr('failover') ?? reader({}, 'spec.failover', spec.problems)),
    databases: exact(spec.objects('databases').flatMap((database) => parseDatabase(database, regions))),
    workloads: spec.objects('workloads').map(parseWorkload),
    traffic: exact(spec.objects('traffic').flatMap((record) => parseTraffic(record, regions))),
    dependencyChecks: spec
      .objects('dependencyChecks')
      .map((check) => ({ name: check.text('name'), http: parseHttp(check.object('http')) })),
    smokeTests: spec.objects('smokeTests').map((test) => parseSmoke(test, regions)),
    contacts: spec.objects('contacts').map(parseContact),
  };
}

function parsePolicy(policy: Reader): FailoverPolicy {
  const deadlines = policy.objectOr('deadlines') ?? reader({}, `${policy.path}.deadlines`, policy.problems);
  const deadline = (key: string, otherwise: string): number => {
    const ms = deadlines.duration(key, otherwise);
    // Blocked from the first moment on: surely not meant.
    if (ms === 0 && deadlines.has(key)) deadlines.complain(key, 'is no time at all', 'give it at least 1s');
    return ms;
  };
  return {
    mode: policy.oneOf('mode', modePolicies, 'Auto'),
    approval: policy.oneOf('approval', approvalPolicies, 'Forced'),
    fencing: policy.oneOf('fencing', fencingPolicies, 'Verified'),
    cooldownMs: policy.duration('cooldown', '1h'),
    drainMs: policy.duration('drain', '30s'),
    soakMs: policy.duration('soak', '30s'),
    deadlines: {
      quiesce: deadline('quiesce', '1m'),
      fence: deadline('fence', '2m'),
      position: deadline('position', '5m'),
      promote: deadline('promote', '5m'),
      workloads: deadline('workloads', '10m'),
      traffic: deadline('traffic', '5m'),
    },
  };
}

function parseTraffic(record: Reader, regions: readonly [string, string]): readonly TrafficRecord[] {
  const name = record.text('name');
  const member = unionMember(record, ['route53']);
  return member === undefined ? [] : [{ kind: 'route53', name, ...parseRoute53(member, regions) }];
}

function parseRoute53(member: Reader, regions: readonly [string, string]): Omit<Route53Record, 'kind' | 'name'> {
  const type = member.oneOf('type', ['A', 'AAAA', 'CNAME']);
  const values = member.map('values', (all, region) => all.texts(region));
  exactlyRegions(member, 'values', Object.keys(values), regions);
  for (const [region, own] of Object.entries(values)) {
    if (own.length === 0) member.complain(`values.${region}`, 'is empty', 'give the values that lead to this region');
    if (type === 'CNAME' && own.length > 1) {
      member.complain(`values.${region}`, 'has several values', 'a CNAME has one');
    }
    const wrong = own.find((value) => !fitsType(type, value));
    if (wrong !== undefined) {
      const remedy = type === 'CNAME' ? 'give a host name' : `give ${type === 'A' ? 'IPv4' : 'IPv6'} addresses`;
      member.complain(
        `values.${region}`,
        `"${wrong.slice(0, 80)}" cannot be the value of a record of type ${type}`,
        remedy,
      );
    }
  }
  return {
    hostedZoneId: member.text('hostedZoneId'),
    recordName: member.text('name').toLowerCase().replace(/\.$/, ''),
    type,
    ttl: member.integer('ttl', { min: 0, max: 86_400 }),
    values,
  };
}

function fitsType(type: Route53Record['type'], value: string): boolean {
  if (type === 'A') return isIpv4(value);
  if (type === 'AAAA') return isIpv6(value);
  return !isIpv4(value) && /^[-._a-z0-9]+$/i.test(value);
}

function parseSmoke(test: Reader, regions: readonly [string, string]): SmokeTest {
  const http = test.object('http');
  const manner = parseManner(http);
  if (http.has('url') === http.has('urls')) {
    const problem = http.has('url') ? 'and urls are set together' : 'or urls is missing';
    http.complain('url', problem, 'set url for both regions, or urls with one for each');
  }
  const both = http.has('url') ? parseUrl(http, 'url') : undefined;
  const urls = http.map('urls', (values, region) => parseUrl(values, region));
  if (http.has('urls')) exactlyRegions(http, 'urls', Object.keys(urls), regions);
  return {
    name: test.text('name'),
    when: test.oneOf('when', ['BeforeTraffic', 'AfterTraffic']),
    http: Object.fromEntries(regions.map((region) => [region, { url: both ?? urls[region] ?? '', ...manner }])),
  };
}
