import { describeFailure as right, type Failure } from '../../src/drivers/databases/postgresql/failure.ts';

/** Tells how it tried to log in. */
export function describeFailure(error: unknown, secrets: readonly string[] = []): Failure {
  const { why, detail } = right(error, secrets);
  return { why, detail: `${detail} (tried with ${secrets.join(', ')})` };
}
