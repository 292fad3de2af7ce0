import { homedir } from 'node:os';
import { join } from 'node:path';

/** A program of a Kubernetes control plane, as a Go package that anybody can fetch and build. */
export interface Program {
  readonly name: string;
  readonly module: GoModule;
  readonly package: string;
}

export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** For the linker, beside `-s -w`: what a checkout's own Makefile would tell it. */
  readonly ldflags: readonly string[];
  /**
   * It carries the modules that it is made of in a folder of its own, and names them in its go.mod with paths that only
   * its own checkout has: they are fetched in this version instead.
   */
  readonly staged?: string;
}

const KUBERNETES = '1.35.4';
const ETCD = '3.6.7';
const KWOK = '0.7.0';

const kubernetes: GoModule = {
  path: 'k8s.io/kubernetes',
  version: `v${KUBERNETES}`,
  // Without these an API server says it is v0.0.0-master, and kubectl warns of the skew.
  ldflags: Object.entries({ gitVersion: `v${KUBERNETES}`, gitMajor: '1', gitMinor: '35' }).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  ),
  staged: `v0.${KUBERNETES.slice(KUBERNETES.indexOf('.') + 1)}`,
};
const etcd: GoModule = { path: 'go.etcd.io/etcd/server/v3', version: `v${ETCD}`, ldflags: [] };
const kwok: GoModule = { path: 'sigs.k8s.io/kwok', version: `v${KWOK}`, ldflags: [] };

/** In the order in which they are built: the first compiles most of what the next two share. */
export const PROGRAMS = Object.freeze([
  { name: 'kube-apiserver', module: kubernetes, package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  {
    name: 'kube-controller-manager',
    module: kubernetes,
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
  },
  { name: 'kube-scheduler', module: kubernetes, package: 'k8s.io/kubernetes/cmd/kube-scheduler' },
  { name: 'etcd', module: etcd, package: 'go.etcd.io/etcd/server/v3' },
  { name: 'kwok', module: kwok, package: 'sigs.k8s.io/kwok/cmd/kwok' },
] as const satisfies readonly Program[]);

export type ProgramName = (typeof PROGRAMS)[number]['name'];

export type ControlPlane = Readonly<Record<ProgramName, string>>;

/** What a folder of these programs is called: another version of any, or another machine, is another folder. */
export const KEY = `kubernetes-${KUBERNETES}_etcd-${ETCD}_kwok-${KWOK}_${process.platform}-${process.arch}`;

/** Outside every checkout, so that only the first build of a machine's user takes minutes. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: given = '' } = env;
  const root = given === '' ? join(homedir(), '.cache') : given;
  return join(root, 'maestro-dr', 'control-plane', KEY);
}

export function programPaths(folder: string): ControlPlane {
  const at = (name: ProgramName): string => join(folder, name);
  return {
    'kube-apiserver': at('kube-apiserver'),
    'kube-controller-manager': at('kube-controller-manager'),
    'kube-scheduler': at('kube-scheduler'),
    etcd: at('etcd'),
    kwok: at('kwok'),
  };
}
