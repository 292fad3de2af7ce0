import type pg from 'pg';
import type { Address } from '../link.ts';
import { withClient } from './query.ts';
import { createTarWriter } from './tar.ts';

const DEADLINE_MS = 300_000;

export interface Source extends Address {
  /** What its certificate is held to (PEM). */
  readonly ca: string;
  /** Of the role `replicator`. */
  readonly password: string;
}

export interface SourceIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
}

/** `IDENTIFY_SYSTEM`: who answers there, on which timeline. */
export async function identify(source: Source): Promise<SourceIdentity> {
  const [row] = await replicationQuery<{ systemid: string; timeline: number | string }>(source, 'IDENTIFY_SYSTEM');
  if (row === undefined) throw new Error('IDENTIFY_SYSTEM gave no row.');
  return { systemIdentifier: row.systemid, timeline: Number(row.timeline) };
}

/** The history file of a timeline: one line for each switch, `<timeline>\t<position>\t<reason>`. */
export async function timelineHistory(source: Source, timeline: number): Promise<string> {
  const [row] = await replicationQuery<{ content: Buffer | string }>(source, `TIMELINE_HISTORY ${String(timeline)}`);
  return row?.content.toString() ?? '';
}

async function replicationQuery<R extends pg.QueryResultRow>(source: Source, command: string): Promise<readonly R[]> {
  return await withClient(source, replicator(source), async (client) => (await client.query<R>(command)).rows, {
    replication: 'true',
  });
}

function replicator(source: Source): { user: string; password: string; database: string; ca: string } {
  return { user: 'replicator', password: source.password, database: 'postgres', ca: source.ca };
}

/**
 * A base copy of a running primary into the empty folder `data`, over the replication protocol: `BASE_BACKUP` is the
 * low-level backup of the manual (25.3.4) carried out by the server within one command: start, every file but pg_wal
 * and what is the server's own, `backup_label`, pg_control last, stop. It needs the right to replicate and nothing
 * else, and no shared disk; the npm package holds no pg_basebackup. WAL from the backup on must be kept by a slot.
 */
export async function baseBackup(source: Source, data: string, label: string): Promise<void> {
  const text = `BASE_BACKUP (LABEL ${literal(label)}, CHECKPOINT 'fast', WAL false, WAIT false, MANIFEST 'no')`;
  const tar = createTarWriter(data);
  await withClient(
    source,
    replicator(source),
    async (client) => {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`The base copy took longer than ${String(DEADLINE_MS)} ms.`));
        }, DEADLINE_MS);
        client.query(
          copyOut(text, tar.write, (error) => {
            clearTimeout(timer);
            if (error === undefined) resolve();
            else reject(error);
          }),
        );
      });
    },
    // No timer of node-postgres': it would go on after a query that is not its own kind. Ours is above.
    { replication: 'true', deadlineMs: 0 },
  );
  tar.finish();
}

/**
 * A query in node-postgres' own terms (`Submittable`), for it has no COPY of its own. Chunks are views of the receive
 * buffer: they are used up before the handler returns.
 */
function copyOut(text: string, write: (chunk: Buffer) => void, done: (error?: Error) => void) {
  let failure: Error | undefined;
  const ignore = (): void => {
    // Positions and the list of tablespaces: the copy itself says what matters of them.
  };
  return {
    submit: (connection: pg.Connection) => {
      connection.query(text);
    },
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleCommandComplete: ignore,
    handleEmptyQuery: ignore,
    handleCopyData: (message: { readonly chunk: Buffer }) => {
      if (failure !== undefined) return;
      try {
        take(message.chunk, write);
      } catch (error) {
        // Thrown here it would tear down the parser: kept, and told at the end.
        failure = error instanceof Error ? error : new Error(String(error));
      }
    },
    handleReadyForQuery: () => {
      done(failure);
    },
    handleError: (error: Error) => {
      done(error);
    },
  };
}

/** Manual, 54.4, BASE_BACKUP: each message is `n`ew archive, `d`ata, `m`anifest or `p`rogress. */
function take(chunk: Buffer, write: (chunk: Buffer) => void): void {
  const kind = String.fromCharCode(chunk[0] ?? 0);
  if (kind === 'd') {
    write(chunk.subarray(1));
    return;
  }
  if (kind === 'n') {
    const archive = chunk.subarray(1, chunk.indexOf(0, 1)).toString();
    if (archive !== 'base.tar') throw new Error(`${archive}: the sandbox copies no tablespaces.`);
  }
}

/**
 * A slot that keeps WAL from now on, before the copy begins. One that exists is used again; one that lost its WAL is
 * made anew. @throws Error when somebody streams from it: it is another standby's.
 */
export async function ensureSlot(source: Source, slot: string): Promise<void> {
  await withClient(source, replicator(source), async (client) => {
    const found = await client.query<{ active: boolean; wal_status: string | null }>(
      'SELECT active, wal_status FROM pg_replication_slots WHERE slot_name = $1',
      [slot],
    );
    const [row] = found.rows;
    if (row?.active === true) {
      throw new Error(`Slot ${slot} is in use at ${source.host}:${String(source.port)}: name one that is not.`);
    }
    const usable = row?.wal_status === 'reserved' || row?.wal_status === 'extended';
    if (row !== undefined && !usable) await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
    if (!usable) await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
  });
}

/** Whether it is itself in recovery, that is, no primary. */
export async function isInRecovery(source: Source): Promise<boolean> {
  return await withClient(source, replicator(source), async (client) => {
    const { rows } = await client.query<{ recovery: boolean }>('SELECT pg_is_in_recovery() AS recovery');
    return rows[0]?.recovery !== false;
  });
}

function literal(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}
