import { canonicalJson } from './canonical-json.ts';
import { formatDuration } from './duration.ts';
import type { PlanSpec } from './plan.ts';
import type { Problem } from './reader.ts';

/** How many steps the longest Run of a plan can have; the graph knows. Absent: not checked. */
export type WorstCaseSteps = (spec: PlanSpec) => number;

/** The CRD's bounds: what a Run's status can hold. */
const mostSteps = 256;
const longestSnapshot = 262_144;

/** A DNS label: what Jobs, labels and host names are held to. */
const longestLabel = 63;

/** What goes across fields, that CEL cannot see or could not afford, and what would make the graph impossible. */
export function contradictions(planName: string, spec: PlanSpec, worstCaseSteps?: WorstCaseSteps): readonly Problem[] {
  return [
    ...activeRegion(spec),
    ...namedTwice(spec),
    ...unknownUses(spec),
    ...sharedTargets(spec),
    ...sharedRecords(spec),
    ...quiescedStandbys(spec),
    ...longJobNames(planName, spec),
    ...tooLarge(spec, worstCaseSteps),
  ];
}

/** What can be carried out, and is perhaps not what was meant. */
export function doubts(spec: PlanSpec): readonly Problem[] {
  return [...longTtls(spec), ...unprovenServers(spec), ...startingUnasked(spec)];
}

function activeRegion({ activeRegion: active, regions }: PlanSpec): readonly Problem[] {
  if (regions.includes(active)) return [];
  const problem = `"${active}" is none of spec.regions`;
  return [{ path: 'spec.activeRegion', problem, remedy: `set it to ${regions.join(' or ')}` }];
}

function namedTwice(spec: PlanSpec): readonly Problem[] {
  const lists = {
    databases: spec.databases.map(({ name }) => name),
    workloads: spec.workloads.map(({ name }) => name),
    traffic: spec.traffic.map(({ name }) => name),
    dependencyChecks: spec.dependencyChecks.map(({ name }) => name),
    smokeTests: spec.smokeTests.map(({ name }) => name),
    contacts: spec.contacts.map(({ role }) => role),
  };
  return Object.entries(lists).flatMap(([list, names]) =>
    repeats(names).map((index) => ({
      path: `spec.${list}[${String(index)}]`,
      problem: `is the second one called "${names[index] ?? ''}"`,
      remedy: 'give each its own name',
    })),
  );
}

function unknownUses(spec: PlanSpec): readonly Problem[] {
  const known = spec.databases.map(({ name }) => name);
  return spec.workloads.flatMap((workload, index) =>
    workload.uses
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: `spec.workloads[${String(index)}].uses`,
        problem: `"${name}" is no database of this plan`,
        remedy: known.length === 0 ? 'remove it: the plan has none' : `use ${known.join(', ')}`,
      })),
  );
}

/** Two entries for one object would scale it against each other. */
function sharedTargets(spec: PlanSpec): readonly Problem[] {
  const targets = spec.workloads.map(({ target }) => `${target.kind}/${target.name}`);
  return repeats(targets).map((index) => ({
    path: `spec.workloads[${String(index)}].target`,
    problem: `${targets[index] ?? ''} is already the target of ${firstWith(spec.workloads, targets, index)}`,
    remedy: 'name each target in one workload',
  }));
}

/**
 * The ownership TXT is one for a zone and name, whatever the type: the first of two moves would leave the other looking
 * drifted, with the traffic split between the regions (docs/adr/0007).
 */
function sharedRecords(spec: PlanSpec): readonly Problem[] {
  const records = spec.traffic.map(({ hostedZoneId, recordName }) => `${recordName} in zone ${hostedZoneId}`);
  return repeats(records).map((index) => ({
    path: `spec.traffic[${String(index)}].route53.name`,
    problem: `${records[index] ?? ''} is already the record of "${firstWith(spec.traffic, records, index)}", and one ownership record serves a name whatever the type`,
    remedy:
      'keep one entry for each zone and name, and for IPv4 with IPv6 make it a CNAME to a name in each region that has both',
  }));
}

