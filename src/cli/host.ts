import type { KubeClient } from '../kube/client.ts';

/** What a command may touch; the tests give it another one. */
export interface Host {
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` goes to a terminal that shows colours. */
  readonly colour: boolean;
  /** Whether `out` goes to a terminal at all. */
  readonly terminal: boolean;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  /** What the person typed, without the line's end. */
  ask(question: string): Promise<string>;
  /** Wall ms. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Who the person is on this machine: what `by` says where they do not. */
  readonly user: string;
  /** @throws CliError */
  readFile(path: string): Promise<string>;
  /** @throws CliError where there is no usable kubeconfig. */
  connect(to: { readonly kubeconfig?: string; readonly context?: string }): Promise<Connected>;
}

export interface Connected {
  /** With credentials that are loaded anew when they are refused: it outlives a token. */
  readonly client: KubeClient;
  /** Of the kubeconfig's context. */
  readonly namespace: string;
}
