import { stringify } from 'yaml';

export interface KubeconfigOptions {
  /** `https://host:port` */
  readonly server: string;
  /** PEM of the authority; absent for plain HTTP. */
  readonly ca?: string;
  readonly token: string;
  readonly namespace?: string;
  /** What cluster, user and context are called. Default `sandbox`. */
  readonly name?: string;
}

/** A kubeconfig with everything in it: no file paths, no helpers to run. YAML. */
export function kubeconfigFor(options: KubeconfigOptions): string {
  const { server, ca, token, namespace, name = 'sandbox' } = options;
  const data = ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...data } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': name,
  });
}
