import { stringify } from 'yaml';
import { POD_FAULT_ANNOTATION } from '../../../src/sandbox/models/kube-api/index.ts';

/** Images that are programs of the sandbox: their pods are run by `node-agent.ts`, and kwok leaves them alone. */
export const SANDBOX_IMAGES = ['maestro-sandbox/shop:1', 'maestro-sandbox/rebuild:1'] as const;

/** What has a fault becomes neither ready nor gone by itself: a test says how it is. */
const byHand = { key: `.metadata.annotations["${POD_FAULT_ANNOTATION}"]`, operator: 'DoesNotExist' } as const;
const foreign = { key: '.spec.containers.[].image', operator: 'NotIn', values: SANDBOX_IMAGES } as const;
const pod = { apiGroup: 'v1', kind: 'Pod' } as const;

const READY = `
{{ $now := Now }}
conditions:
{{ range $type := list "Initialized" "Ready" "ContainersReady" }}
- { type: {{ $type }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName false .metadata.uid .metadata.name .metadata.namespace | Quote }}
phase: Running
startTime: {{ $now | Quote }}
`;

/** kwok's own two stages of a pod (ready at once, gone when deleted), for every image but the sandbox's. */
export function kwokStages(): string {
  const stages = [
    {
      metadata: { name: 'pod-ready' },
      spec: {
        resourceRef: pod,
        selector: {
          matchExpressions: [
            { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
            { key: '.status.podIP', operator: 'DoesNotExist' },
            foreign,
            byHand,
          ],
        },
        next: { statusTemplate: READY },
      },
    },
    {
      metadata: { name: 'pod-delete' },
      spec: {
        resourceRef: pod,
        selector: { matchExpressions: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }, foreign, byHand] },
        next: { finalizers: { empty: true }, delete: true },
      },
    },
  ];
  return stages
    .map((stage) => stringify({ apiVersion: 'kwok.x-k8s.io/v1alpha1', kind: 'Stage', ...stage }))
    .join('---\n');
}
