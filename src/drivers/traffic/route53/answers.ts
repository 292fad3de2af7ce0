import type { Clock } from '../../../ports/clock.ts';
import { withDeadline } from '../../../ports/deadline.ts';
import type { Dns, DnsAnswer, DnsType } from '../../../ports/dns.ts';
import { PortError } from '../../../ports/port-error.ts';
import type { Ownership, TrafficAnswers, TrafficRef } from '../driver.ts';
import { sameName } from './names.ts';
import { ownershipName, readOwnership } from './ownership.ts';
import { regionOf } from './record-set.ts';

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface AskingOptions {
  readonly dns: Dns;
  readonly clock: Clock;
  /** For one server, its name's resolution included, ms. */
  readonly callMs: number;
  readonly locate: (server: string, signal: AbortSignal) => Promise<ServerAddress>;
}

export type ServerAnswer = TrafficAnswers['servers'][number];

/** One authoritative server's word on record and ownership. What is not authoritative is no answer. */
export async function askServer(
  options: AskingOptions,
  ref: TrafficRef,
  server: string,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  const { clock, callMs, dns } = options;
  try {
    return await withDeadline(clock, callMs, signal, async (call) => {
      const at = await options.locate(server, call);
      const ask = (name: string, type: DnsType): Promise<DnsAnswer> =>
        dns.query({ server: at.address, port: at.port, name, type }, call);
      const [answer, ownership] = await Promise.all([
        ask(ref.record.recordName, ref.record.type),
        askOwnership(ref, ask),
      ]);
      return { name: server, answers: meaningOf(ref, answer), ...(ownership === undefined ? {} : { ownership }) };
    });
  } catch (error) {
    if (error instanceof PortError) return { name: server, answers: { kind: 'Silent', detail: error.message } };
    throw error;
  }
}

/** undefined where this server cannot be asked for it: its word on the record still counts. */
async function askOwnership(
  ref: TrafficRef,
  ask: (name: string, type: DnsType) => Promise<DnsAnswer>,
): Promise<Ownership | undefined> {
  const name = ownershipName(ref.record.recordName);
  if (name === undefined) return undefined;
  try {
    const answer = await ask(name, 'TXT');
    if (silence(answer) !== undefined) return undefined;
    const texts = answer.answers.filter((record) => record.type === 'TXT' && sameName(record.name, name));
    return readOwnership(
      ref.identity,
      texts.map(({ value }) => value),
    );
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}

function meaningOf({ record, regions }: TrafficRef, answer: DnsAnswer): ServerAnswer['answers'] {
  const silent = silence(answer);
  if (silent !== undefined) return { kind: 'Silent', detail: silent };
  const own = answer.answers.filter(({ name, type }) => type === record.type && sameName(name, record.recordName));
  const region = regionOf(
    record,
    regions,
    own.map(({ value }) => value),
  );
  return region === undefined ? { kind: 'Other' } : { kind: 'Region', region };
}

/** Why an answer is none; undefined where it is one. */
export function silence({ rcode, authoritative }: DnsAnswer): string | undefined {
  // NXDOMAIN is an authoritative word too: the record is not there.
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return `it answered ${rcode}`;
  return authoritative ? undefined : 'its answer is not authoritative';
}
