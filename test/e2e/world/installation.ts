import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { ROOT } from '../../../scripts/build.ts';
import { NAMESPACE, OPERATOR_NAMESPACE } from '../../../src/sandbox/world/names.ts';
import type { Wire } from '../../crds/objects.ts';
import { charted, kustomized } from '../../packaging/rendered.ts';
import { createKubectl, type Kubectl } from '../../support/run-kubectl.ts';

/** Which cluster is prepared: what is installed there differs. */
export type Place = 'management' | 'region';

const WAIT = '--timeout=60s';

/** What people install: the chart where plans live, deploy/target where they move something; `shop` has plans. */
export async function installedObjects(place: Place): Promise<readonly Wire[]> {
  if (place === 'management') {
    const objects = await charted('--set', `planNamespaces={${NAMESPACE}}`);
    return [namespace(OPERATOR_NAMESPACE), namespace(NAMESPACE), ...objects];
  }
  return [...(await kustomized('target/cluster')), namespace(NAMESPACE), ...(await targetNamespace())];
}

/** As deploy/target/namespace says: by a kustomization of one's own that names the namespace. */
async function targetNamespace(): Promise<readonly Wire[]> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-target-'));
  try {
    const resources = [relative(folder, join(ROOT, 'deploy', 'target', 'namespace'))];
    await writeFile(join(folder, 'kustomization.yaml'), stringify({ resources, namespace: NAMESPACE }));
    return await kustomized(relative(join(ROOT, 'deploy'), folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function namespace(name: string): Wire {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** With the real kubectl, by somebody with all rights. Nothing runs in the management cluster: its Deployment stays an object. */
export async function install(place: Place, person: string): Promise<void> {
  const kubectl = await createKubectl(person);
  try {
    await apply(kubectl, await installedObjects(place));
  } finally {
    await kubectl.end();
  }
}

async function apply(kubectl: Kubectl, objects: readonly Wire[]): Promise<void> {
  const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const others = objects.filter((object) => !crds.includes(object));
  if (crds.length > 0) {
    await kubectl.write('crds.yaml', ...crds);
    await kubectl.ok('apply', '--server-side', '-f', 'crds.yaml');
    await kubectl.ok('wait', '--for=condition=Established', '-f', 'crds.yaml', WAIT);
  }
  await kubectl.write('others.yaml', ...others);
  await kubectl.ok('apply', '-f', 'others.yaml');
}
