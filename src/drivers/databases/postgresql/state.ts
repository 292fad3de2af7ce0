import { PortError } from '../../../ports/port-error.ts';
import type { SqlRow } from '../../../ports/sql.ts';
import type { DatabaseState, FenceObstacle, FenceState } from '../driver.ts';
import { booleanOf, numberOf, orNull, textOf, textsOf } from './rows.ts';
import { quoteIdentifier } from './sql-text.ts';
import { ASK_FOR_NO_STANDBY } from './synchronous.ts';

/** One session's answers, by statement. */
export interface Answers {
  readonly server: SqlRow;
  readonly roles: readonly SqlRow[];
  readonly markers: readonly SqlRow[];
  readonly sessions: readonly SqlRow[];
  readonly slots: readonly SqlRow[];
  readonly obstacles: readonly SqlRow[];
  readonly rights: SqlRow;
}

export function stateOf(answers: Answers): DatabaseState {
  const { server, roles, markers, sessions, slots } = answers;
  const fence = fenceOf(markers);
  const enabledRoles = roles.filter((role) => booleanOf(role, 'can_login')).map((role) => textOf(role, 'name'));
  const recovering = booleanOf(server, 'recovering');
  const received = orNull(server, 'received', textOf);
  const receiverStatus = orNull(server, 'receiver_status', textOf);
  const latestEndAt = orNull(server, 'last_message_ms', numberOf);
  return {
    role: recovering ? 'Replica' : 'Primary',
    systemIdentifier: textOf(server, 'system_identifier'),
    timeline: numberOf(server, 'timeline'),
    checkpointTimeline: numberOf(server, 'checkpoint_timeline'),
    // A standby that has replayed nothing yet stands before everything.
    position: orNull(server, 'position', textOf) ?? '0/0',
    ...(received === undefined ? {} : { received }),
    ...(receiverStatus === undefined
      ? {}
      : {
          receiver: {
            streaming: receiverStatus === 'streaming',
            ...(latestEndAt === undefined ? {} : { latestEndAt }),
            timeoutMs: numberOf(server, 'receiver_timeout_ms'),
          },
        }),
    slots: slots.map((slot) => ({
      name: textOf(slot, 'name'),
      active: booleanOf(slot, 'active'),
      walStatus: textOf(slot, 'wal_status'),
    })),
    fence,
    ...announcedIn(markers),
    highestEpoch: Math.max(0, ...markers.map((marker) => numberOf(marker, 'epoch'))),
    enabledRoles,
    applicationSessions: countSessions(sessions, fence, enabledRoles),
    otherSessions: numberOf(server, 'other_sessions'),
    fenceObstacles: obstaclesOf(answers),
    missingRights: missingRightsOf(answers),
    replayObstacles: recovering ? replayObstaclesOf(server) : [],
    commitObstacles: commitObstaclesOf(answers, recovering),
  };
}

/** Under a sealed fence a backend without a role is a login that will be refused; else it may be past the fence. */
function countSessions(sessions: readonly SqlRow[], fence: FenceState, enabledRoles: readonly string[]): number {
  const sealed = fence.present && fence.sealed && enabledRoles.length === 0;
  return sessions.filter((session) => !sealed || textOf(session, 'kind') === 'application').length;
}

function fenceOf(markers: readonly SqlRow[]): FenceState {
  const fences = markers.filter((marker) => textOf(marker, 'kind') === 'fence');
  const newest = fences.toSorted((a, b) => numberOf(b, 'epoch') - numberOf(a, 'epoch'))[0];
  if (newest === undefined) return { present: false };
  return {
    present: true,
    epoch: numberOf(newest, 'epoch'),
    restores: [...new Set(fences.flatMap((marker) => textsOf(marker, 'restores')))].sort(),
    sealed: booleanOf(newest, 'sealed'),
  };
}

function announcedIn(markers: readonly SqlRow[]): Pick<DatabaseState, 'announced'> {
  const epochs = markers.filter((marker) => textOf(marker, 'kind') === 'epoch');
  const [newest] = epochs.toSorted((a, b) => numberOf(b, 'epoch') - numberOf(a, 'epoch'));
  const announced = newest === undefined ? undefined : orNull(newest, 'announced', textOf);
  return announced === undefined ? {} : { announced };
}

const LISTED_KINDS = [
  'UnlistedWriter',
  'OpenSession',
  'UnseenDatabase',
  'PreparedTransaction',
  'Subscription',
  'Scheduler',
] as const;

