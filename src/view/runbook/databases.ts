import type { Database } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { identityHash } from '../../api/identity.ts';
import {
  checkpointStatement,
  endReadersStatement,
  endSessionsStatement,
  fenceStatement,
  openStatement,
  probeStatement,
  promoteStatement,
  sealStatement,
  type Mark,
} from '../../drivers/databases/postgresql/statements.ts';
import { named, type Block, type Guide, type Journey } from './guide.ts';
import { otherWriters } from './other-writers.ts';
import { epochMarker, shellVariable, suspectsMarker, variableName } from './shell.ts';
import { flushed, markers, obstacles, rights, roles, server, sessions } from './readings.ts';
import { commitsReturn, waitsOncePromoted } from './commits.ts';
import { ask, psql, show } from './sql.ts';

/** The section of the service file that the preparation writes for a server. */
export function serviceOf(database: string, region: string): string {
  return `${database}-${region}`;
}

export function applicationService(database: string, region: string): string {
  return `${database}-${region}-application`;
}

function markOf({ plan }: Journey, step: string): Mark {
  const token = `by-hand/${plan.name}-${String(epochMarker)}/${step}`;
  return { hash: identityHash(plan.spec.identity), epoch: epochMarker, token };
}

const databaseOf = (step: Step, { plan }: Journey): Database => named(plan.spec.databases, step);

export function preflightDatabase(step: Step, journey: Journey): Guide {
  const database = databaseOf(step, journey);
  const { name } = database;
  const target = serviceOf(name, journey.target);
  return {
    does: [
      {
        says: `The standby of ${name} in ${journey.target}, and your rights on it.`,
        sh: show(target, server, true),
      },
      {
        says: 'What you may do there: each of these is wanted, or a superuser.',
        sh: show(target, rights, true),
      },
      waitsOncePromoted(database, target),
      {
        says: `Whoever would write on in ${journey.source} behind a fence. A row here means that the fence cannot be proven: take away that role's login, or end what is named.`,
        sh: show(serviceOf(name, journey.source), obstacles(database)),
        needsSource: true,
      },
    ],
    verifies: [
      {
        says: 'It is a standby, and nothing keeps it from replaying.',
        sh: ask(target, 'recovering AND NOT replay_paused AND apply_delay_ms = 0', server),
        prints: 't',
      },
    ],
  };
}

/** Also the way in which a returned source is fenced for good. */
export function fenceBlocks(step: Step, journey: Journey): readonly Block[] {
  const database = databaseOf(step, journey);
  const { name, applicationRoles } = database;
  const service = serviceOf(name, journey.source);
  const mark = markOf(journey, step.id);
  const unlisted = `coalesce(string_agg(pid::text, ', '), '')`;
  const left = `kind = 'application' OR pid = ANY (ARRAY[${String(suspectsMarker)}]::int[])`;
  return [
    {
      says: 'Marker roles, and no login for the application, in one transaction. It replicates: the standby stays shut until it is opened.',
      sh: psql(service, [fenceStatement(mark, applicationRoles)]),
      needsSource: true,
    },
    {
      says: 'Sessions that were there before are ended, until two looks in a row find none. A backend that no view lists with a role yet may be past the fence: it is waited for too.',
      sh: [
        `SUSPECTS=$(${ask(service, unlisted, sessions(database), `kind = 'unlisted'`)})`,
        'CLEAN=0',
        'until [ "$CLEAN" = 2 ]; do',
        psql(service, [endSessionsStatement(applicationRoles, [suspectsMarker])]),
        `LEFT_OVER=$(${ask(service, 'count(*)', sessions(database), left)})`,
        'if [ "$LEFT_OVER" = 0 ]; then CLEAN=$((CLEAN + 1)); else CLEAN=0; sleep 1; fi',
        'done',
      ].join('\n'),
      needsSource: true,
    },
    ...otherWriters(database, service, journey.source),
    {
      says: 'The seal says that nobody got past; then the last position that the source has made durable.',
      sh: [
        psql(service, [sealStatement(mark)]),
        `${variableName('lsn', name)}=$(${ask(service, 'lsn', flushed)})`,
        `echo "$${variableName('lsn', name)}"`,
      ].join('\n'),
      needsSource: true,
    },
  ];
}

function fenced(step: Step, journey: Journey): readonly Block[] {
  const database = databaseOf(step, journey);
  const service = serviceOf(database.name, journey.source);
  const here = `kind = 'fence' AND epoch = ${String(epochMarker)}`;
  return [
    {
      says: 'Its seal is there.',
      sh: ask(service, 'coalesce(bool_or(sealed), false)', markers(journey.plan.spec), here),
      prints: 't',
      needsSource: true,
    },
    {
      says: 'No application role can log in.',
      sh: ask(service, 'bool_or(can_login)', roles(database)),
      prints: 'f',
      needsSource: true,
    },
  ];
}

