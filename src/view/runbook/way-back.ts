import type { Database } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { announceStatement, divergenceStatement } from '../../drivers/databases/postgresql/statements.ts';
import { jobManifest } from '../../drivers/workloads/job/manifest.ts';
import { serviceOf } from './databases.ts';
import { named, type Guide, type Journey } from './guide.ts';
import { kubectl, kubectlWait } from './kubectl.ts';
import { expanding, hereDocument, shellVariable, variableName } from './shell.ts';
import { flushed, server, slots } from './readings.ts';
import { ask, psql } from './sql.ts';

const databaseOf = (step: Step, { plan }: Journey): Database => named(plan.spec.databases, step);

export function compare(step: Step, journey: Journey): Guide {
  const { name } = databaseOf(step, journey);
  const switchpoint = shellVariable(variableName('switchpoint', name));
  return {
    does: [
      {
        says: 'What the old primary holds beyond the switchpoint: `lost` was never in the new one, `late` was written after its return. Write both down before anything rewinds them.',
        sh: psql(serviceOf(name, journey.source), [divergenceStatement(switchpoint)]),
      },
    ],
    verifies: [],
  };
}

/** By hand it is named as the operator's own would be: one Job for an epoch. */
function jobName({ plan }: Journey, database: string): string {
  return `${plan.name}-${shellVariable('EPOCH')}-rebuild-${database}`;
}

export function rebuild(step: Step, journey: Journey): Guide {
  const database = databaseOf(step, journey);
  const manifest = manifestOf(database, journey);
  const verifies = [
    {
      says: `${journey.source} is a standby, and streams.`,
      sh: ask(
        serviceOf(database.name, journey.source),
        `recovering AND receiver_status IS NOT DISTINCT FROM 'streaming' AND timeline >= ${shellVariable(variableName('timeline', database.name))}`,
        server,
      ),
      prints: 't',
    },
  ];
  if (manifest === undefined) {
    const says = `The plan has no Job for it: stop ${database.name} in ${journey.source} cleanly, keep a copy of its data, and make it a standby of ${journey.target} with pg_rewind or pg_basebackup.`;
    return { does: [{ says }], verifies };
  }
  const job = jobName(journey, database.name);
  return {
    does: [
      {
        says: `The plan's Job makes ${journey.source} a standby of ${journey.target}. It keeps what diverged.`,
        sh: `${kubectl(journey, journey.source, 'create', '-f -')} ${hereDocument(manifest, 'JSON')}`,
      },
      {
        says: 'It ends; its last words say where the diverged data are kept.',
        sh: [
          kubectlWait(journey, journey.source, expanding(`job/${job}`), '--for=condition=complete', '--timeout=1h'),
          kubectl(
            journey,
            journey.source,
            'get pods',
            expanding(`--selector=job-name=${job}`),
            `-o jsonpath='{.items[*].status.containerStatuses[*].state.terminated.message}{"\\n"}'`,
          ),
        ].join('\n'),
      },
    ],
    verifies,
  };
}

/** As the operator makes it, with what only the person's shell knows. JSON, for its texts need no second quoting. */
function manifestOf(database: Database, journey: Journey): string | undefined {
  const { plan, target, source } = journey;
  const primary = database.servers[target];
  if (database.rebuild === undefined || primary === undefined) return undefined;
  const epoch = shellVariable('EPOCH');
  const run = `${plan.name}-${epoch}`;
  const manifest = jobManifest(
    { namespace: plan.namespace, region: source, name: jobName(journey, database.name) },
    database.rebuild.jobTemplate,
    {
      MAESTRO_EPOCH: epoch,
      MAESTRO_RUN: run,
      MAESTRO_DATABASE: database.name,
      MAESTRO_PRIMARY_HOST: primary.host,
      MAESTRO_PRIMARY_PORT: String(primary.port),
      MAESTRO_PRIMARY_SSLMODE: primary.sslMode,
      MAESTRO_SLOT: primary.slot ?? '',
      MAESTRO_SYSTEM_IDENTIFIER: shellVariable(variableName('system', database.name)),
      MAESTRO_TIMELINE: shellVariable(variableName('timeline', database.name)),
      MAESTRO_SWITCHPOINT: shellVariable(variableName('switchpoint', database.name)),
    },
    { identity: plan.spec.identity, epoch: 0, runUid: 'by-hand', token: `by-hand/${run}/rebuild/${database.name}` },
  );
  return manifest === undefined ? undefined : withMarkers(JSON.stringify(manifest, undefined, 2));
}

/** JSON writes the markers' control characters as escapes. */
function withMarkers(json: string): string {
  return json.replaceAll(String.raw`\u0001`, '\u0001').replaceAll(String.raw`\u0002`, '\u0002');
}

export function protect(step: Step, journey: Journey): Guide {
  const { name } = databaseOf(step, journey);
  const primary = serviceOf(name, journey.target);
  const announced = variableName('announced', name);
  const reached = `position::pg_lsn >= '${shellVariable(announced)}'::pg_lsn`;
  return {
    does: [
      {
        says: `A fresh message in the log of ${journey.target}, and its position.`,
        sh: [
          psql(primary, [announceStatement(`by-hand/${journey.plan.name}/${step.id}`)]),
          `${announced}=$(${ask(primary, 'lsn', flushed)})`,
          `echo "$${announced}"`,
        ].join('\n'),
      },
    ],
    verifies: [
      {
        says: `${journey.source} has replayed it.`,
        sh: ask(serviceOf(name, journey.source), reached, server),
        prints: 't',
      },
      {
        says: `Its slot is active in ${journey.target}, and the log it needs is kept.`,
        sh: ask(primary, `coalesce(bool_or(active AND wal_status IN ('reserved', 'extended')), false)`, slots),
        prints: 't',
      },
    ],
  };
}
