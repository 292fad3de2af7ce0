import { controlPlaneFiles, type ControlPlaneConfig } from './control-plane-config.ts';

const HOST = '127.0.0.1';

/** What moves a plan's workloads and Jobs, and what ends with them. */
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'job-controller',
  'cronjob-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'endpointslice-controller',
  // Why a StatefulSet's volume, or a pod, is not made.
  'persistentvolume-binder-controller',
  'persistentvolumeclaim-protection-controller',
  'resourcequota-controller',
  // The operator's lasting token in a region is a Secret that this one fills.
  'serviceaccount-token-controller',
] as const;

export function etcdFlags({ name, folder, ports }: ControlPlaneConfig): readonly string[] {
  const client = `http://${HOST}:${String(ports.etcd)}`;
  const peer = `http://${HOST}:${String(ports.etcdPeer)}`;
  return [
    `--name=${name}`,
    `--data-dir=${controlPlaneFiles(folder).etcd}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${name}=${peer}`,
    // A process that is killed loses nothing that it wrote; only a machine would.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerFlags({ folder, ports }: ControlPlaneConfig): readonly string[] {
  const files = controlPlaneFiles(folder);
  return [
    `--etcd-servers=http://${HOST}:${String(ports.etcd)}`,
    `--bind-address=${HOST}`,
    `--advertise-address=${HOST}`,
    // The Service `kubernetes` cannot lead to a loopback address, and nobody asks it.
    '--endpoint-reconciler-type=none',
    `--secure-port=${String(ports.api)}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.key}`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${files.tokens}`,
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountPublicKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // The first would mount tokens into pods that are processes of this machine; the second taints a node that no
    // lifecycle controller untaints.
    '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition',
    `--audit-policy-file=${files.auditPolicy}`,
    '--audit-log-path=-',
  ];
}

export function controllerFlags({ folder }: ControlPlaneConfig): readonly string[] {
  const files = controlPlaneFiles(folder);
  return [
    `--kubeconfig=${files.kubeconfig('controllers')}`,
    `--service-account-private-key-file=${files.accountKey}`,
    `--root-ca-file=${files.ca}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

export function schedulerFlags({ folder }: ControlPlaneConfig): readonly string[] {
  return [
    `--kubeconfig=${controlPlaneFiles(folder).kubeconfig('scheduler')}`,
    '--leader-elect=false',
    '--secure-port=0',
  ];
}

export function kwokFlags({ folder }: ControlPlaneConfig): readonly string[] {
  const files = controlPlaneFiles(folder);
  return [
    `--kubeconfig=${files.kubeconfig('kwok')}`,
    `--config=${files.stages}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
  ];
}
