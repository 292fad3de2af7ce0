import type { SqlStatement } from '../../../ports/sql.ts';
import type { Lsn } from '../driver.ts';
import { epochRolePrefix, fenceRolePrefix, SEAL_PREFIX, SIGNATURE_PREFIX } from './markers.ts';
import { boundStatement } from './sql-text.ts';

/**
 * Role, positions and replication in one row. The timeline of a primary is that of the WAL it writes, for
 * pg_control_checkpoint lags after a promotion; flushed, not inserted: after a segment switch on an idle primary the
 * insert position runs ahead of what is ever flushed.
 */
export function serverStatement(): SqlStatement {
  return boundStatement(
    'server',
    `SELECT r.recovering, (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
  c.timeline_id AS checkpoint_timeline,
  CASE WHEN r.recovering THEN coalesce(w.received_tli,
      greatest(c.timeline_id, (SELECT min_recovery_end_timeline FROM pg_control_recovery())))
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END AS timeline,
  CASE WHEN r.recovering THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END::text AS position,
  CASE WHEN r.recovering THEN pg_last_wal_receive_lsn() END::text AS received,
  CASE WHEN NOT r.recovering THEN pg_last_wal_replay_lsn() END::text AS recovered_to,
  w.status AS receiver_status,
  (extract(epoch FROM w.last_msg_receipt_time) * 1000)::float8 AS last_message_ms,
  (SELECT setting::int FROM pg_settings WHERE name = 'wal_receiver_timeout') AS receiver_timeout_ms,
  CASE WHEN r.recovering THEN pg_is_wal_replay_paused() ELSE false END AS replay_paused,
  (SELECT setting::int FROM pg_settings WHERE name = 'recovery_min_apply_delay') AS apply_delay_ms,
  (SELECT string_agg(name, ', ' ORDER BY name) FROM pg_settings WHERE setting <> ''
    AND name IN ('recovery_target', 'recovery_target_lsn', 'recovery_target_name', 'recovery_target_time', 'recovery_target_xid'))
    AS recovery_target,
  EXISTS (SELECT FROM pg_stat_activity
    WHERE backend_type = 'startup' AND wait_event LIKE 'RecoveryConflict%') AS replay_conflict,
  n.names AS synchronous_names,
  CASE WHEN btrim(n.names) = '' THEN 0
    ELSE coalesce(substring(n.names FROM '(?i)^\\s*(?:(?:first|any)\\s+)?(\\d+)\\s*\\(')::int, 1) END AS synchronous_wanted,
  (SELECT count(*)::int FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS synchronous_there,
  (SELECT count(*)::int FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND usename IS DISTINCT FROM current_user) AS other_sessions
FROM (SELECT pg_is_in_recovery() AS recovering) r CROSS JOIN pg_control_checkpoint() c
CROSS JOIN (SELECT current_setting('synchronous_standby_names') AS names) n
LEFT JOIN pg_stat_wal_receiver w ON true`,
  );
}

/**
 * Parameters: the application roles. A row for each, `present` or not. `awaits`: its commits wait for a synchronous
 * standby, by its own settings where it has some, in the server's order (role in database, role, database, server).
 */
export function rolesStatement(applicationRoles: readonly string[]): SqlStatement {
  return boundStatement(
    'roles',
    `SELECT a.name, r.oid IS NOT NULL AS present, coalesce(r.rolcanlogin, false) AS can_login,
  coalesce(r.rolsuper, false) AS superuser, a.name = current_user AS operator,
  coalesce(pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION'), false) AS administered,
  lower(coalesce((SELECT split_part(c, '=', 2) FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c
    WHERE s.setrole IN (r.oid, 0) AND c LIKE 'synchronous_commit=%'
    AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    ORDER BY s.setrole = 0, s.setdatabase = 0 LIMIT 1), current_setting('synchronous_commit')))
    NOT IN ('off', 'local', 'false', 'no', '0') AS awaits
FROM unnest($1::text[]) AS a(name) LEFT JOIN pg_roles r ON r.rolname = a.name ORDER BY 1`,
    [applicationRoles],
  );
}

/**
 * Parameters: the two prefixes of this plan's marker roles, and those of their comments. The creator of a role is its member too (16 and later),
 * with the admin option, which the fence never gives: that tells the two apart.
 */
