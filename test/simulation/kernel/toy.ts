import { PortError } from '../../../src/ports/port-error.ts';
import type { Answer, Call, Destination, InjectedError, Latency, Process } from './index.ts';

/** A register behind the network: the smallest thing that can be changed. */
export interface Register {
  readonly destination: Destination;
  values: string[];
  /** Asked for each request; default stores what is written. */
  answer: (text: string) => Answer<string> | Promise<Answer<string>>;
}

export function createRegister(id = 'register.east:1'): Register {
  const values: string[] = [];
  const answer = (text: string): string => {
    values.push(text);
    return `stored ${text}`;
  };
  return { destination: { kind: 'http', id, host: id.split(':')[0] ?? id, region: 'east' }, values, answer };
}

/** A clean 10 ms each way, so that tests can name instants. */
export const steady: Latency = { thereMs: 10, backMs: 10, jitterMs: 0 };

export function write(
  process: Process,
  register: Register,
  text: string,
  options: Partial<Call<string>> = {},
): Promise<string> {
  return process.call<string>({
    label: 'toy.write',
    destination: register.destination,
    detail: text,
    mutating: true,
    latency: steady,
    perform: () => register.answer(text),
    describe: (value) => value,
    failure: (why) => new PortError(why === 'cancelled' ? 'Timeout' : 'Unreachable', why),
    inject: (error: InjectedError) => {
      if ('why' in error) throw new PortError(error.why, error.message ?? 'injected');
      throw new Error('the toy speaks no such errors');
    },
    ...options,
  });
}

export function sleep(process: Process, ms: number): Promise<void> {
  return new Promise((resolve) => void process.after(ms, resolve));
}
