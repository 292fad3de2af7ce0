import type { JsonObject } from '../../../src/sandbox/models/kube-api/index.ts';

/** A class without a provisioner, and so many volumes of it that somebody has made: a path and an object each. */
export function volumesOf(className: string, count: number): readonly (readonly [string, JsonObject])[] {
  const volumes = Array.from({ length: count }, (_, index): readonly [string, JsonObject] => [
    '/api/v1/persistentvolumes',
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${className}-${String(index)}` },
      spec: {
        storageClassName: className,
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        // Nobody mounts it: there are no containers.
        hostPath: { path: `/nonexistent/${className}-${String(index)}` },
      },
    },
  ]);
  const provisioner = 'kubernetes.io/no-provisioner';
  return [
    [
      '/apis/storage.k8s.io/v1/storageclasses',
      { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: className }, provisioner },
    ],
    ...volumes,
  ];
}