export function markersStatement(hash: string): SqlStatement {
  return boundStatement(
    'markers',
    `SELECT CASE WHEN starts_with(r.rolname, $1) THEN 'fence' ELSE 'epoch' END AS kind, r.rolname::text AS name,
  substring(r.rolname FROM '[0-9]+$')::float8 AS epoch, pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION') AS administered,
  ARRAY(SELECT m.rolname::text FROM pg_auth_members g JOIN pg_roles m ON m.oid = g.member
    WHERE g.roleid = r.oid AND NOT g.admin_option AND m.rolname <> current_user ORDER BY 1) AS restores,
  coalesce(starts_with(shobj_description(r.oid, 'pg_authid'), $3), false) AS sealed,
  substring(shobj_description(r.oid, 'pg_authid') FROM '^' || $4 || '(.*)$') AS announced
FROM pg_roles r
WHERE (starts_with(r.rolname, $1) OR starts_with(r.rolname, $2)) AND r.rolname ~ ':[0-9]+$' ORDER BY 1, 2`,
    [fenceRolePrefix(hash), epochRolePrefix(hash), SEAL_PREFIX, SIGNATURE_PREFIX],
  );
}

/**
 * The kill query without the killing. Parameters: the application roles. `unlisted`: backends whose role no view shows
 * yet, of which some may be past authentication and so past the fence: up to 17 they show only in pg_locks, from 18 on
 * in pg_stat_activity as `starting` without a role (and there a join against pg_locks alone misses them).
 */
export function sessionsStatement(applicationRoles: readonly string[]): SqlStatement {
  return boundStatement(
    'sessions',
    `SELECT pid, 'application' AS kind FROM pg_stat_activity WHERE usename = ANY($1::text[])
UNION ALL SELECT pid, 'unlisted' FROM pg_stat_activity
  WHERE usesysid IS NULL AND coalesce(backend_type, 'client backend') = 'client backend' AND pid <> pg_backend_pid()
UNION ALL SELECT DISTINCT l.pid, 'unlisted' FROM pg_locks l WHERE l.locktype = 'virtualxid' AND l.pid IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid)`,
    [applicationRoles],
  );
}

export function slotsStatement(): SqlStatement {
  return boundStatement(
    'slots',
    `SELECT slot_name::text AS name, active, coalesce(wal_status, 'unknown') AS wal_status
FROM pg_replication_slots WHERE slot_type = 'physical' ORDER BY 1`,
  );
}

/** Only where some column has rights of its own is it asked for them: that costs a look at each column. */
const MAY_WRITE = `(has_table_privilege(r.oid, t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
  OR t.by_column AND has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE'))`;

/**
 * What could still write past the fence, in the database of this session. Parameters: the roles that may (the
 * operator's, the administrative, the replication and the fenced ones). Membership counts whether it is inherited or
 * not, for a member may SET ROLE. A view counts if it can be written through (28: INSERT, UPDATE or DELETE). That is
 * asked last, and only of a role that has no table, for it waits for whoever has locked the view's table. What a
 * SECURITY DEFINER function lets a role write shows in no right. Temporary tables are their session's alone. Whoever may
 * not log in any more still writes in the session that it had, and one that is no role any more as whom it had become.
 */
