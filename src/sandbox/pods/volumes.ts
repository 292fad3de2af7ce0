import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, RunnableContainer, RunnablePod } from '../models/kube-api/index.ts';
import { isObject, objectsAt, stringAt } from '../models/kube-api/json.ts';

/** The data of a Secret or ConfigMap in the pod's namespace, decoded; undefined where there is none. */
export type ReadData = (
  kind: 'secret' | 'configMap',
  namespace: string,
  name: string,
) => Readonly<Record<string, string>> | undefined;

/**
 * Writes the Secrets and ConfigMaps that a container mounts under `folder`, and returns its environment. On one machine
 * there is no `/etc` of its own for each pod: a variable that begins with a mountPath is given the folder instead.
 * @throws Error in the kubelet's words when one is not there.
 */
export function mountVolumes(
  pod: RunnablePod,
  container: RunnableContainer,
  folder: string,
  read: ReadData,
): Readonly<Record<string, string>> {
  const mounts = objectsAt(specOf(pod, container), 'volumeMounts').flatMap((mount) => {
    const volume = objectsAt(pod.spec, 'volumes').find((one) => one['name'] === mount['name']);
    const path = mount['mountPath'];
    if (volume === undefined || typeof path !== 'string') return [];
    const at = join(folder, 'volumes', stringAt(volume, 'name') ?? '');
    mkdirSync(at, { recursive: true, mode: 0o700 });
    for (const [name, value] of Object.entries(dataOf(pod, volume, read))) {
      // libpq and OpenSSH refuse secrets that others can read; on a real node defaultMode does this.
      writeFileSync(join(at, name), value, { mode: 0o600 });
    }
    return [{ path, at }];
  });
  return Object.fromEntries(
    Object.entries(container.env).map(([name, value]) => {
      const mount = mounts.find(({ path }) => value === path || value.startsWith(`${path}/`));
      return [name, mount === undefined ? value : join(mount.at, value.slice(mount.path.length))];
    }),
  );
}

function dataOf(pod: RunnablePod, volume: JsonObject, read: ReadData): Readonly<Record<string, string>> {
  const secret = volume['secret'];
  const configMap = volume['configMap'];
  const found = isObject(secret)
    ? { kind: 'secret' as const, name: stringAt(secret, 'secretName') ?? '' }
    : isObject(configMap)
      ? { kind: 'configMap' as const, name: stringAt(configMap, 'name') ?? '' }
      : undefined;
  if (found === undefined) return {};
  const data = read(found.kind, pod.namespace, found.name);
  if (data !== undefined) return data;
  const noun = found.kind === 'secret' ? 'secret' : 'configmap';
  const volumeName = stringAt(volume, 'name') ?? '';
  throw new Error(`MountVolume.SetUp failed for volume "${volumeName}": ${noun} "${found.name}" not found`);
}

/** The container as the pod's spec has it, with what the model does not resolve. */
export function specOf(pod: RunnablePod, container: RunnableContainer): JsonObject | undefined {
  return objectsAt(pod.spec, 'containers').find((one) => one['name'] === container.name);
}
