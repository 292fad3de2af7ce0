import type { Invariant } from './invariant.ts';
import type { History } from '../history.ts';
import { secrets } from '../../scenarios/secrets.ts';
import { isOperator } from './reading.ts';

function places(history: History): readonly (readonly [string, string])[] {
  const written = history.audit
    .filter((entry) => entry.body !== undefined && isOperator(entry))
    .map(({ body = '' }) => body);
  return [
    ['a status, event or report', history.shown],
    ['a log', JSON.stringify(history.logs)],
    ['what the operator wrote', written.join('\n')],
  ];
}

export const noSecrets: Invariant = {
  number: 21,
  name: 'secrets appear in no status, event, log or report',
  // Every run that looked at a database held its password.
  premise: (history) => history.runs.length > 0 && history.databases.length > 0,
  violations: (history) =>
    places(history).flatMap(([where, text]) =>
      secrets.filter((secret) => text.includes(secret)).map((secret) => `${where} holds "${secret.slice(0, 4)}…"`),
    ),
};
