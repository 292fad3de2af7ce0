/**
 * The catalogue: every statement that this driver ever sends, by name. The model answers by these names; the contract
 * suite runs each of them on a real server and fails when one was not.
 */
export const STATEMENT_NAMES = [
  'server',
  'roles',
  'markers',
  'sessions',
  'slots',
  'obstacles',
  'entrants',
  'rights',
  'switchpoint',
  'timeline-start',
  'divergence',
  'fence',
  'end-sessions',
  'spared',
  'seal',
  'sign',
  'announce',
  'flushed',
  'end-readers',
  'promote',
  'checkpoint',
  'open',
  'probe',
] as const;

export type StatementName = (typeof STATEMENT_NAMES)[number];

export * from './observe-statements.ts';
export * from './act-statements.ts';
