import { isIP } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { DnsAnswer, DnsQuery, DnsType } from '../../ports/dns.ts';

const UDP_PAYLOAD = 1232;
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

export interface Reply {
  readonly kind: 'reply';
  readonly truncated: boolean;
  readonly answer: DnsAnswer;
}

export function encodeQuery(id: number, { name, type }: DnsQuery): Buffer {
  return encode({
    type: 'query',
    id,
    // RD stays 0: an authoritative server is asked for what it holds itself.
    flags: 0,
    questions: [{ name: plainName(name), type, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
}

/** `foreign`: not the answer to this query, whoever sent it. */
export function decodeReply(
  message: Buffer,
  id: number,
  query: DnsQuery,
): Reply | { readonly kind: 'foreign' } | { readonly kind: 'malformed'; readonly why: string } {
  if (message.length < 12) return { kind: 'malformed', why: 'an answer shorter than a DNS header' };
  if (message.readUInt16BE(0) !== id || (message.readUInt16BE(2) & 0x8000) === 0) return { kind: 'foreign' };
  let packet: DecodedPacket;
  try {
    packet = decode(message);
    // The decoder reads past the end of a message that was cut, and makes addresses of nothing.
    if (decode.bytes > message.length || (packet.answers ?? []).some(isBrokenAddress)) {
      return { kind: 'malformed', why: 'an answer that breaks off' };
    }
  } catch (error) {
    return { kind: 'malformed', why: `an answer that does not parse: ${error instanceof Error ? error.message : ''}` };
  }
  const [question] = packet.questions ?? [];
  // A server that could not read the query (FORMERR) may leave the question out.
  if (question !== undefined && (plainName(question.name) !== plainName(query.name) || question.type !== query.type)) {
    return { kind: 'foreign' };
  }
  const rcode = message.readUInt16BE(2) & 0xf;
  return {
    kind: 'reply',
    truncated: packet.flag_tc,
    answer: {
      rcode: RCODES[rcode] ?? `RCODE${rcode}`,
      authoritative: packet.flag_aa,
      answers: (packet.answers ?? []).flatMap(toAnswer),
    },
  };
}

function isBrokenAddress(record: Answer): boolean {
  return (record.type === 'A' && isIP(record.data) !== 4) || (record.type === 'AAAA' && isIP(record.data) !== 6);
}

type PortAnswer = DnsAnswer['answers'][number];

/** Types the port does not know (an RRSIG beside the answer) are left out. */
function toAnswer(record: Answer): readonly PortAnswer[] {
  const known = valueOf(record);
  if (known === undefined) return [];
  const ttl = 'ttl' in record && record.ttl !== undefined ? record.ttl : 0;
  return [{ name: plainName(record.name), type: known.type, ttl, value: known.value }];
}

function valueOf(record: Answer): { readonly type: DnsType; readonly value: string } | undefined {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { type: record.type, value: record.data };
    case 'CNAME':
    case 'NS':
      return { type: record.type, value: plainName(record.data) };
    case 'TXT':
      return { type: 'TXT', value: textOf(record.data) };
    case 'SOA': {
      const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = record.data;
      const numbers = [serial, refresh, retry, expire, minimum].map(String);
      return { type: 'SOA', value: [plainName(mname), plainName(rname), ...numbers].join(' ') };
    }
    default:
      return undefined;
  }
}

/** A record's character strings joined, as every consumer of a long TXT does. */
function textOf(data: string | Buffer | readonly (string | Buffer)[]): string {
  const parts = typeof data === 'string' || Buffer.isBuffer(data) ? [data] : data;
  return parts.map((part) => (typeof part === 'string' ? part : part.toString('utf8'))).join('');
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
