import type { SqlStatement } from '../../../ports/sql.ts';
import {
  epochRolePrefix,
  fenceRolePrefix,
  IN_RECOVERY,
  SEAL_PREFIX,
  SIGNATURE_PREFIX,
  STALE_EPOCH,
} from './markers.ts';
import {
  blockStatement,
  boundStatement,
  quoteLiteral,
  quoteTable,
  quoteTextArray,
  renderedStatement,
} from './sql-text.ts';

/** What a marker is about: whose, of which epoch, on behalf of which recorded effect. */
export interface Mark {
  readonly hash: string;
  readonly epoch: number;
  readonly token: string;
}

/**
 * What every change of markers begins with: one at a time for each plan, only on a primary, never below an epoch that
 * was already here. The message makes this transaction known as the operator's own where lost commits are counted.
 */
function guarded({ hash, epoch, token }: Mark, declarations: string, body: string): string {
  const [fence, mine] = [quoteLiteral(fenceRolePrefix(hash)), quoteLiteral(epochRolePrefix(hash))];
  return `DECLARE
  fence constant text := ${fence};
  epochs constant text := ${mine};
  epoch constant bigint := ${String(epoch)};
  role record;
  ${declarations}
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'the server is in recovery' USING ERRCODE = ${quoteLiteral(IN_RECOVERY)};
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(epochs, 0));
  FOR role IN SELECT substring(rolname FROM '[0-9]+$')::bigint AS epoch FROM pg_roles
    WHERE (starts_with(rolname, epochs) OR starts_with(rolname, fence)) AND rolname ~ ':[0-9]+$' LOOP
    IF role.epoch > epoch THEN
      RAISE EXCEPTION 'epoch % was here before epoch %', role.epoch, epoch USING ERRCODE = ${quoteLiteral(STALE_EPOCH)};
    END IF;
  END LOOP;
  PERFORM pg_logical_emit_message(true, 'maestro-mark', ${quoteLiteral(token)});
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = epochs || epoch) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', epochs || epoch);
  END IF;
  FOR role IN SELECT rolname FROM pg_roles WHERE starts_with(rolname, epochs) AND rolname <> epochs || epoch LOOP
    EXECUTE format('DROP ROLE %I', role.rolname);
  END LOOP;
${body}
END`;
}

/**
 * Fence and epoch markers, and NOLOGIN, in one transaction. What an older fence of this plan was to restore goes over
 * to this one. Parameters: hash, epoch, application roles.
 */
export function fenceStatement(mark: Mark, applicationRoles: readonly string[]): SqlStatement {
  const body = `  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = marker) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', marker);
  END IF;
  FOR role IN SELECT DISTINCT m.rolname FROM pg_auth_members g JOIN pg_roles f ON f.oid = g.roleid
    JOIN pg_roles m ON m.oid = g.member WHERE starts_with(f.rolname, fence) AND f.rolname <> marker
    AND NOT g.admin_option AND m.rolname <> current_user LOOP
    EXECUTE format('GRANT %I TO %I', marker, role.rolname);
  END LOOP;
  FOR role IN SELECT rolname FROM pg_roles WHERE starts_with(rolname, fence) AND rolname <> marker LOOP
    EXECUTE format('DROP ROLE %I', role.rolname);
  END LOOP;
  FOR role IN SELECT rolname FROM pg_roles
    WHERE rolcanlogin AND rolname = ANY (${quoteTextArray(applicationRoles)}) AND rolname <> current_user LOOP
    EXECUTE format('GRANT %I TO %I', marker, role.rolname);
    EXECUTE format('ALTER ROLE %I NOLOGIN', role.rolname);
    EXECUTE format('COMMENT ON ROLE %I IS NULL', marker);
  END LOOP;`;
  return blockStatement('fence', guarded(mark, 'marker constant text := fence || epoch;', body), [
    mark.hash,
    mark.epoch,
    applicationRoles,
  ]);
}

/**
 * Ends sessions of the application roles and the backends `pids`. One that may not be ended must not keep the others
 * alive; `sparedStatement` names it. Parameters: roles, pids.
 */
export function endSessionsStatement(applicationRoles: readonly string[], pids: readonly number[]): SqlStatement {
  const array = `ARRAY[${pids.map(String).join(', ')}]::int[]`;
  return blockStatement(
    'end-sessions',
    ending(`usename = ANY (${quoteTextArray(applicationRoles)}) OR pid = ANY (${array})`, array),
    [applicationRoles, pids.map(String)],
  );
}

/**
 * Whom the `end-sessions` of this session was not allowed to end. Without a superuser's rights that is a superuser's
 * backend, or one that has not looked its role up yet (pg_terminate_backend treats it as a superuser's).
 */