function quiescedStandbys(spec: PlanSpec): readonly Problem[] {
  return spec.workloads.flatMap((workload, index) =>
    workload.quiesce && workload.standby.replicas > 0
      ? [
          {
            path: `spec.workloads[${String(index)}].standby.replicas`,
            problem: 'with quiesce it must not run beside a database that is closed',
            remedy: 'set it to 0, or quiesce to false',
          },
        ]
      : [],
  );
}

/** `<plan>-<epoch>-rebuild-<database>-<retry>`, for epochs of up to four digits. */
function longJobNames(planName: string, spec: PlanSpec): readonly Problem[] {
  return spec.databases.flatMap((database, index) => {
    const length = `${planName}-9999-rebuild-${database.name}-9`.length;
    if (database.rebuild === undefined || length <= longestLabel) return [];
    const over = `${String(length - longestLabel)} characters`;
    return [
      {
        path: `spec.databases[${String(index)}].name`,
        problem: `is with the plan's name too long for the name of the rebuild Job, by ${over}`,
        remedy: 'shorten the name of the database or of the plan',
      },
    ];
  });
}

function tooLarge(spec: PlanSpec, worstCaseSteps: WorstCaseSteps | undefined): readonly Problem[] {
  const remedy = 'split it into several plans';
  const problems: Problem[] = [];
  const steps = worstCaseSteps?.(spec) ?? 0;
  if (steps > mostSteps) {
    const problem = `a Run of it could have ${String(steps)} steps, and ${String(mostSteps)} can be recorded`;
    problems.push({ path: 'spec', problem, remedy });
  }
  const length = canonicalJson(spec).length;
  if (length > longestSnapshot) {
    const problem = `is ${String(length)} characters of JSON, and ${String(longestSnapshot)} can be pinned in a Run`;
    problems.push({ path: 'spec', problem, remedy });
  }
  return problems;
}

/** Seconds: beyond it, clients that honour the TTL stay away for longer than most objectives allow. */
const longTtl = 60;

function longTtls(spec: PlanSpec): readonly Problem[] {
  return spec.traffic.flatMap(({ ttl }, index) =>
    ttl > longTtl
      ? [
          {
            path: `spec.traffic[${String(index)}].route53.ttl`,
            problem: `clients may keep the old answer for ${formatDuration(ttl * 1000)} after the switch`,
            remedy: `lower it to ${String(longTtl)} or less`,
          },
        ]
      : [],
  );
}

function unprovenServers(spec: PlanSpec): readonly Problem[] {
  return spec.databases.flatMap((database, index) =>
    Object.entries(database.servers)
      .filter(([, server]) => server.sslMode !== 'verify-full')
      .map(([region, server]) => ({
        path: `spec.databases[${String(index)}].postgresql.servers.${region}.sslMode`,
        problem: `${server.sslMode} does not prove which server answers`,
        remedy: 'use verify-full',
      })),
  );
}

/** What a quiesced workload waits for in the target is what it uses; where it names nothing, everything. */
function startingUnasked(spec: PlanSpec): readonly Problem[] {
  if (spec.databases.length === 0) return [];
  return spec.workloads.flatMap((workload, index) =>
    workload.quiesce && workload.uses.length === 0
      ? [
          {
            path: `spec.workloads[${String(index)}].uses`,
            problem: 'is empty, so in the target it waits for every database of the plan to be open',
            remedy: 'name those that it writes to',
          },
        ]
      : [],
  );
}

/** The indexes of what was there before. */
function repeats(keys: readonly string[]): readonly number[] {
  return keys.flatMap((key, index) => (keys.indexOf(key) < index ? [index] : []));
}

function firstWith(items: readonly { readonly name: string }[], keys: readonly string[], index: number): string {
  return items[keys.indexOf(keys[index] ?? '')]?.name ?? '';
}