export function obstaclesStatement(keep: readonly string[]): SqlStatement {
  return boundStatement(
    'obstacles',
    `WITH tables AS MATERIALIZED (SELECT c.oid, c.relkind = 'v' AS is_view,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL) AS by_column
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')),
writers AS MATERIALIZED (SELECT r.oid FROM pg_roles r WHERE NOT r.rolsuper AND (
  EXISTS (SELECT FROM tables t WHERE NOT t.is_view AND ${MAY_WRITE})
  OR EXISTS (SELECT FROM tables t WHERE t.is_view
    AND CASE WHEN ${MAY_WRITE} THEN pg_relation_is_updatable(t.oid, true) & 28 <> 0 ELSE false END))),
strangers AS MATERIALIZED (SELECT r.oid, r.rolname, r.rolcanlogin FROM pg_roles r
  WHERE r.rolname <> ALL($1::text[]) AND r.rolname <> current_user
  AND (r.rolsuper OR EXISTS (SELECT FROM writers w WHERE pg_has_role(r.oid, w.oid, 'MEMBER'))))
SELECT 'UnlistedWriter' AS kind, rolname::text AS name FROM strangers WHERE rolcanlogin
UNION ALL SELECT 'OpenSession', format('pid %s of %s', a.pid, coalesce(s.rolname, 'a dropped role'))
  FROM pg_stat_activity a LEFT JOIN strangers s ON s.oid = a.usesysid
  WHERE a.datname = current_database() AND a.usesysid IS NOT NULL AND (NOT s.rolcanlogin
    OR s.oid IS NULL AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = a.usesysid))
UNION ALL SELECT 'PreparedTransaction', gid FROM pg_prepared_xacts WHERE database = current_database()
UNION ALL SELECT 'Subscription', s.subname::text FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
  WHERE s.subenabled AND d.datname = current_database()
UNION ALL SELECT 'Scheduler', extname::text FROM pg_extension WHERE extname = 'pg_cron'
ORDER BY 1, 2`,
    [keep],
  );
}

/** Parameters: a database, and the roles as of `obstacles`. Who else may open a session there, by the rights of the database. */
export function entrantsStatement(database: string, keep: readonly string[]): SqlStatement {
  return boundStatement(
    'entrants',
    `SELECT r.rolname::text AS name FROM pg_database d JOIN pg_roles r ON has_database_privilege(r.oid, d.oid, 'CONNECT')
WHERE d.datname = $1 AND r.rolcanlogin AND r.rolname <> ALL($2::text[]) AND r.rolname <> current_user ORDER BY 1`,
    [database, keep],
  );
}

/** The rights the operator holds, in one row, and which databases there are beside this one; `walinspect` is null where the extension is not installed here. */
export function rightsStatement(): SqlStatement {
  return boundStatement(
    'rights',
    `SELECT current_user::text AS operator, current_database()::text AS database,
  ARRAY(SELECT datname::text FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> current_database()
    ORDER BY 1) AS databases, rolsuper AS superuser,
  rolcreaterole AS createrole, current_setting('server_version_num')::int AS version,
  pg_has_role('pg_signal_backend', 'USAGE') AS signal_backend, pg_has_role('pg_monitor', 'USAGE') AS monitor,
  EXISTS (SELECT FROM pg_roles c WHERE c.rolname = 'pg_checkpoint' AND pg_has_role(c.oid, 'USAGE')) AS checkpoint,
  has_function_privilege('pg_promote(boolean, integer)', 'EXECUTE') AS promote,
  has_function_privilege(to_regprocedure('pg_get_wal_records_info(pg_lsn, pg_lsn)'), 'EXECUTE') AS walinspect
FROM pg_roles WHERE rolname = current_user`,
  );
}

/** Of END_OF_RECOVERY and CHECKPOINT_SHUTDOWN: "[redo …; ]tli 2; prev tli 1; …". */
const SWITCHES = `coalesce(substring(w.description FROM '(?:^|; )tli ([0-9]+);')
    <> substring(w.description FROM 'prev tli ([0-9]+);'), false)`;

/**
 * One row if there is WAL beyond $1, for pg_walinspect fails where no record follows. Materialized, else the planner
 * calls the function before it looks at the condition.
 */
const BEYOND = `beyond AS MATERIALIZED (SELECT $1::pg_lsn AS lsn WHERE pg_current_wal_flush_lsn() > $1::pg_lsn)`;

/**
 * Whether a timeline began at this position. pg_last_wal_replay_lsn gives the switchpoint after a promotion, but after
 * a crash of the new primary the end of its own recovery: only the record that stands there tells.
 */
export function switchpointStatement(position: Lsn): SqlStatement {
  return boundStatement(
    'switchpoint',
    `WITH ${BEYOND}
SELECT ${SWITCHES} AS switched
FROM beyond b, LATERAL pg_get_wal_records_info(b.lsn, least(b.lsn + 65536, pg_current_wal_flush_lsn())) w ORDER BY w.start_lsn LIMIT 1`,
    [position],
  );
}

