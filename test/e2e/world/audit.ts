import type { AuditEntry, JsonObject, Verb } from '../../../src/sandbox/models/kube-api/index.ts';
import { at, objectAt, stringAt } from '../../../src/sandbox/models/kube-api/json.ts';
import { stringify } from 'yaml';
import { MASTERS } from './control-plane-config.ts';

const MUTATIONS: readonly string[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** A request of the operator's account, whomever it acted as. */
export interface Access {
  /** ms. */
  readonly at: number;
  readonly user: string;
  readonly impersonated?: string;
  readonly verb: string;
  readonly group: string;
  /** `deployments/scale`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly code: number;
  /** In the authorizer's words: which binding and which role allowed it, or nothing. */
  readonly reason?: string;
}

/** What people and the operator do, whole; what the cluster's own programs do, not at all; of Secrets nothing but that. */
export function auditPolicy(): string {
  const { person, ...programs } = MASTERS;
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', users: [...Object.values(programs), 'system:apiserver'] },
      { level: 'None', nonResourceURLs: ['*'] },
      { level: 'None', users: [person], verbs: ['get', 'list', 'watch'] },
      { level: 'Metadata', resources: [{ group: '', resources: ['secrets', 'serviceaccounts/token'] }] },
      { level: 'RequestResponse', verbs: MUTATIONS },
      { level: 'Metadata' },
    ],
  });
}

/** Reads an API server's audit.k8s.io/v1 Events one after the other, in the order in which they were written. */
export interface AuditReader {
  /** The mutation as the sandbox's API server would have written it; undefined for a read. */
  mutation(event: JsonObject): AuditEntry | undefined;
}

export function createAuditReader(cluster: string): AuditReader {
  // Of a patch that changed nothing the answer is the version that was there before.
  const versions = new Map<string, string>();
  const changed = (event: JsonObject, uri: string): boolean => {
    const verb = stringAt(event, 'verb') ?? '';
    const version = stringAt(event, 'responseObject', 'metadata', 'resourceVersion');
    if (verb === 'delete' || verb === 'deletecollection' || version === undefined) return true;
    const kind = stringAt(event, 'responseObject', 'kind') ?? '';
    const uid = stringAt(event, 'responseObject', 'metadata', 'uid') ?? uri;
    // A Scale has the version of the object that it scales, and no uid in common with anything else.
    const key = `${kind} ${uid}`;
    const before = versions.get(key);
    versions.set(key, version);
    return before !== version;
  };
  return {
    mutation: (event) => {
      const verb = verbOf(event);
      if (verb === undefined || !MUTATIONS.includes(verb)) return undefined;
      const code = codeOf(event);
      const uri = stringAt(event, 'requestURI') ?? '';
      const dryRun = uri.includes('dryRun=All');
      const ref = objectAt(event, 'objectRef');
      const request = at(event, 'requestObject');
      const { namespace, subresource } = namesOf(event);
      const impersonated = stringAt(event, 'impersonatedUser', 'username');
      return {
        at: timeOf(event),
        cluster,
        user: stringAt(event, 'user', 'username') ?? '',
        ...(impersonated === undefined ? {} : { impersonated }),
        verb,
        group: stringAt(ref, 'apiGroup') ?? '',
        resource: stringAt(ref, 'resource') ?? '',
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
        name: nameOf(event),
        code,
        dryRun,
        changed: code < 300 && !dryRun && changed(event, uri),
        ...(request === undefined ? {} : { body: JSON.stringify(request) }),
      };
    },
  };
}

/** What the RBAC authorizer made of a request of `account`; undefined for anybody else's. */
export function accessOf(event: JsonObject, account: string): Access | undefined {
  const user = stringAt(event, 'user', 'username') ?? '';
  if (user !== account) return undefined;
  const { namespace, subresource } = namesOf(event);
  const resource = stringAt(event, 'objectRef', 'resource') ?? '';
  return {
    at: timeOf(event),
    user,
    ...compactTexts({
      impersonated: stringAt(event, 'impersonatedUser', 'username'),
      namespace,
      reason: stringAt(event, 'annotations', 'authorization.k8s.io/reason'),
    }),
    name: nameOf(event),
    verb: stringAt(event, 'verb') ?? '',
    group: stringAt(event, 'objectRef', 'apiGroup') ?? '',
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    code: codeOf(event),
  };
}

const VERBS: readonly Verb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

function verbOf(event: JsonObject): Verb | undefined {
  const said = stringAt(event, 'verb');
  return VERBS.find((verb) => verb === said);
}

function timeOf(event: JsonObject): number {
  return Date.parse(stringAt(event, 'stageTimestamp') ?? '');
}

function codeOf(event: JsonObject): number {
  const code = at(event, 'responseStatus', 'code');
  return typeof code === 'number' ? code : 0;
}

function namesOf(event: JsonObject): { readonly namespace?: string; readonly subresource?: string } {
  return compactTexts({
    namespace: stringAt(event, 'objectRef', 'namespace'),
    subresource: stringAt(event, 'objectRef', 'subresource'),
  });
}

/** A create names its object in the body alone. */
function nameOf(event: JsonObject): string {
  const named = stringAt(event, 'objectRef', 'name');
  return named ?? stringAt(event, 'responseObject', 'metadata', 'name') ?? '';
}

function compactTexts<K extends string>(texts: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const key of Object.keys(texts) as K[]) {
    const text = texts[key];
    if (text !== undefined) found[key] = text;
  }
  return found;
}
