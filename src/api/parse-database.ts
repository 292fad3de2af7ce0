import type { Database, PostgresqlServer } from './plan.ts';
import { isObject, reader, type Reader } from './reader.ts';

/** One member per driver. One that this program does not know is a newer CRD's: never "no database". */
export function parseDatabase(database: Reader, regions: readonly [string, string]): readonly Database[] {
  const member = database.objectOr('postgresql');
  if (member === undefined) {
    const key = database.keys().find((name) => name !== 'name') ?? 'postgresql';
    database.complain(key, 'UnknownDriver: this operator does not know it', 'use postgresql, or a newer operator');
    return [];
  }
  const servers = member.map('servers', (found, path) => parseServer(reader(found, path, member.problems)));
  for (const region of regions) {
    if (servers[region] === undefined)
      member.complain(`servers.${region}`, 'is missing', 'name the server of each region');
  }
  const probe = member.objectOr('applicationProbe');
  const rebuild = member.objectOr('rebuild');
  const template = rebuild?.raw('jobTemplate');
  const applicationRoles = member.texts('applicationRoles');
  if (applicationRoles.length === 0)
    member.complain('applicationRoles', 'is empty', 'name the roles that write: they are what is fenced');
  return [
    {
      kind: 'postgresql',
      name: database.text('name'),
      database: member.textOr('database', 'postgres'),
      servers,
      applicationRoles,
      administrativeRoles: member.texts('administrativeRoles'),
      replicationRoles: member.texts('replicationRoles'),
      ...(probe === undefined
        ? {}
        : {
            applicationProbe: {
              secretRef: { name: probe.object('secretRef').text('name') },
              table: probe.text('table'),
            },
          }),
      ...(isObject(template) ? { rebuild: { jobTemplate: template } } : {}),
    },
  ];
}

function parseServer(server: Reader): PostgresqlServer {
  const slot = server.textOr('slot', undefined);
  return {
    host: server.text('host'),
    port: server.number('port', 5432),
    secretRef: { name: server.object('secretRef').text('name') },
    sslMode: server.oneOf('sslMode', ['verify-full', 'verify-ca', 'disable'], 'verify-full'),
    ...(slot === undefined ? {} : { slot }),
  };
}
