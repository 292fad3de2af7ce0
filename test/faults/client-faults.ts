import type { ApiRequest } from '../../src/sandbox/models/kube-api/index.ts';
import type { RequestFault } from '../../src/sandbox/wire/kube-api/index.ts';
import { RENEWED_TOKEN, TOKEN } from '../sandbox/wire/kube-api/real-time.ts';
import { callMs, type Bed } from './client-bed.ts';

const isWatch = ({ path }: ApiRequest): boolean => path.includes('watch=true');
const isList = (request: ApiRequest): boolean => request.path.includes('/configmaps?') && !isWatch(request);

/** The first `count` of them, then no more. */
export function first(count: number, matches: (request: ApiRequest) => boolean, fault: RequestFault): Bed['fault'] {
  let left = count;
  return (request) => {
    if (left === 0 || !matches(request)) return undefined;
    left -= 1;
    return fault;
  };
}

export function refusal(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): RequestFault {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: reason, reason, code };
  return { status: code, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

const expired = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'Expired',
  code: 410,
  message: 'too old',
};

export interface ClientFault {
  readonly name: string;
  /** Whether what is open has to be asked for anew for the fault to be met. */
  readonly breaks: boolean;
  /** Called before the world changes. Returns what ends the fault, where it does not end by itself. */
  readonly strike: (bed: Bed) => (() => void) | undefined;
  /** From the end of the fault to a copy that is the server's own, ms. */
  readonly withinMs: number;
  /** The copy may not be right sooner. */
  readonly notBeforeMs?: number;
  /** Requests that the fault may cost. */
  readonly requests: number;
}

const injected =
  (make: () => Bed['fault']): ClientFault['strike'] =>
  (bed) => {
    bed.fault = make();
    return undefined;
  };

export const clientFaults: readonly ClientFault[] = [
  {
    name: 'list hung',
    breaks: true,
    strike: injected(() => both(first(1, isWatch, refusal(410, 'Expired')), first(1, isList, 'hang'))),
    withinMs: 6_000,
    notBeforeMs: callMs,
    requests: 8,
  },
  {
    name: 'watch hung',
    breaks: true,
    strike: injected(() => first(1, isWatch, 'hang')),
    withinMs: 6_000,
    notBeforeMs: callMs,
    requests: 8,
  },
  { name: 'reset', breaks: true, strike: injected(() => first(4, () => true, 'reset')), withinMs: 8_000, requests: 12 },
  {
    name: '410 by HTTP',
    breaks: true,
    strike: injected(() => first(2, isWatch, refusal(410, 'Expired'))),
    withinMs: 6_000,
    requests: 10,
  },
  {
    name: '410 in the stream',
    breaks: true,
    strike: injected(() =>
      first(2, isWatch, {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: `${JSON.stringify({ type: 'ERROR', object: expired })}\n`,
      }),
    ),
    withinMs: 6_000,
    requests: 10,
  },
  {
    name: '500',
    breaks: true,
    strike: injected(() => first(3, () => true, refusal(500, 'InternalError'))),
    withinMs: 8_000,
    requests: 10,
  },
  {
    name: '503',
    breaks: true,
    strike: injected(() => first(3, () => true, refusal(503, 'ServiceUnavailable'))),
    withinMs: 8_000,
    requests: 10,
  },
  {
    name: '401',
    breaks: true,
    strike: injected(() => first(3, () => true, refusal(401, 'Unauthorized'))),
    withinMs: 8_000,
    requests: 10,
  },
  {
    name: 'expired token, renewed in its file',
    breaks: true,
    strike: (bed) => {
      bed.fault = ({ headers }) =>
        headers.authorization === `Bearer ${TOKEN}` ? refusal(401, 'Unauthorized') : undefined;
      return () => {
        bed.token = RENEWED_TOKEN;
      };
    },
    withinMs: 8_000,
    notBeforeMs: 2_000,
    requests: 20,
  },
  {
    name: '429 with Retry-After: 2',
    breaks: true,
    strike: injected(() => first(1, isWatch, refusal(429, 'TooManyRequests', { 'retry-after': '2' }))),
    withinMs: 8_000,
    notBeforeMs: 1_900,
    requests: 8,
  },
  {
    name: 'slow: nothing for 2 s',
    breaks: false,
    strike: ({ link }) => {
      link.hold();
      return () => {
        link.release();
      };
    },
    withinMs: 8_000,
    requests: 12,
  },
  {
    name: 'watch silent (stale)',
    breaks: false,
    strike: ({ link }) => {
      link.hold();
      return () => {
        // Connections that were held stay so for ever; new ones come through.
        link.cut();
        link.restore();
      };
    },
    withinMs: 8_000,
    requests: 12,
  },
];

function both(...all: readonly Bed['fault'][]): Bed['fault'] {
  return (request) => all.map((one) => one(request)).find((fault) => fault !== undefined);
}
