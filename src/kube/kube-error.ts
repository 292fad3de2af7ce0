import type { PortFailure } from '../ports/port-error.ts';
import { PortError } from '../ports/port-error.ts';
import { isRecord, numberAt, recordAt, stringAt } from './json.ts';

export type KubeErrorCode =
  | 'NotFound'
  | 'Conflict'
  | 'AlreadyExists'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Invalid'
  | 'Throttled'
  | 'Gone'
  | 'Unavailable'
  | 'Unreachable'
  | 'Timeout'
  | 'TooLong'
  | 'Malformed';

interface KubeErrorInit {
  readonly code: KubeErrorCode;
  readonly message: string;
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly outcomeUnknown?: boolean;
}

/**
 * @field code what it means; `status` is HTTP's, 0 where no answer came.
 * @field retryAfterMs what the server asked for, where it did.
 * @field outcomeUnknown a mutation that may have taken effect though nobody said so: read before deciding again.
 */
export class KubeError extends Error {
  readonly code: KubeErrorCode;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly outcomeUnknown: boolean;
  constructor(init: KubeErrorInit) {
    super(init.message);
    this.name = 'KubeError';
    this.code = init.code;
    this.status = init.status ?? 0;
    this.retryAfterMs = init.retryAfterMs;
    this.outcomeUnknown = init.outcomeUnknown ?? false;
  }
}

/** Whether `error` is a KubeError of one of these codes: `isKubeError(error, 'NotFound')`. */
export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}

/** What a fact says of itself when this error is why it is unknown. */
export function kubeFailure(error: KubeError): PortFailure {
  switch (error.code) {
    case 'Forbidden':
    case 'Unauthorized':
      return 'Forbidden';
    case 'Throttled':
      return 'Throttled';
    case 'Timeout':
      return 'Timeout';
    case 'Unavailable':
    case 'Unreachable':
      return 'Unreachable';
    case 'NotFound':
    case 'Conflict':
    case 'AlreadyExists':
    case 'Invalid':
    case 'Gone':
    case 'TooLong':
    case 'Malformed':
      return 'Malformed';
  }
}

/** The error an HTTP answer stands for. `body` is parsed JSON (a `Status`) or undefined; nothing else of it is shown. */
export function errorFromStatus(
  status: number,
  body: unknown,
  context: { readonly what: string; readonly mutation: boolean; readonly retryAfterMs?: number | undefined },
): KubeError {
  const record = isRecord(body) ? body : {};
  const reason = stringAt(record, 'reason') ?? '';
  const said = stringAt(record, 'message')?.slice(0, 1024) ?? 'no explanation';
  const seconds = numberAt(recordAt(record, 'details'), 'retryAfterSeconds');
  return new KubeError({
    code: codeOf(status, reason),
    status,
    message: `${context.what}: HTTP ${String(status)}${reason === '' ? '' : ` ${reason}`}: ${said}`,
    retryAfterMs: context.retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000),
    // A 5xx may come from a server that lost sight of its own write (etcd timeouts), so only reading can tell.
    outcomeUnknown: context.mutation && status >= 500,
  });
}

/** Status codes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ and apimachinery's StatusReason. */
function codeOf(status: number, reason: string): KubeErrorCode {
  if (status === 409) return reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
  if (status === 401) return 'Unauthorized';
  if (status === 403) return 'Forbidden';
  if (status === 404) return 'NotFound';
  if (status === 410) return 'Gone';
  if (status === 429) return 'Throttled';
  if (status === 408 || status === 504) return 'Timeout';
  if (status >= 500) return 'Unavailable';
  if (status >= 400) return 'Invalid';
  return 'Malformed';
}

/** The error behind a call that brought no usable answer. Anything but a port's failure is a defect and passes unchanged. */
export function errorFromPort(error: unknown, context: { what: string; outcomeUnknown: boolean }): Error {
  const { what, outcomeUnknown } = context;
  if (error instanceof PortError) {
    return new KubeError({ code: error.why, message: `${what}: ${error.message}`, outcomeUnknown });
  }
  if (error instanceof KubeError && error.status === 0) {
    return new KubeError({ code: error.code, message: `${what}: ${error.message}`, outcomeUnknown });
  }
  return error instanceof Error ? error : new Error(`${what}: ${String(error)}`);
}
