import type { DatabaseRecovery, RecoveryPoint, RunStatus } from './run.ts';

/** How far apart the databases of a run were recovered. */
export type RecoverySkew =
  | { readonly known: true; /** ms; a bound. */ readonly atMostMs: number }
  /** These have no recovery point that is known, or were not promoted: no bound can be given. */
  | { readonly known: false; readonly unknownOf: readonly string[] };

/**
 * What lies at most between the recovery points of any two databases. Absent with a single one, and until it is decided
 * of each whether it moves. Derived from the recovery each time it is shown or written, and never read back.
 */
export function recoverySkew(status: Pick<RunStatus, 'snapshot' | 'recovery'>): RecoverySkew | undefined {
  const names = status.snapshot?.databases.map(({ name }) => name) ?? [];
  const rows = status.recovery.filter(({ database }) => names.includes(database));
  if (names.length < 2 || rows.length < names.length) return undefined;
  const points = rows.flatMap(({ point }) => (point === undefined ? [] : [point]));
  if (points.length === rows.length) return { known: true, atMostMs: widest(points) };
  return { known: false, unknownOf: rows.filter(isPointless).map(({ database }) => database) };
}

function isPointless({ point }: DatabaseRecovery): boolean {
  return point === undefined;
}

/** Two different databases, the one as late and the other as early as they may be: no point is compared with itself. */
function widest(points: readonly RecoveryPoint[]): number {
  const pairs = points.flatMap(({ latest }, late) =>
    points.flatMap(({ earliest }, early) => (late === early ? [] : [latest - earliest])),
  );
  return Math.max(0, ...pairs);
}
