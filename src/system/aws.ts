import type { Route53ClientConfig } from '@aws-sdk/client-route-53';
import { AwsError } from '../ports/aws.ts';
import type { Aws, AwsService } from '../ports/aws.ts';
import { awsFailure } from './aws/failure.ts';
import { ROUTE53_REGION, route53Client } from './aws/route53.ts';
import type { ServiceClient } from './aws/route53.ts';

export interface AwsOptions {
  /** Where a service is reached instead of AWS; the SDK's own `AWS_ENDPOINT_URL_ROUTE_53` works too. */
  readonly endpoints?: Readonly<Partial<Record<AwsService, string>>>;
  /** Default: the SDK's chain (environment, shared files, web identity, container, instance). */
  readonly credentials?: NonNullable<Route53ClientConfig['credentials']>;
  /** From sending to the end of the answer's body, ms. */
  readonly requestTimeoutMs: number;
}

export interface SystemAws extends Aws {
  /** Closes idle connections. */
  close(): void;
}

/**
 * AWS SDK v3 behind the Aws port. `maxAttempts: 1`: by default the SDK sends a mutation three times when a connection
 * drops, which would make an unknown outcome of a known one. `Date`s come out as ms since the Unix epoch, `$metadata`
 * not at all.
 */
export function createAws(options: AwsOptions): SystemAws {
  const clients = new Map<string, ServiceClient>();
  const clientFor = (service: AwsService): ServiceClient => {
    if (service !== 'route53') throw new AwsError('UnknownService', `no client for the service ${service}`, 0, false);
    // One for all the regions a plan names: Route 53 has but one endpoint.
    const key = `${service}/${ROUTE53_REGION}`;
    const client = clients.get(key) ?? route53Client(clientConfig(options, service));
    clients.set(key, client);
    return client;
  };
  return {
    async send(request, signal) {
      const operation = clientFor(request.service).operations[request.operation];
      if (operation === undefined) {
        const asked = `${request.service} ${request.operation}`;
        throw new AwsError('UnknownOperation', `no command for ${asked}`, 0, false);
      }
      if (signal.aborted) throw new AwsError('Timeout', 'cancelled before it was sent', 0, false);
      const output = await bounded(options.requestTimeoutMs, signal, (bound) => operation.send(request.input, bound));
      return checked(plain(output), operation.answer);
    },
    close() {
      for (const client of clients.values()) client.destroy();
      clients.clear();
    },
  };
}

function clientConfig(options: AwsOptions, service: AwsService): Route53ClientConfig {
  const endpoint = options.endpoints?.[service];
  return {
    maxAttempts: 1,
    // Without `throwOnRequestTimeout` the SDK only warns, and hangs.
    requestHandler: { requestTimeout: options.requestTimeoutMs, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
}

/**
 * The SDK stops watching both its timeout and the signal when an answer's headers are there: a body that stalls after
 * them would hang. So the whole call is raced here with the caller's signal and a timer of its own.
 */
async function bounded<T>(ms: number, signal: AbortSignal, work: (bound: AbortSignal) => Promise<T>): Promise<T> {
  const call = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const end = (why: string): void => {
      settle();
      reject(new AwsError('Timeout', why, 0, true));
      call.abort();
    };
    const onAbort = (): void => end('cancelled before an answer came');
    const timer = setTimeout(() => end(`no answer within ${ms} ms`), ms);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work(call.signal).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(awsFailure(error));
      },
    );
  });
}

function checked(output: Record<string, unknown>, answer: string): Record<string, unknown> {
  if (output[answer] !== undefined) return output;
  throw new AwsError('CutBody', `HTTP 200 whose body has no ${answer}`, 200, true);
}

function plain(output: object): Record<string, unknown> {
  const fields = Object.entries(output).filter(([name, value]) => name !== '$metadata' && value !== undefined);
  return Object.fromEntries(fields.map(([name, value]: [string, unknown]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(plainValue);
  return typeof value === 'object' && value !== null ? plain(value) : value;
}
