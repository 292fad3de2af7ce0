import type { HttpRequest, HttpResponse } from '../../../src/ports/http.ts';
import type { Ports } from '../../../src/ports/index.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { AwsError } from '../../../src/ports/aws.ts';
import { SqlError } from '../../../src/ports/sql.ts';
import { createKernel } from '../kernel/index.ts';
import type { Kernel, KernelOptions, Latency, Process } from '../kernel/index.ts';
import { withPorts } from './index.ts';
import type { World } from './index.ts';

export const startWall = Date.UTC(2030, 0, 1);

/** 10 ms each way, so that tests can name instants. */
export const steady: Latency = { thereMs: 10, backMs: 10, jitterMs: 0 };

export function kernelOf(options: Partial<KernelOptions> = {}): Kernel {
  return createKernel({ seed: 1, startWall, ...options });
}

export interface Observed {
  readonly kernel: Kernel;
  /** What the program told, each with the virtual time. */
  readonly seen: readonly string[];
  readonly why: string;
}

export type Told = (what: unknown) => void;

/** Runs one program on the world's ports, to its end. */
export async function observe(
  world: World,
  program: (ports: Ports, tell: Told, process: Process, kernel: Kernel) => Promise<void> | void,
  options: Partial<KernelOptions> = {},
  prepare: (kernel: Kernel) => void = () => undefined,
): Promise<Observed> {
  const kernel = kernelOf(options);
  const seen: string[] = [];
  const tell: Told = (what) => void seen.push(`${shown(what)} @${String(kernel.now())}`);
  kernel.spawn(
    'operator',
    withPorts({ latency: steady, ...world }, (ports, process) => program(ports, tell, process, kernel)),
  );
  prepare(kernel);
  const { why } = await kernel.run();
  return { kernel, seen, why };
}

function shown(what: unknown): string {
  if (what instanceof PortError) return `${what.why}: ${what.message}`;
  if (what instanceof AwsError) {
    return `${what.code} ${String(what.status)} ${what.ambiguous ? 'ambiguous' : 'certain'}`;
  }
  if (what instanceof SqlError) return `${what.sqlState} at ${what.statement}: ${what.message}`;
  if (what instanceof Error) return `${what.name}: ${what.message}`;
  return typeof what === 'string' ? what : JSON.stringify(what);
}

/** Aborted `ms` from now, by the process's clock. */
export function deadline(process: Process, ms: number): AbortSignal {
  const controller = new AbortController();
  process.after(ms, () => controller.abort(new PortError('Timeout', 'too late')));
  return controller.signal;
}

export function forever(): AbortSignal {
  return new AbortController().signal;
}

export function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, label: 'test.http', ...more };
}

export async function text(response: HttpResponse): Promise<string> {
  let result = '';
  for await (const chunk of response.body) result += new TextDecoder().decode(chunk);
  return `${String(response.status)} ${result}`;
}