function obstaclesOf({ obstacles, roles }: Answers): readonly FenceObstacle[] {
  const ofRole = (kind: FenceObstacle['kind'], holds: (role: SqlRow) => boolean): readonly FenceObstacle[] =>
    roles.filter(holds).map((role) => ({ kind, name: textOf(role, 'name') }));
  return [
    ...obstacles.map((row): FenceObstacle => {
      const kind = LISTED_KINDS.find((listed) => listed === row['kind']);
      if (kind === undefined) {
        throw new PortError('Malformed', `an obstacle of kind ${textOf(row, 'kind')}`, { answered: true });
      }
      return { kind, name: textOf(row, 'name') };
    }),
    ...ofRole('SuperuserApplication', (role) => booleanOf(role, 'superuser')),
    ...ofRole('OperatorIsApplication', (role) => booleanOf(role, 'operator')),
    ...ofRole('MissingApplicationRole', (role) => !booleanOf(role, 'present')),
  ];
}

/** From 16 on CREATEROLE reaches only roles that one administers; before it reaches all but superusers. */
const ADMIN_OPTION_SINCE = 160000;

function missingRightsOf({ rights, roles, markers }: Answers): readonly string[] {
  if (booleanOf(rights, 'superuser')) return [];
  const operator = quoteIdentifier(textOf(rights, 'operator'));
  const walinspect = orNull(rights, 'walinspect', booleanOf);
  // What a function's rights are, and which extensions there are, each database keeps for itself.
  const here = ` -- in database ${quoteIdentifier(textOf(rights, 'database'))}`;
  const needed: readonly (readonly [held: boolean, sql: string])[] = [
    [booleanOf(rights, 'createrole'), `ALTER ROLE ${operator} CREATEROLE`],
    [booleanOf(rights, 'signal_backend'), `GRANT pg_signal_backend TO ${operator}`],
    [booleanOf(rights, 'monitor'), `GRANT pg_monitor TO ${operator}`],
    [booleanOf(rights, 'checkpoint'), `GRANT pg_checkpoint TO ${operator}`],
    [booleanOf(rights, 'promote'), `GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO ${operator}${here}`],
    [walinspect !== undefined, `CREATE EXTENSION pg_walinspect${here}`],
    [walinspect === true, `GRANT EXECUTE ON FUNCTION pg_get_wal_records_info(pg_lsn, pg_lsn) TO ${operator}${here}`],
  ];
  const grants =
    numberOf(rights, 'version') >= ADMIN_OPTION_SINCE
      ? [...roles.filter(needsAdminOption), ...markers.filter(isAnothers)]
      : [];
  return [
    ...needed.filter(([held]) => !held).map(([, sql]) => sql),
    ...grants.map(
      (role) =>
        `GRANT ${quoteIdentifier(textOf(role, 'name'))} TO ${operator} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`,
    ),
  ];
}

/** Made by the role that the operator had before: it may neither drop nor open what it does not administer. */
function isAnothers(marker: SqlRow): boolean {
  return !booleanOf(marker, 'administered');
}

function needsAdminOption(role: SqlRow): boolean {
  return booleanOf(role, 'present') && !booleanOf(role, 'administered') && !booleanOf(role, 'operator');
}

/** Who has paused it shows in no view: people, or the server itself, which ends when it is resumed then. */
const PAUSED =
  'replay is paused: if its log says "insufficient parameter settings", raise these to the source\'s and restart it, for resuming would shut it down; else run SELECT pg_wal_replay_resume() on the standby';

/** A standby knows only of those that would follow it then: they are no synchronous ones yet. */
function commitObstaclesOf({ server, roles }: Answers, recovering: boolean): readonly string[] {
  const wanted = numberOf(server, 'synchronous_wanted');
  const there = numberOf(server, 'synchronous_there');
  const waiting = roles.filter((role) => booleanOf(role, 'awaits')).map((role) => textOf(role, 'name'));
  if (waiting.length === 0 || wanted === 0 || (!recovering && there >= wanted)) return [];
  const names = `synchronous_standby_names is '${textOf(server, 'synchronous_names')}'`;
  const found = recovering ? '' : ` and ${String(there)} of ${String(wanted)} streams`;
  const how = `run ${ASK_FOR_NO_STANDBY.join(' and ')} there, or let one follow it`;
  return [`commits of ${waiting.join(', ')} wait for a synchronous standby, for ${names}${found}: ${how}`];
}

function replayObstaclesOf(server: SqlRow): readonly string[] {
  const delayMs = numberOf(server, 'apply_delay_ms');
  const target = orNull(server, 'recovery_target', textOf);
  return [
    // At its target it is paused, too, and to resume it there is to promote it.
    ...(target === undefined
      ? []
      : [
          `${target} is set: take it out of the standby's configuration and restart it; pg_wal_replay_resume() may promote it`,
        ]),
    ...(booleanOf(server, 'replay_paused') && target === undefined ? [PAUSED] : []),
    ...(delayMs > 0 ? [`recovery_min_apply_delay is ${String(delayMs)} ms: set it to 0 on the standby`] : []),
    ...(booleanOf(server, 'replay_conflict')
      ? ['replay waits for a reader on the standby: end its session, or set hot_standby_feedback']
      : []),
  ];
}
