import { openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Attempt } from './attempts.ts';
import { runClient } from './client.ts';
import type { ClientOptions, Ports } from './client.ts';
import { endWithParent } from './end-with-parent.ts';
import { createResolver } from './resolver.ts';

const USAGE = `client-main.ts --log FILE [--clients N] [--every MS] [--timeout MS] [--prefix NAME]
    (--name HOST --dns ADDRESS:PORT --ports '{"lb-east.example.com": 18080, "default": 80}' | --pinned ADDRESS:PORT)`;

/** N clients in one process. One JSON line for each attempt goes to the log (see `Attempt`), written before it goes on. */
async function main(): Promise<void> {
  endWithParent();
  const { values } = parseArgs({
    options: {
      log: { type: 'string' },
      clients: { type: 'string', default: '4' },
      every: { type: 'string', default: '100' },
      timeout: { type: 'string', default: '1000' },
      prefix: { type: 'string', default: 'client' },
      name: { type: 'string' },
      dns: { type: 'string' },
      ports: { type: 'string', default: '{}' },
      pinned: { type: 'string' },
    },
  });
  if (values.log === undefined) throw new Error('--log is missing');
  const log = openSync(values.log, 'a');
  const record = (attempt: Attempt): void => {
    writeSync(log, `${JSON.stringify(attempt)}\n`);
  };
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      stop.abort();
    });
  }
  const everyMs = wholeNumber('--every', values.every);
  const timeoutMs = wholeNumber('--timeout', values.timeout);
  const count = wholeNumber('--clients', values.clients);
  const clients = Array.from({ length: count }, async (_, index) => {
    // Each with a cache of its own, as if on a machine of its own; begun apart, so that they do not march in step.
    const destination = destinationOf(values);
    await new Promise((resolve) => setTimeout(resolve, (everyMs * index) / count));
    await runClient(
      { name: `${values.prefix}-${String(index + 1)}`, destination, everyMs, timeoutMs, record },
      stop.signal,
    );
  });
  process.stdout.write(`${JSON.stringify({ running: count })}\n`);
  await Promise.all(clients);
}

function destinationOf(values: {
  readonly name?: string | undefined;
  readonly dns?: string | undefined;
  readonly ports: string;
  readonly pinned?: string | undefined;
}): ClientOptions['destination'] {
  if (values.pinned !== undefined) return { kind: 'Pinned', ...address('--pinned', values.pinned) };
  if (values.name === undefined || values.dns === undefined) throw new Error('say --name and --dns, or --pinned');
  const resolver = createResolver(address('--dns', values.dns), () => performance.now());
  return { kind: 'Name', name: values.name, resolver, ports: readPorts(values.ports) };
}

function address(option: string, text: string): { readonly host: string; readonly port: number } {
  const match = /^(.+):(\d+)$/.exec(text);
  if (match?.[1] === undefined) throw new Error(`${option} must be ADDRESS:PORT, not ${text}`);
  return { host: match[1], port: Number(match[2]) };
}

function readPorts(text: string): Ports {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('--ports must be a JSON object');
  return Object.fromEntries(Object.entries(value).map(([name, port]) => [name.toLowerCase(), Number(port)]));
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`${option} must be a whole number from 1, not ${text}`);
  }
  return value;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(2);
});