export function fence(step: Step, journey: Journey): Guide {
  const { name } = databaseOf(step, journey);
  const unseen: Block = {
    says: `If ${journey.source} does not answer, nothing can be fenced there now: make sure in another way that its ${name} takes no writes (powered off, its network cut), and write down the instant in UTC. What it took after that is lost. When it comes back, finish-fence/${name} comes before anything else there.`,
  };
  return {
    does: [...(journey.mode === 'Forced' ? [unseen] : []), ...fenceBlocks(step, journey)],
    verifies: fenced(step, journey),
    undoes: [
      {
        says: `Opens ${name} in ${journey.source} again.`,
        sh: psql(serviceOf(name, journey.source), [openStatement(markOf(journey, step.id))]),
        needsSource: true,
      },
    ],
  };
}

export function finishFence(step: Step, journey: Journey): Guide {
  const { name } = databaseOf(step, journey);
  return {
    does: [
      {
        says: `Only if fence/${name} was not carried out and verified above: when ${journey.source} is back, before any other step there.`,
      },
      ...fenceBlocks(step, journey),
    ],
    verifies: fenced(step, journey),
  };
}

export function position(step: Step, journey: Journey): Guide {
  const { name } = databaseOf(step, journey);
  const wanted = `position::pg_lsn >= '${shellVariable(variableName('lsn', name))}'::pg_lsn`;
  return {
    does: [
      {
        says: `Wait until ${journey.target} has replayed all that ${journey.source} made durable. If it does not get there, undo the fence and what came before it, and stop: ${journey.source} is still the primary.`,
      },
    ],
    verifies: [{ says: 'Replayed.', sh: ask(serviceOf(name, journey.target), wanted, server), prints: 't' }],
  };
}

export function promote(step: Step, journey: Journey): Guide {
  const database = databaseOf(step, journey);
  const { name } = database;
  const service = serviceOf(name, journey.target);
  const value = (variable: string, column: string): string =>
    `${variableName(variable, name)}=$(${ask(service, column, server)})`;
  return {
    does: [
      {
        says: 'From here on there is only forward. Sessions that read on the standby are ended before and after, for one of them holds the promotion up unseen.',
        sh: psql(service, [endReadersStatement(), promoteStatement(), endReadersStatement()]),
      },
    ],
    verifies: [
      { says: 'It is no standby any more.', sh: ask(service, 'recovering', server), prints: 'f' },
      commitsReturn(database, service),
      {
        says: 'What the way back needs: write them down.',
        sh: [
          value('system', 'system_identifier'),
          value('timeline', 'timeline'),
          value('switchpoint', 'recovered_to'),
          `echo "$${variableName('system', name)} $${variableName('timeline', name)} $${variableName('switchpoint', name)}"`,
        ].join('\n'),
      },
    ],
  };
}

export function checkpoint(step: Step, journey: Journey): Guide {
  const { name } = databaseOf(step, journey);
  const service = serviceOf(name, journey.target);
  return {
    does: [
      {
        says: 'A checkpoint on the new timeline; the rebuild rests on it.',
        sh: psql(service, [checkpointStatement()]),
      },
    ],
    verifies: [{ says: 'Written.', sh: ask(service, 'checkpoint_timeline = timeline', server), prints: 't' }],
  };
}

export function open(step: Step, journey: Journey): Guide {
  const database = databaseOf(step, journey);
  const service = serviceOf(database.name, journey.target);
  return {
    does: [
      {
        says: `Login for exactly those whom the fence had shut out, and the fence marker gone; the epoch stays. From whom you took the login yourself under fence/${database.name}, you give it back: \`ALTER ROLE "WHO" LOGIN\`.`,
        sh: psql(service, [openStatement(markOf(journey, step.id))]),
      },
    ],
    verifies: [
      {
        says: 'The application can log in.',
        sh: ask(service, 'bool_or(can_login)', roles(database)),
        prints: 't',
      },
      {
        says: 'No fence is left.',
        sh: ask(service, 'count(*)', markers(journey.plan.spec), `kind = 'fence'`),
        prints: '0',
      },
    ],
  };
}

export function probe(step: Step, journey: Journey): Guide {
  const { name, applicationProbe } = databaseOf(step, journey);
  if (applicationProbe === undefined) throw new Error(`database ${name} has no applicationProbe for step ${step.id}`);
  const service = applicationService(name, journey.target);
  return {
    does: [],
    verifies: [
      {
        says: 'As the application: an insert that is rolled back.',
        sh: psql(service, [probeStatement(applicationProbe.table)], ' && echo ok'),
        prints: 'ok',
      },
    ],
  };
}
