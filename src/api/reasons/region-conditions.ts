import type { ReasonTexts } from './reason-text.ts';

/** A Region's conditions. */
export const regionConditions = {
  Answers: { what: 'The Region’s API server answers.', do: '' },
  Unreachable: {
    what: 'It cannot be reached from the operator.',
    do: 'Look at the network between them, and at whether it runs.',
  },
  Timeout: { what: 'It did not answer in time.', do: 'Look at the network between them, and at its load.' },
  Forbidden: {
    what: 'It refused the operator’s credentials or rights.',
    do: 'Renew the credentials, or grant what the message names.',
  },
  Throttled: { what: 'It asks the operator to come back later.', do: '' },
  NotAsked: { what: 'Nobody has asked it yet.', do: '' },
  DuplicateCluster: {
    what: 'Two Regions lead to one cluster.',
    do: 'Give each Region the kubeconfig of its own cluster.',
  },
} as const satisfies ReasonTexts;
