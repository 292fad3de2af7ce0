export type AwsService = 'route53' | 'rds' | 'cloudwatch' | 'sts';

export interface AwsRequest {
  readonly service: AwsService;
  /** The SDK's operation without `Command`: `ChangeResourceRecordSets`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The AWS region whose endpoint and credentials serve the call. */
  readonly region: string;
}

/**
 * The SDK's own `send` as a seam: plain input in, the SDK's output out. One attempt, no retries.
 * @throws AwsError for an answer that is an error, or whose outcome cannot be known.
 */
export interface Aws {
  send(request: AwsRequest, signal: AbortSignal): Promise<Record<string, unknown>>;
}

/**
 * @field code what the service called it (`Code`, else the SDK's name), `Timeout`, `Unreachable` or `CutBody`.
 * @field status the HTTP status, 0 where none came.
 * @field ambiguous the effect may have happened: timeout, reset, 5xx, or a 200 whose body was cut.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly ambiguous: boolean;
  constructor(code: string, message: string, status: number, ambiguous: boolean) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.ambiguous = ambiguous;
  }
}
