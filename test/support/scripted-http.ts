import type { Http, HttpRequest, HttpResponse } from '../../src/ports/http.ts';
import { PortError } from '../../src/ports/port-error.ts';

export type Answer = (request: HttpRequest, signal: AbortSignal) => HttpResponse | Promise<HttpResponse>;

export interface ScriptedHttp extends Http {
  readonly requests: HttpRequest[];
  /** The same as `METHOD /path?query`, in order. */
  lines(): string[];
}

/** Answers the requests in order, one answer each; a request beyond the script fails the test. */
export function scripted(...answers: readonly Answer[]): ScriptedHttp {
  let index = 0;
  return answering((request, signal) => {
    const answer = answers[index];
    index += 1;
    if (answer === undefined) throw new Error(`request ${String(index)} is not in the script: ${lineOf(request)}`);
    return answer(request, signal);
  });
}

export function answering(answer: Answer): ScriptedHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    lines: () => requests.map(lineOf),
    send: async (request, signal) => {
      requests.push(request);
      return await answer(request, signal);
    },
  };
}

function lineOf(request: HttpRequest): string {
  const url = new URL(request.url);
  return `${request.method} ${url.pathname}${url.search}`;
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers, body: chunks(JSON.stringify(body)) };
}

/** A `Status` as the API server sends it. */
export function status(code: number, reason: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    message: `the server says ${reason}`,
    code,
  };
  return json(code, body, headers);
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** Never answers; ends with the signal, as a real connection does. */
export function hang(_request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new PortError('Timeout', 'cancelled')), { once: true });
  });
}

export function refuse(): Promise<HttpResponse> {
  return Promise.reject(new PortError('Unreachable', 'connection refused'));
}

export interface Stream {
  readonly response: HttpResponse;
  push(text: string | Uint8Array): void;
  event(type: string, object: unknown): void;
  end(): void;
  break(error: Error): void;
  /** Whether its reader is gone. */
  closed(): boolean;
}

/** A watch's answer, fed by the test. */
export function stream(signal: AbortSignal): Stream {
  const queue: (Uint8Array | Error | 'end')[] = [];
  let wake = (): void => {
    // Nobody reads yet.
  };
  let closed = false;
  const put = (item: Uint8Array | Error | 'end'): void => {
    queue.push(item);
    wake();
  };
  signal.addEventListener(
    'abort',
    () => {
      closed = true;
      put(new PortError('Timeout', 'cancelled'));
    },
    { once: true },
  );
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const item = queue.shift();
      if (item === 'end') return;
      if (item instanceof Error) throw item;
      if (item !== undefined) yield item;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const push = (text: string | Uint8Array): void =>
    put(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  return {
    response: { status: 200, headers: {}, body: body() },
    push,
    event: (type, object) => push(`${JSON.stringify({ type, object })}\n`),
    end: () => put('end'),
    break: put,
    closed: () => closed,
  };
}
