import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { CliError, exitCodes } from './exit-codes.ts';

/** Of the environment, so that a test needs not change its own. */
export interface Environment {
  readonly HOME?: string | undefined;
  readonly KUBECONFIG?: string | undefined;
  /** Set in a pod, whose account is taken where there is no file. */
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
}

/**
 * What kubectl would go by: the file that is named; else those of $KUBECONFIG, or ~/.kube/config; else the pod's account. Of several
 * files each entry, and the current context, is the first one's that has it, and one that is not there counts for nothing
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files). The
 * package's own merging takes the current context of the last, and would say a word to another cluster than kubectl does.
 * @throws CliError with a sentence.
 */
export function loadKubeconfig(file: string | undefined, env: Environment): KubeConfig {
  if (file !== undefined) return loadFile(file);
  const listed = env.KUBECONFIG ?? '';
  const files = listed === '' ? [join(env.HOME ?? homedir(), '.kube', 'config')] : listed.split(delimiter);
  const there = files.filter((path) => path !== '' && existsSync(path));
  if (there.length > 0) return merged(there.map(loadFile));
  if (env.KUBERNETES_SERVICE_HOST !== undefined) return ofPod();
  const looked = listed === '' ? '$KUBECONFIG is not set, and there is no ~/.kube/config' : `there is no ${listed}`;
  throw unusable(`${looked}; name one with --kubeconfig, or set KUBECONFIG`);
}

function merged(configs: readonly KubeConfig[]): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firstOfEach(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEach(configs.flatMap(({ users }) => users)),
    contexts: firstOfEach(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
  });
  return config;
}

function firstOfEach<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ name }, at) => entries.findIndex((one) => one.name === name) === at);
}

function loadFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
    return config;
  } catch (error) {
    // Its first line says what and where; those below it quote the file, and what stands beside the mistake may be a token.
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw unusable(why.includes(file) ? why : `${file}: ${why}`);
  }
}

function ofPod(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

export function unusable(why: string): CliError {
  return new CliError(exitCodes.failed, `The kubeconfig cannot be used: ${why}.`);
}