export function sparedStatement(): SqlStatement {
  return boundStatement(
    'spared',
    `SELECT coalesce(string_to_array(current_setting('maestro.spared', true), ','), '{}') AS pids`,
  );
}

/** Ends what reads on a standby, for a reader holds up a promotion, unseen. Does nothing on a primary. */
export function endReadersStatement(): SqlStatement {
  const readers = `backend_type = 'client backend' AND pg_is_in_recovery()`;
  return blockStatement('end-readers', ending(readers, 'ARRAY[]::int[]'), []);
}

function ending(condition: string, pids: string): string {
  return `DECLARE backend record;
BEGIN
  PERFORM set_config('maestro.spared', '', false);
  FOR backend IN SELECT pid FROM pg_stat_activity WHERE (${condition}) AND pid <> pg_backend_pid()
    UNION SELECT pid FROM pg_locks WHERE locktype = 'virtualxid' AND pid = ANY (${pids}) LOOP
    BEGIN
      PERFORM pg_terminate_backend(backend.pid);
    EXCEPTION WHEN insufficient_privilege THEN
      PERFORM set_config('maestro.spared', concat_ws(',', nullif(current_setting('maestro.spared'), ''), backend.pid), false);
    END;
  END LOOP;
END`;
}

/**
 * Written when the fence was seen to hold: no session of a fenced role, and none that was past authentication when the
 * fence came. From then on a backend without a role is a login that will be refused. Parameters: hash, epoch, token.
 */
export function sealStatement({ hash, epoch, token }: Mark): SqlStatement {
  const comment = quoteLiteral(`${SEAL_PREFIX}${token}`);
  const body = `BEGIN
  PERFORM pg_logical_emit_message(true, 'maestro-fence', ${quoteLiteral(token)});
  EXECUTE format('COMMENT ON ROLE %I IS %L', ${quoteLiteral(`${fenceRolePrefix(hash)}${String(epoch)}`)}, ${comment});
END`;
  return blockStatement('seal', body, [hash, epoch, token]);
}

/** LOGIN for the members of this plan's markers, and the markers gone; the epoch stays. Parameters: hash, epoch. */
export function openStatement(mark: Mark): SqlStatement {
  const body = `  FOR role IN SELECT DISTINCT m.rolname FROM pg_auth_members g JOIN pg_roles f ON f.oid = g.roleid
    JOIN pg_roles m ON m.oid = g.member WHERE starts_with(f.rolname, fence)
    AND NOT g.admin_option AND m.rolname <> current_user LOOP
    EXECUTE format('ALTER ROLE %I LOGIN', role.rolname);
  END LOOP;
  FOR role IN SELECT rolname FROM pg_roles WHERE starts_with(rolname, fence) LOOP
    EXECUTE format('DROP ROLE %I', role.rolname);
  END LOOP;`;
  return blockStatement('open', guarded(mark, '', body), [mark.hash, mark.epoch]);
}

/**
 * Which announcement this server has written, where a standby shows it once it has replayed it: another server that was
 * promoted to a timeline of the same number, and whoever follows that one, reaches every position too, but never this.
 * Parameters: hash, epoch, token.
 */
export function signStatement(mark: Mark): SqlStatement {
  const comment = quoteLiteral(`${SIGNATURE_PREFIX}${mark.token}`);
  const body = `  EXECUTE format('COMMENT ON ROLE %I IS %L', epochs || epoch, ${comment});`;
  return blockStatement('sign', guarded(mark, '', body), [mark.hash, mark.epoch, mark.token]);
}

/** A transaction of its own: once it is durable locally, so is everything before it. Null in recovery. Parameters: token. */
export function announceStatement(token: string): SqlStatement {
  return boundStatement(
    'announce',
    `SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_logical_emit_message(true, 'maestro-announce', $1) END::text AS lsn`,
    [token],
  );
}

/** A statement of its own, for the position is taken before the commit of the one it stands in. Null in recovery. */
export function flushedStatement(): SqlStatement {
  return boundStatement(
    'flushed',
    'SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn() END::text AS lsn',
  );
}

/** `asked` null where the server is no standby. Does not wait: the promotion is observed. */
export function promoteStatement(): SqlStatement {
  return boundStatement('promote', 'SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(false) END AS asked');
}

export function checkpointStatement(): SqlStatement {
  return renderedStatement('checkpoint', 'CHECKPOINT');
}

/** As the application; leaves nothing but a gap in a sequence. Parameters: table. */
export function probeStatement(table: string): SqlStatement {
  return renderedStatement('probe', `BEGIN; INSERT INTO ${quoteTable(table)} DEFAULT VALUES; ROLLBACK`, [table]);
}
