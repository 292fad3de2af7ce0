import type { Dns, DnsAnswer, DnsQuery } from '../../../src/ports/dns.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import { SILENCE } from '../kernel/index.ts';
import type { InjectedError, Process } from '../kernel/index.ts';
import { destinationOf, hostPort, isAddress, latencyOf } from './world.ts';
import type { World } from './world.ts';

/** Fails as src/system/dns.ts does. `resolve` asks the machine's resolver, destination `resolver`. */
export function simDns(process: Process, world: World): Dns {
  return {
    query: (query, signal) => ask(process, world, query, signal),
    resolve: async (host, signal) => (isAddress(host) ? [host] : await resolve(process, world, host, signal)),
  };
}

async function ask(process: Process, world: World, query: DnsQuery, signal: AbortSignal): Promise<DnsAnswer> {
  const { server, port, name, type } = query;
  const id = hostPort(server, port);
  const endpoint = world.dns?.[id];
  const where = `DNS server ${server} port ${String(port)}`;
  return await process.call<DnsAnswer>({
    label: `dns.${type}`,
    destination: destinationOf('dns', id, server, endpoint),
    detail: name,
    mutating: false,
    latency: latencyOf(world, endpoint),
    signal,
    perform: () => {
      if (endpoint === undefined) throw new PortError('Unreachable', `${where}: connection refused`);
      const reply = endpoint.handle({ name, type });
      if (reply === undefined) return SILENCE;
      const answers = reply.answers.map(({ name: owner, type: kind, ttl, value }) => ({
        name: owner,
        type: kind,
        ttl,
        value,
      }));
      return { rcode: reply.rcode, authoritative: reply.authoritative, answers };
    },
    describe: ({ rcode, answers }) => [rcode, ...answers.map(({ type: kind, value }) => `${kind} ${value}`)].join(' '),
    failure: (why) => failure(where, why),
    inject: (error) => injected(where, error),
  });
}

async function resolve(process: Process, world: World, host: string, signal: AbortSignal): Promise<readonly string[]> {
  return await process.call<readonly string[]>({
    label: 'dns.resolve',
    destination: destinationOf('dns', 'resolver', 'resolver', undefined),
    detail: host,
    mutating: false,
    latency: latencyOf(world, undefined),
    signal,
    perform: () => {
      const addresses = world.resolve?.(host.toLowerCase().replace(/\.$/, ''));
      if (addresses !== undefined && addresses.length > 0) return addresses;
      throw new PortError('Unreachable', `the host name ${host} was not resolved: ENOTFOUND`);
    },
    describe: (addresses) => addresses.join(' '),
    failure: (why) => failure('the resolver', why),
    inject: (error) => injected('the resolver', error),
  });
}

function failure(where: string, why: 'cancelled' | 'refused' | 'reset'): PortError {
  if (why === 'cancelled') return new PortError('Timeout', 'no DNS answer before the deadline');
  return new PortError('Unreachable', `${where}: ECONNREFUSED`);
}

function injected(where: string, error: InjectedError): never {
  if ('why' in error) throw new PortError(error.why, `${where}: ${error.message ?? 'an injected fault'}`);
  throw new Error(`a DNS query cannot be answered by ${JSON.stringify(error)}: give why`);
}
