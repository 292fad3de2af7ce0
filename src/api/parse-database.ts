import { canonicalJson } from './canonical-json.ts';
import type { Database, PostgresqlDatabase, PostgresqlServer } from './plan.ts';
import { isObject, optional, type Reader } from './reader.ts';
import { sslModes } from './vocabulary.ts';

/** A Job's template is pinned in each Run. */
const longestTemplate = 65_536;

/** One member per driver. One that this program does not know is a newer CRD's: never "no database". */
export function parseDatabase(database: Reader, regions: readonly [string, string]): readonly Database[] {
  const name = database.text('name');
  const member = unionMember(database, ['postgresql']);
  return member === undefined ? [] : [{ kind: 'postgresql', name, ...parsePostgresql(member, regions) }];
}

/** The one member that is set, where this program knows it. */
export function unionMember(item: Reader, known: readonly string[]): Reader | undefined {
  const set = item.keys().filter((key) => key !== 'name');
  const strange = set.find((key) => !known.includes(key));
  if (strange !== undefined) {
    item.complain(
      strange,
      'UnknownDriver: this operator does not know it',
      `use ${known.join(' or ')}, or a newer operator`,
    );
    return undefined;
  }
  const [only, ...more] = set;
  if (only === undefined || more.length > 0) {
    const problem = only === undefined ? 'is missing' : `and ${more.join(', ')} are set together`;
    item.complain(only ?? known.join('|'), problem, `set exactly one of ${known.join(', ')}`);
    return undefined;
  }
  return item.object(only);
}

function parsePostgresql(
  member: Reader,
  regions: readonly [string, string],
): Omit<PostgresqlDatabase, 'kind' | 'name'> {
  const servers = member.map('servers', (values, region) => parseServer(values.object(region)));
  exactlyRegions(member, 'servers', Object.keys(servers), regions);
  const applicationRoles = member.texts('applicationRoles');
  if (applicationRoles.length === 0) {
    member.complain('applicationRoles', 'is empty', 'name the roles that write: they are what is fenced');
  }
  const administrativeRoles = member.texts('administrativeRoles');
  const replicationRoles = member.texts('replicationRoles');
  for (const [key, roles] of Object.entries({ administrativeRoles, replicationRoles })) {
    const both = roles.find((role) => applicationRoles.includes(role));
    if (both !== undefined) {
      member.complain(key, `${both} is also an application role, which is fenced`, 'name it in one of the lists');
    }
  }
  return {
    database: member.textOr('database') ?? 'postgres',
    servers,
    applicationRoles,
    administrativeRoles,
    replicationRoles,
    ...optional('applicationProbe', parseProbe(member.objectOr('applicationProbe'))),
    ...optional('rebuild', parseRebuild(member.objectOr('rebuild'))),
  };
}

function parseServer(server: Reader): PostgresqlServer {
  return {
    host: server.text('host'),
    port: server.integer('port', { min: 1, max: 65_535, otherwise: 5432 }),
    secretRef: { name: server.object('secretRef').text('name') },
    sslMode: server.oneOf('sslMode', sslModes, 'verify-full'),
    ...optional('slot', server.textOr('slot')),
  };
}

function parseProbe(probe: Reader | undefined): PostgresqlDatabase['applicationProbe'] {
  if (probe === undefined) return undefined;
  return { secretRef: { name: probe.object('secretRef').text('name') }, table: probe.text('table') };
}

function parseRebuild(rebuild: Reader | undefined): PostgresqlDatabase['rebuild'] {
  if (rebuild === undefined) return undefined;
  const jobTemplate = rebuild.raw('jobTemplate');
  const pod = jobPod(jobTemplate);
  if (!isObject(jobTemplate) || pod === undefined) {
    rebuild.complain('jobTemplate', 'has no containers', 'write it like a CronJob: spec.template.spec.containers');
    return { jobTemplate: {} };
  }
  const length = canonicalJson(jobTemplate).length;
  if (length > longestTemplate) {
    const limit = `at most ${String(longestTemplate)}`;
    rebuild.complain(
      'jobTemplate',
      `is ${String(length)} characters of JSON, ${limit} can be pinned`,
      'move its data to a ConfigMap',
    );
  }
  return { jobTemplate };
}

/** The pod's spec in a JobTemplateSpec, or in a JobSpec alone; undefined where it could not run anything. */
function jobPod(template: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(template)) return undefined;
  const spec = isObject(template['template']) ? template : template['spec'];
  const pod = isObject(spec) && isObject(spec['template']) ? spec['template']['spec'] : undefined;
  if (!isObject(pod)) return undefined;
  return Array.isArray(pod['containers']) && pod['containers'].length > 0 ? pod : undefined;
}

/** A region-keyed map has the plan's two regions, and no other. */
export function exactlyRegions(
  at: Reader,
  key: string,
  found: readonly string[],
  regions: readonly [string, string],
): void {
  for (const region of regions) {
    if (region !== '' && !found.includes(region)) {
      at.complain(`${key}.${region}`, 'is missing', 'add it: each region has one');
    }
  }
  for (const name of found) {
    if (!regions.includes(name)) {
      at.complain(`${key}.${name}`, 'is none of spec.regions', `use ${regions.join(' and ')}`);
    }
  }
}
