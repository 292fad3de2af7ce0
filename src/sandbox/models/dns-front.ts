import type { Dns } from '../../ports/dns.ts';
import { PortError } from '../../ports/port-error.ts';
import type { DnsServerModel } from './dns-server.ts';

export interface DnsFrontOptions {
  readonly servers: readonly { readonly address: string; readonly port: number; readonly model: DnsServerModel }[];
  /** What the system's resolver knows: host name (lower case, no trailing dot) to addresses. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/;

/** The Dns port over the models, failing as src/system/dns.ts fails on the wire; latency is the simulation's to add. */
export function modelDns(options: DnsFrontOptions): Dns {
  return {
    async query({ server, port, name, type }) {
      const there = options.servers.find((candidate) => candidate.address === server && candidate.port === port);
      if (there === undefined) {
        throw new PortError('Unreachable', `DNS server ${server} port ${port}: connection refused`);
      }
      const reply = there.model.answer({ name, type });
      if (reply === undefined) throw new PortError('Timeout', `DNS server ${server} port ${port}: no answer`);
      const { rcode, authoritative, answers } = reply;
      return {
        rcode,
        authoritative,
        answers: answers.map((record) => ({
          name: record.name,
          type: record.type,
          ttl: record.ttl,
          value: record.value,
        })),
      };
    },
    async resolve(host) {
      if (ADDRESS.test(host)) return [host];
      const addresses = options.hosts[host.toLowerCase().replace(/\.$/, '')];
      if (addresses === undefined) throw new PortError('Unreachable', `the host name ${host} was not found`);
      return addresses;
    },
  };
}
