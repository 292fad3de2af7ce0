import type { AuditEntry } from '../../src/sandbox/models/kube-api/index.ts';

export type Wire = Readonly<Record<string, unknown>>;

/** An object at one time, with who made it so. */
export interface Version {
  readonly at: number;
  readonly user: string;
  readonly spec: Wire;
  readonly status: Wire;
  readonly steps: readonly WireStep[];
}

export interface ObjectLog {
  readonly name: string;
  readonly madeBy: string;
  readonly versions: readonly Version[];
  /** Wall ms at which it was asked to go. */
  readonly deletedAt?: number;
}

export interface WireIntent {
  readonly token: string;
  readonly action: string;
  readonly at: string;
  readonly firstAt: string;
  readonly notAfter: string;
  /** `<replica>_<life>` */
  readonly holder: string;
}

export interface WireStep {
  readonly id: string;
  readonly kind: string;
  readonly subject?: string;
  readonly region?: string;
  readonly effect: string;
  readonly after?: readonly string[];
  readonly pretend?: string;
  readonly state: string;
  readonly intent?: WireIntent;
  readonly outcome?: { readonly state: string; readonly at: string };
  readonly waitsFor?: { readonly reason: string };
}

/** The life of each object of a resource, rebuilt from the bodies that the API server accepted (RFC 7386). */
export function objectLogs(audit: readonly AuditEntry[], resource: string): readonly ObjectLog[] {
  const done: ObjectLog[] = [];
  const open = new Map<string, { madeBy: string; versions: Version[]; object: Wire; deletedAt?: number }>();
  const close = (name: string): void => {
    const one = open.get(name);
    if (one === undefined) return;
    const { madeBy, versions, deletedAt } = one;
    done.push({ name, madeBy, versions, ...(deletedAt === undefined ? {} : { deletedAt }) });
    open.delete(name);
  };
  for (const entry of audit) {
    if (!entry.changed || entry.resource !== resource || entry.cluster !== 'management') continue;
    const body = entry.body === undefined ? {} : (JSON.parse(entry.body) as Wire);
    if (entry.verb === 'create') {
      const name = entry.name ?? nameIn(body);
      close(name);
      open.set(name, { madeBy: entry.user, versions: [version(entry, body)], object: body });
      continue;
    }
    const one = open.get(entry.name ?? '');
    if (one === undefined) continue;
    if (entry.verb === 'delete') {
      one.deletedAt ??= entry.at;
      continue;
    }
    one.object = entry.verb === 'update' ? { ...one.object, ...body } : merged(one.object, body);
    one.versions.push(version(entry, one.object));
  }
  for (const name of [...open.keys()]) close(name);
  return done;
}

function nameIn(body: Wire): string {
  const { metadata } = body as { readonly metadata?: { readonly name?: string } };
  return metadata?.name ?? '';
}

function version({ at, user }: AuditEntry, object: Wire): Version {
  const spec = record(object.spec);
  const status = record(object.status);
  const steps = Array.isArray(status.steps) ? (status.steps as readonly WireStep[]) : [];
  return { at, user, spec, status, steps };
}

function record(value: unknown): Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : {};
}

function merged(target: Wire, patch: Wire): Wire {
  const next: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(next, key);
    else if (typeof value === 'object' && !Array.isArray(value)) next[key] = merged(record(next[key]), record(value));
    else next[key] = value;
  }
  return next;
}

/** The object as it was at `at`: the newest version of before then, or of that instant. */
export function versionAt(log: ObjectLog, at: number): Version | undefined {
  return log.versions.findLast((one) => one.at <= at);
}

export function lastVersion(log: ObjectLog): Version | undefined {
  return log.versions.at(-1);
}