/**
 * Where the timeline of this primary began, found in its first segment (the name says which; its head was copied from
 * the parent): reads up to a segment of WAL, and no further than there is some, which PostgreSQL 15 refuses. A record at the head of a page begins after the page's header (24 bytes,
 * 40 in the first page of a segment), the timeline at the page.
 */
export function timelineStartStatement(): SqlStatement {
  return boundStatement(
    'timeline-start',
    `WITH size AS (SELECT setting::bigint AS bytes FROM pg_settings WHERE name = 'wal_segment_size'),
first AS (SELECT min(substring(name FROM 9)) AS name FROM pg_ls_waldir()
  WHERE name ~ '^[0-9A-F]{24}$' AND left(name, 8) = left(pg_walfile_name(pg_current_wal_lsn()), 8)),
start AS (SELECT (left(name, 8) || '/' || to_hex(('x' || right(name, 8))::bit(32)::bigint * bytes))::pg_lsn AS lsn,
  bytes FROM first, size WHERE name IS NOT NULL),
began AS (SELECT w.start_lsn AS lsn, (w.start_lsn - '0/0'::pg_lsn) % 8192 AS into_page
  FROM start s, LATERAL pg_get_wal_records_info(s.lsn, least(s.lsn + s.bytes, pg_current_wal_flush_lsn())) w
  WHERE w.resource_manager = 'XLOG' AND ${SWITCHES} ORDER BY w.start_lsn DESC LIMIT 1)
SELECT CASE WHEN into_page IN (24, 40) THEN lsn - into_page ELSE lsn END::text AS lsn FROM began`,
  );
}

/**
 * The commits beyond a position, before and after the first restart (a crash's recovery and a clean stop both end in
 * CHECKPOINT_SHUTDOWN). Not counted: the operator's own, known by the WAL message that each of them carries, and
 * ANALYZE and VACUUM, which touch nothing but statistics and in-place counters.
 */
export function divergenceStatement(switchpoint: Lsn): SqlStatement {
  return boundStatement(
    'divergence',
    `WITH ${BEYOND},
records AS MATERIALIZED (SELECT w.start_lsn, w.resource_manager AS manager, w.record_type AS type, w.description,
    CASE WHEN w.record_type = 'COMMIT_PREPARED' THEN substring(w.description FROM '^([0-9]+):') ELSE w.xid::text END AS xid,
    w.record_type = 'INPLACE' OR w.block_ref ~ 'rel [0-9]+/[0-9]+/(2619|2840|2841|3381|3429) ' AS upkeep
  FROM beyond b, LATERAL pg_get_wal_records_info(b.lsn, pg_current_wal_flush_lsn()) w
  WHERE w.resource_manager IN ('Transaction', 'LogicalMessage', 'Heap', 'Heap2')
    OR w.record_type IN ('CHECKPOINT_SHUTDOWN', 'END_OF_RECOVERY')),
ignored AS MATERIALIZED (SELECT xid FROM records GROUP BY xid HAVING
  bool_or(manager = 'LogicalMessage' AND description LIKE '%prefix "maestro-%')
  OR (bool_or(manager = 'Heap' AND upkeep) AND NOT bool_or(manager LIKE 'Heap%' AND NOT upkeep)
    AND NOT bool_or(manager = 'Transaction' AND description LIKE '%subxacts:%'))),
commits AS (SELECT extract(epoch FROM substring(
      description FROM '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d[.\\d]*[-+][\\d:]+')::timestamptz) * 1000 AS at,
    start_lsn > (SELECT min(start_lsn) FROM records WHERE manager = 'XLOG') IS TRUE AS late
  FROM records WHERE type IN ('COMMIT', 'COMMIT_PREPARED') AND xid NOT IN (SELECT xid FROM ignored))
SELECT count(*) FILTER (WHERE NOT late)::int AS lost, min(at) FILTER (WHERE NOT late)::float8 AS first_lost_ms,
  max(at) FILTER (WHERE NOT late)::float8 AS last_lost_ms, count(*) FILTER (WHERE late)::int AS late,
  min(at) FILTER (WHERE late)::float8 AS first_late_ms, max(at) FILTER (WHERE late)::float8 AS last_late_ms
FROM commits`,
    [switchpoint],
  );
}
