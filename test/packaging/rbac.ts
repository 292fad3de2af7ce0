import type { Attributes, Authorize } from '../../src/sandbox/models/kube-api/index.ts';
import { at, isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import { kindOf, nameOf } from './rendered.ts';

export interface Rule {
  /** The role it stands in, and where that is bound; for messages. */
  readonly role: string;
  readonly subject: string;
  /** Absent: everywhere. */
  readonly namespace?: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly verbs: readonly string[];
}

/** The rules that are bound to a ServiceAccount, as `system:serviceaccount:…`; rules bound to nobody are none. */
export function rulesOf(objects: readonly Wire[]): readonly Rule[] {
  return objects
    .filter((object) => ['RoleBinding', 'ClusterRoleBinding'].includes(kindOf(object)))
    .flatMap((binding) => {
      const roleKind = String(at(binding, 'roleRef', 'kind'));
      const roleName = String(at(binding, 'roleRef', 'name'));
      const namespace = kindOf(binding) === 'RoleBinding' ? String(at(binding, 'metadata', 'namespace')) : undefined;
      const role = objects.find(
        (object) =>
          kindOf(object) === roleKind &&
          nameOf(object) === roleName &&
          (roleKind === 'ClusterRole' || at(object, 'metadata', 'namespace') === namespace),
      );
      if (role === undefined) throw new Error(`${nameOf(binding)} binds ${roleKind} ${roleName}, which is not there`);
      return maps(binding['subjects']).flatMap((subject) =>
        maps(role['rules']).map((rule) => ({
          role: `${roleKind} ${roleName}`,
          subject: `system:serviceaccount:${String(subject['namespace'])}:${String(subject['name'])}`,
          ...(namespace === undefined ? {} : { namespace }),
          apiGroups: texts(rule['apiGroups']),
          resources: texts(rule['resources']),
          resourceNames: texts(rule['resourceNames']),
          verbs: texts(rule['verbs']),
        })),
      );
    });
}

/** The RBAC authorizer's decision (`pkg/registry/rbac/validation`), for what these manifests use: no wildcards. */
export function allows(rule: Rule, asked: Attributes): boolean {
  const resource = asked.subresource === undefined ? asked.resource : `${asked.resource}/${asked.subresource}`;
  return (
    rule.subject === asked.user &&
    (rule.namespace === undefined || rule.namespace === asked.namespace) &&
    rule.apiGroups.includes(asked.group) &&
    rule.resources.includes(resource) &&
    rule.verbs.includes(asked.verb) &&
    (rule.resourceNames.length === 0 || (asked.name !== undefined && rule.resourceNames.includes(asked.name)))
  );
}

/** Each right of a rule by itself: verb, resource, name, where. What was never asked for is a right too many. */
export interface Ledger {
  authorize(rules: readonly Rule[]): Authorize;
  /** What was refused, each once. */
  refused(): readonly string[];
  /** What nobody asked for. */
  idle(): readonly string[];
}

export function createLedger(): Ledger {
  const refused = new Set<string>();
  const granted = new Set<string>();
  const used = new Set<string>();
  const right = (rule: Rule, group: string, resource: string, verb: string, name?: string): string =>
    [rule.role, verb, [resource, group].filter((part) => part !== '').join('.'), name].filter(Boolean).join(' ');
  return {
    authorize(rules) {
      for (const rule of rules) for (const each of rights(rule)) granted.add(right(rule, ...each));
      return (asked) => {
        const allowing = rules.filter((rule) => allows(rule, asked));
        const resource = asked.subresource === undefined ? asked.resource : `${asked.resource}/${asked.subresource}`;
        for (const rule of allowing) {
          const name = rule.resourceNames.length === 0 ? undefined : asked.name;
          used.add(right(rule, asked.group, resource, asked.verb, name));
        }
        if (allowing.length > 0) return undefined;
        const where = asked.namespace ?? 'the cluster';
        refused.add(`${asked.user} ${asked.verb} ${resource} ${asked.group} ${asked.name ?? ''} in ${where}`);
        return '';
      };
    },
    refused: () => [...refused].sort(),
    idle: () => [...granted].filter((one) => !used.has(one)).sort(),
  };
}

function rights(rule: Rule): readonly (readonly [string, string, string, string | undefined])[] {
  const names = rule.resourceNames.length === 0 ? [undefined] : rule.resourceNames;
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) => names.map((name) => [group, resource, verb, name] as const)),
    ),
  );
}

function maps(value: unknown): readonly Wire[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
