import { AUTHORITATIVE_ANSWER, TRUNCATED_RESPONSE, decode, encode } from 'dns-packet';
import type { Answer, DecodedPacket, OptAnswer, Question } from 'dns-packet';
import type { DnsQuestion, DnsRecord, DnsReply } from '../models/dns.ts';

/** RFC 1035 4.2.1 without EDNS; with it no more than fits any path unfragmented (DNS Flag Day 2020). */
const PLAIN_UDP = 512;
const MAX_UDP = 1232;

const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
type Rcode = keyof typeof RCODES;

export type ReadQuery =
  /** Not a query, or too broken to answer. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'refuse'; readonly reply: Buffer }
  | { readonly kind: 'question'; readonly question: DnsQuestion; readonly packet: DecodedPacket };

export function readQuery(message: Buffer): ReadQuery {
  // Too short for a header, or a response: to answer that would let two servers talk forever.
  if (message.length < 12 || (message.readUInt16BE(2) & 0x8000) !== 0) return { kind: 'ignore' };
  const opcode = (message.readUInt16BE(2) >> 11) & 0xf;
  if (opcode !== 0) return { kind: 'refuse', reply: headerOnly(message, 'NOTIMP') };
  let packet: DecodedPacket;
  try {
    packet = decode(message);
  } catch {
    return { kind: 'refuse', reply: headerOnly(message, 'FORMERR') };
  }
  if (decode.bytes > message.length) return { kind: 'refuse', reply: headerOnly(message, 'FORMERR') };
  const [question, ...more] = packet.questions ?? [];
  if (question === undefined || more.length > 0) return { kind: 'refuse', reply: headerOnly(message, 'FORMERR') };
  if (question.class !== undefined && question.class !== 'IN') {
    return { kind: 'refuse', reply: headerOnly(message, 'REFUSED') };
  }
  return { kind: 'question', question: { name: question.name, type: question.type }, packet };
}

/** The header alone, with the id and the RD bit of the query. */
function headerOnly(message: Buffer, rcode: Rcode): Buffer {
  const reply = Buffer.alloc(12);
  reply.writeUInt16BE(message.readUInt16BE(0), 0);
  reply.writeUInt16BE(0x8000 | (message.readUInt16BE(2) & 0x7900) | RCODES[rcode], 2);
  return reply;
}

/** What does not fit into a datagram the client can take is left out, and TC says to come back over TCP. */
export function writeReply(packet: DecodedPacket, reply: DnsReply, transport: 'udp' | 'tcp'): Buffer {
  const full = encodeReply(packet, reply, false);
  if (transport === 'tcp' || full.length <= udpLimit(packet)) return full;
  return encodeReply(packet, { ...reply, answers: [], authority: [] }, true);
}

function udpLimit(packet: DecodedPacket): number {
  const asked = optOf(packet)?.udpPayloadSize;
  return asked === undefined ? PLAIN_UDP : Math.min(MAX_UDP, Math.max(PLAIN_UDP, asked));
}

function optOf(packet: DecodedPacket): OptAnswer | undefined {
  return packet.additionals?.find((record): record is OptAnswer => record.type === 'OPT');
}

function encodeReply(packet: DecodedPacket, reply: DnsReply, truncated: boolean): Buffer {
  const questions: Question[] = packet.questions ?? [];
  const flags =
    (reply.authoritative ? AUTHORITATIVE_ANSWER : 0) |
    (truncated ? TRUNCATED_RESPONSE : 0) |
    (packet.flag_rd ? 0x100 : 0) |
    RCODES[reply.rcode];
  return encode({
    type: 'response',
    id: packet.id ?? 0,
    flags,
    questions,
    answers: reply.answers.map(toAnswer),
    authorities: reply.authority.map(toAnswer),
    additionals: optOf(packet) === undefined ? [] : [opt()],
  });
}

function opt(): Answer {
  const record: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: MAX_UDP,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  return record;
}

function toAnswer(record: DnsRecord): Answer {
  const { name, type, ttl, value } = record;
  switch (type) {
    case 'TXT':
      return { name, type, ttl, data: [...(record.strings ?? [value])] };
    case 'SOA': {
      const [mname = '', rname = '', serial, refresh, retry, expire, minimum] = value.split(' ');
      const numbers = { serial: Number(serial), refresh: Number(refresh), retry: Number(retry) };
      return { name, type, ttl, data: { mname, rname, ...numbers, expire: Number(expire), minimum: Number(minimum) } };
    }
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return { name, type, ttl, data: value };
  }
}
