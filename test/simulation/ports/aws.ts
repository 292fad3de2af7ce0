import type { Aws, AwsRequest } from '../../../src/ports/aws.ts';
import { AwsError } from '../../../src/ports/aws.ts';
import { SILENCE } from '../kernel/index.ts';
import type { Answer, InjectedError, Process } from '../kernel/index.ts';
import { destinationOf, latencyOf } from './world.ts';
import type { AwsHandler, Endpoint, World } from './world.ts';

const READING = /^(Get|List|Describe|Test|Lookup|Check)/;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Fails as src/system/aws.ts does; the timeout is the client's own. */
export function simAws(process: Process, world: World): Aws {
  return {
    send: async (request, signal) => {
      if (signal.aborted) throw new AwsError('Timeout', 'cancelled before it was sent', 0, false);
      const bound = new AbortController();
      const abort = (): void => bound.abort(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      const cancel = process.after(world.awsTimeoutMs ?? DEFAULT_TIMEOUT_MS, () => bound.abort());
      try {
        return await send(process, world, request, bound.signal);
      } finally {
        cancel();
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

async function send(
  process: Process,
  world: World,
  request: AwsRequest,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { service, operation, input, region } = request;
  const regional = world.aws?.[`${service}/${region}`];
  const endpoint = regional ?? world.aws?.[service];
  const id = regional === undefined ? service : `${service}/${region}`;
  return await process.call<Record<string, unknown>>({
    label: `${service}.${operation}`,
    destination: destinationOf('aws', id, id, endpoint),
    detail: JSON.stringify(input),
    mutating: !READING.test(operation),
    latency: latencyOf(world, endpoint),
    signal,
    perform: () => answer(endpoint, request),
    describe: (output) => JSON.stringify(output),
    failure,
    inject: injected,
  });
}

async function answer(
  endpoint: Endpoint<AwsHandler> | undefined,
  request: AwsRequest,
): Promise<Answer<Record<string, unknown>>> {
  if (endpoint === undefined) {
    throw new AwsError('UnknownService', `no client for the service ${request.service}`, 0, false);
  }
  try {
    return await endpoint.handle(request);
  } catch (error) {
    // The model says that no answer ever comes; when that shows is the caller's to decide.
    if (error instanceof AwsError && error.code === 'Timeout') return SILENCE;
    throw error;
  }
}

function failure(why: 'cancelled' | 'refused' | 'reset'): AwsError {
  switch (why) {
    case 'cancelled':
      return new AwsError('Timeout', 'cancelled before an answer came', 0, true);
    case 'refused':
      return new AwsError('Unreachable', 'connect ECONNREFUSED', 0, false);
    case 'reset':
      return new AwsError('Unreachable', 'the connection broke before an answer came', 0, true);
  }
}

function injected(error: InjectedError): never {
  if ('awsCode' in error) {
    throw new AwsError(error.awsCode, error.message ?? 'an injected fault', error.httpStatus, error.ambiguous);
  }
  throw new Error(`an AWS call cannot be answered by ${JSON.stringify(error)}: give awsCode, httpStatus and ambiguous`);
}
