import type { JsonObject } from '../models/kube-api/index.ts';
import { isObject, parseJson } from '../models/kube-api/json.ts';

/** `kubectl patch`, as a person types it or as a Run's `next` says it. */
export interface TypedCommand {
  readonly text: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
  readonly patch: JsonObject;
}

// A single-quoted word, as a shell reads it: a quote within can only be `'\''`. Read here and not by the operator's own
// code, for a person's shell would not forgive it a quote that it forgot.
const PATCH = /^kubectl patch (\S+) (\S+) -n (\S+) --type=merge -p '((?:[^']|'\\'')*)'$/;

/** @throws Error when it is no merge patch that a person could paste, or a placeholder is left in it. */
export function readCommand(text: string): TypedCommand {
  const [, resource, name, namespace, quoted] = PATCH.exec(text) ?? [];
  const json = quoted?.replaceAll(`'\\''`, "'");
  if (resource === undefined || name === undefined || namespace === undefined || json === undefined) {
    throw new Error(`not a command that the person knows how to type: ${text}`);
  }
  const left = /(YOUR-[A-Z]+|UTC-TIME[A-Z-]*|HOW-YOU-KNOW|SAME-TIME)/.exec(json);
  if (left !== null) throw new Error(`${left[0]} was not filled in: ${text}`);
  const patch = parseJson(json);
  if (!isObject(patch)) throw new Error(`the patch is no object: ${text}`);
  return { text, resource, name, namespace, patch };
}

export interface Answers {
  readonly name: string;
  readonly reason: string;
  /** The instant at which the person saw it stop, ISO 8601. */
  readonly stoppedAt: string;
  readonly howKnown: string;
}

/** What `next` leaves for the person to say. */
export function fillIn(next: string, answers: Answers): string {
  return next
    .replaceAll('YOUR-NAME', answers.name)
    .replaceAll('YOUR-REASON', answers.reason)
    .replaceAll('HOW-YOU-KNOW', answers.howKnown)
    .replaceAll('UTC-TIME-IT-STOPPED', answers.stoppedAt)
    .replaceAll('SAME-TIME', answers.stoppedAt);
}

const PLURALS: Readonly<Record<string, string>> = Object.freeze({
  drplan: 'disasterrecoveryplans',
  drrun: 'disasterrecoveryruns',
});

export function objectPath({
  resource,
  namespace,
  name,
}: Pick<TypedCommand, 'resource' | 'namespace' | 'name'>): string {
  const plural = PLURALS[resource];
  if (plural === undefined) throw new Error(`the person knows no ${resource}`);
  return `/apis/dr.maestro.io/v1alpha1/namespaces/${namespace}/${plural}/${name}`;
}
