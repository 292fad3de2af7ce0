import { sha256Hex } from '../api/canonical-json.ts';
import type { Plan } from '../api/plan.ts';
import { nothingTold, type Memory, type Told } from '../decide/notify/memory.ts';
import type { KubeClient } from '../kube/client.ts';
import { isRecord, type JsonRecord } from '../kube/json.ts';
import { isKubeError } from '../kube/kube-error.ts';

/**
 * What the contacts of a plan were told, kept beside it in a ConfigMap `<plan>-notices`, so that the next leader goes
 * on where this one was. Written when something was told, never at rest. Nothing secret is in it.
 */
export interface ToldStore {
  /** As it was last saved by anybody. @throws KubeError */
  recall(plan: Plan, role: string): Promise<Memory>;
  /** What was told, of what is remembered. @throws KubeError */
  save(plan: Plan, role: string, memory: Memory): Promise<void>;
}

export function createToldStore(client: KubeClient, deadlineMs: number): ToldStore {
  return {
    async recall(plan, role) {
      try {
        const object = await client.get({ ...collectionOf(plan), name: nameOf(plan) }, { deadlineMs });
        return read(isRecord(object.data) ? object.data : {}, plan, role);
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return nothingTold;
        throw error;
      }
    },
    async save(plan, role, memory) {
      const told = Object.fromEntries(Object.entries(memory.told).filter(([, { count }]) => count > 0));
      const data = { plan: plan.uid, [keyOf(role)]: JSON.stringify({ role, told }) };
      if (await amended(client, plan, data, deadlineMs)) return;
      try {
        await client.create(collectionOf(plan), fresh(plan, data), { deadlineMs });
      } catch (error) {
        // The plan's contacts are told at once, and another one's save has made it meanwhile.
        const isThere = isKubeError(error, 'AlreadyExists') && (await amended(client, plan, data, deadlineMs));
        if (!isThere) throw error;
      }
    },
  };
}

/** Each contact writes a key of its own, so nothing of another's is lost. False: there is no ConfigMap to amend. */
async function amended(client: KubeClient, plan: Plan, data: JsonRecord, deadlineMs: number): Promise<boolean> {
  const ref = { ...collectionOf(plan), name: nameOf(plan) };
  try {
    await client.patch(ref, { data }, { type: 'merge', deadlineMs });
    return true;
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return false;
    throw error;
  }
}

const collectionOf = (plan: Plan) => ({
  group: '',
  version: 'v1',
  resource: 'configmaps',
  namespace: plan.namespace,
});
const nameOf = (plan: Plan): string => `${plan.name}-notices`;

/** A role may be any text, a key of a ConfigMap may not. */
const keyOf = (role: string): string => `contact-${sha256Hex(role).slice(0, 16)}.json`;

/** Owned by the plan: gone with it, and with nobody's help. */
function fresh(plan: Plan, data: JsonRecord): JsonRecord {
  const owner = { apiVersion: 'dr.maestro.io/v1alpha1', kind: 'DisasterRecoveryPlan', name: plan.name, uid: plan.uid };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(plan),
      namespace: plan.namespace,
      labels: { 'dr.maestro.io/plan': plan.name },
      ownerReferences: [owner],
    },
    data,
  };
}

/** Of a plan made anew, or what somebody else wrote, nothing is remembered: a message too many is better than none. */
function read(data: JsonRecord, plan: Plan, role: string): Memory {
  const text = data[keyOf(role)];
  if (data.plan !== plan.uid || typeof text !== 'string') return nothingTold;
  const parsed = parsedJson(text);
  if (!isRecord(parsed) || !isRecord(parsed.told)) return nothingTold;
  const told = Object.entries(parsed.told).flatMap(([key, one]) => {
    const entry = toldOf(one);
    return entry === undefined ? [] : [[key, entry] as const];
  });
  return { told: Object.fromEntries(told) };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Its only way to fail is a SyntaxError: somebody edited it, and nothing is remembered.
    return undefined;
  }
}

function toldOf(value: unknown): Told | undefined {
  if (!isRecord(value)) return undefined;
  const { group, since, began, count, lastAt, delivered, ends, goneSince } = value;
  if (typeof group !== 'string' || typeof since !== 'number' || typeof began !== 'number') return undefined;
  if (typeof count !== 'number' || typeof delivered !== 'boolean') return undefined;
  const end = endOf(ends);
  return {
    group,
    since,
    began,
    count,
    delivered,
    ...(typeof lastAt === 'number' ? { lastAt } : {}),
    ...(end === undefined ? {} : { ends: end }),
    ...(typeof goneSince === 'number' ? { goneSince } : {}),
  };
}

function endOf(value: unknown): Told['ends'] {
  if (!isRecord(value) || typeof value.goneMs !== 'number') return undefined;
  const { goneMs, over } = value;
  return { goneMs, ...(over === 'RunGoesOn' || over === 'PlanProblemOver' ? { over } : {}) };
}
