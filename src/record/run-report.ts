import type { Run } from '../api/run.ts';
import { isRecord, type JsonRecord } from '../kube/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/kube-error.ts';
import { runReport } from '../view/run-report.ts';
import { sameJson } from './merge-patch.ts';

/** Keeps a Run's report beside it: a ConfigMap `<run>-report` with report.json and report.md, written when it changed. */
export interface Reports {
  /** @throws KubeError; the next pass tries again. */
  write(run: Run): Promise<void>;
  forget(runUid: string): void;
}

export function createReports(client: KubeClient, deadlineMs: number): Reports {
  const written = new Map<string, JsonRecord>();
  return {
    async write(run) {
      const report = runReport(run);
      const data = { 'report.json': report.json, 'report.md': report.markdown };
      const known = written.get(run.uid) ?? (await read(client, run, deadlineMs));
      // Of what was refused or lost, or deleted by somebody meanwhile, the API server is asked anew.
      written.delete(run.uid);
      if (!sameJson(known, data)) await put(client, run, data, known !== undefined, deadlineMs);
      written.set(run.uid, data);
    },
    forget: (uid) => {
      written.delete(uid);
    },
  };
}

const collectionOf = (run: Run) => ({ group: '', version: 'v1', resource: 'configmaps', namespace: run.namespace });
const nameOf = (run: Run): string => `${run.name}-report`;

async function read(client: KubeClient, run: Run, deadlineMs: number): Promise<JsonRecord | undefined> {
  try {
    const object = await client.get({ ...collectionOf(run), name: nameOf(run) }, { deadlineMs });
    return isRecord(object.data) ? object.data : {};
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function put(client: KubeClient, run: Run, data: JsonRecord, there: boolean, deadlineMs: number): Promise<void> {
  if (there) {
    await client.patch({ ...collectionOf(run), name: nameOf(run) }, { data }, { type: 'merge', deadlineMs });
    return;
  }
  const metadata = {
    name: nameOf(run),
    namespace: run.namespace,
    labels: { 'dr.maestro.io/plan': run.spec.planRef.name, 'dr.maestro.io/run': run.name },
  };
  await client.create(collectionOf(run), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, { deadlineMs });
}
