import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import type { Attempt } from './attempts.ts';
import type { Resolver } from './resolver.ts';

export interface ClientOptions {
  /** Its name in the log and in the orders. */
  readonly name: string;
  /** Where to send: by name over DNS with the ports of the balancers, or always to one address. */
  readonly destination:
    | { readonly kind: 'Name'; readonly name: string; readonly resolver: Resolver; readonly ports: Ports }
    | { readonly kind: 'Pinned'; readonly host: string; readonly port: number };
  /** From the beginning of one order to that of the next, ms. */
  readonly everyMs: number;
  /** How long it waits for one answer, ms. */
  readonly timeoutMs: number;
  readonly record: (attempt: Attempt) => void;
}

/** Port by the name or the address that a shop resolves to, else `default`. On one machine addresses are few. */
export type Ports = Readonly<Record<string, number>>;

/**
 * Places an order, waits for its answer, pauses, places the next, until the signal; the one under way is finished.
 * Each order has an id of its own, and none is sent twice. Connections are not kept: each order goes where the name
 * points to then.
 */
export async function runClient(options: ClientOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const begun = Date.now();
    options.record(await attempt(options, begun));
    await pause(Math.max(0, options.everyMs - (Date.now() - begun)), signal);
  }
}

async function attempt(options: ClientOptions, sent: number): Promise<Attempt> {
  const order = randomUUID();
  const common = { client: options.name, order, sent };
  try {
    const { host, port } = await destination(options);
    const { statusCode, body } = await request(`http://${host}:${String(port)}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: order, client: options.name, amount: 1 + (sent % 97) }),
      signal: AbortSignal.timeout(options.timeoutMs),
      reset: true,
    });
    const reply: unknown = await body.json();
    const t = Date.now();
    const region = textOf(reply, 'region');
    const acknowledged = statusCode === 201 && textOf(reply, 'id') === order;
    return acknowledged
      ? { ...common, t, region, acknowledged, error: null }
      : { ...common, t, region, acknowledged, error: `${String(statusCode)} ${textOf(reply, 'error') ?? ''}`.trim() };
  } catch (error) {
    return { ...common, t: Date.now(), region: null, acknowledged: false, error: sentence(error) };
  }
}

async function destination({
  destination: to,
}: ClientOptions): Promise<{ readonly host: string; readonly port: number }> {
  if (to.kind === 'Pinned') return to;
  const { address, name } = await to.resolver.resolve(to.name);
  const port = to.ports[name] ?? to.ports[address] ?? to.ports['default'];
  if (port === undefined) throw new Error(`no port is known for ${name} (${address})`);
  return { host: address, port };
}

function textOf(value: unknown, field: string): string | null {
  const found =
    typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === field) : undefined;
  return typeof found?.[1] === 'string' ? found[1] : null;
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
