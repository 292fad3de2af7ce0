import { compileCrd, type JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { readCrds } from './crds.ts';
import type { Wire } from './objects.ts';

/** What the API server made of an object: as it would be stored, or why it was refused. */
export type Verdict =
  | { readonly ok: true; readonly object: Wire; readonly pruned: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly pruned: readonly string[] };

export type Judge = (object: Wire, old?: Wire) => Verdict;

/** The sandbox's API server, as far as a CRD makes it: pruning, defaults, schema, rules. */
export function sandboxJudge(): Judge {
  const types = new Map(
    [...readCrds().values()].map(({ kind, object }) => [kind, compileCrd(asJson(object)).types[0]] as const),
  );
  const judge = (object: Wire, old?: Wire): Verdict => {
    const type = types.get(String(object['kind']));
    if (type === undefined) throw new Error(`no CRD for ${String(object['kind'])}`);
    const pruned: string[] = [];
    const preparation = {
      now: 0,
      subresource: undefined,
      unknownField: (path: string) => void pruned.push(path),
      shaped: () => undefined,
      lookup: () => undefined,
      next: () => 0,
    };
    const stored = old === undefined ? undefined : type.prepare(asJson(old), undefined, preparation);
    try {
      return { ok: true, object: type.prepare(asJson(object), stored, preparation), pruned };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ApiError') throw error;
      return { ok: false, message: error.message, pruned };
    }
  };
  return judge;
}

function asJson(value: Wire): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
