import type { Http, HttpResponse } from '../../../src/ports/http.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { RequestFault } from '../../../src/sandbox/wire/kube-api/index.ts';

export interface FaultyHttp extends Http {
  /** The next request of this method meets the fault. */
  readonly fault: (method: string, fault: RequestFault) => void;
}

/** A real server does not misbehave when asked to: what goes wrong does so between it and the operator. */
export function faultyHttp(http: Http): FaultyHttp {
  const faults: { readonly method: string; readonly fault: RequestFault }[] = [];
  return {
    fault: (method, fault) => faults.push({ method, fault }),
    send: async (request, signal): Promise<HttpResponse> => {
      const index = faults.findIndex(({ method }) => method === request.method);
      const fault = index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
      if (fault === 'hang') return await hung(signal);
      if (fault === 'reset') throw new PortError('Unreachable', 'the connection broke');
      if (typeof fault === 'object') return { status: fault.status, headers: fault.headers, body: bytes(fault.body) };
      const response = await http.send(request, signal);
      if (fault !== 'drop-reply') return response;
      // It has answered: what it was asked for is done.
      const rest = response.body[Symbol.asyncIterator]();
      while ((await rest.next()).done !== true) continue;
      throw new PortError('Unreachable', 'the connection broke');
    },
  };
}

async function hung(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new PortError('Timeout', 'cancelled')), { once: true });
  });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
