import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsOptions } from '../ports/http.ts';
import { PortError } from '../ports/port-error.ts';

/**
 * What TLS makes of certificates alone, once for all connections that are held to the same ones. Left to itself each
 * connection parses them anew and keeps the result until the garbage collector, which does not see its size, comes by.
 * Names are no part of it: they are checked for each connection.
 *
 * @throws PortError `Malformed` where certificate or key are none, or do not belong together.
 */
export type SecureContexts = (tls: Pick<TlsOptions, 'ca' | 'cert' | 'key'>) => SecureContext;

/** Rotated certificates leave contexts behind; the least recently used one is forgotten beyond this many. */
const maxContexts = 256;

export function createSecureContexts(): SecureContexts {
  const contexts = new Map<string, SecureContext>();
  return ({ ca, cert, key }) => {
    const id = JSON.stringify([ca, cert, key]);
    const context = contexts.get(id) ?? made({ ca, cert, key });
    contexts.delete(id);
    contexts.set(id, context);
    const [oldest] = contexts.keys();
    if (contexts.size > maxContexts && oldest !== undefined) contexts.delete(oldest);
    return context;
  };
}

function made(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext({ minVersion: 'TLSv1.2', ...options });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new PortError('Malformed', `the client certificate or its key cannot be used${code}`);
  }
}
