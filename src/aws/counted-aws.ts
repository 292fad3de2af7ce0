import type { UnknownWhy } from '../api/fact.ts';
import { AwsError, type Aws, type AwsRequest } from '../ports/aws.ts';
import { PortError } from '../ports/port-error.ts';
import { unknownFromAws } from './error-meaning.ts';

/** How a request ended, for metrics: labels of bounded variety only. `Refused`: the service understood it and said no. */
export interface AwsOutcome {
  readonly service: AwsRequest['service'];
  readonly operation: string;
  readonly code: 'OK' | 'Refused' | UnknownWhy;
}

/** The same Aws; each request that is really sent is told of. Stands below the limiter, which sends some late and some never. */
export function countAws(aws: Aws, onCall: (outcome: AwsOutcome) => void): Aws {
  return {
    async send(request, signal) {
      const { service, operation } = request;
      try {
        const answer = await aws.send(request, signal);
        onCall({ service, operation, code: 'OK' });
        return answer;
      } catch (error) {
        onCall({ service, operation, code: codeOf(error) });
        throw error;
      }
    },
  };
}

function codeOf(error: unknown): AwsOutcome['code'] {
  if (!(error instanceof AwsError) && !(error instanceof PortError)) return 'Malformed';
  const { why } = unknownFromAws(error);
  return error instanceof AwsError && why === 'Malformed' && error.status >= 400 ? 'Refused' : why;
}
