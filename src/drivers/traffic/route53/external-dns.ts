import { withDeadline } from '../../../ports/deadline.ts';
import { PortError } from '../../../ports/port-error.ts';
import { silence, type AskingOptions } from './answers.ts';
import { textAt, type Reader } from './listing.ts';
import { octetsOf, plainName, sameName } from './names.ts';
import { unquoted } from './ownership.ts';
import { valuesOf } from './record-set.ts';

/** A server that says nothing for so long is not waited for: the control plane can be asked the same, ms. */
const DNS_MS = 1_000;

interface Texts {
  readonly name: string;
  readonly texts: readonly string[];
}

/**
 * What shows that external-dns manages the name, quoted; undefined where nothing does. One of the zone's own servers is
 * asked, for four names would take nearly all of a second's requests of the account; the control plane of what it says
 * is claimed, and of all where it does not say.
 */
export async function externalDnsClaim(
  asking: AskingOptions,
  reader: Reader,
  servers: readonly string[],
): Promise<string | undefined> {
  const names = externalDnsNames(reader.ref.record.recordName);
  const [server] = servers;
  const told = server === undefined ? undefined : await textsByDns(asking, { names, server, signal: reader.signal });
  // Heard is not listed: a wildcard's TXT is answered under whatever name was asked.
  const suspects = told === undefined ? names : told.filter(isClaim).map(({ name }) => name);
  const listed = await Promise.all(suspects.map((name) => textsListed(reader, name)));
  const claim = listed.find(isClaim);
  if (claim === undefined) return undefined;
  return `external-dns keeps its ownership at ${plainName(claim.name)} and would flip the record back; exclude the name there`;
}

/**
 * Names at which external-dns keeps its own ownership, in its TXT registry's old and new form. It would flip the
 * record back to what its sources say.
 */
function externalDnsNames(recordName: string): readonly string[] {
  const name = plainName(recordName);
  return [name, `a-${name}`, `aaaa-${name}`, `cname-${name}`].filter(canExist);
}

/** A label holds 63 octets and a name 255 (RFC 1035, section 2.3.4): what is longer can claim nothing, and cannot be asked. */
function canExist(name: string): boolean {
  const [first = ''] = name.split('.');
  return Buffer.byteLength(first) <= 63 && octetsOf(name) <= 255;
}

function isClaim({ texts }: Texts): boolean {
  return texts.some((text) => text.includes('heritage=external-dns'));
}

async function textsListed(reader: Reader, name: string): Promise<Texts> {
  const set = await textAt(reader, name);
  return { name, texts: set === undefined ? [] : valuesOf(set).map(unquoted) };
}

interface Question {
  readonly names: readonly string[];
  readonly server: string;
  readonly signal: AbortSignal;
}

/** undefined where this server does not say it of every name. */
async function textsByDns(
  { dns, clock, locate }: AskingOptions,
  { names, server, signal }: Question,
): Promise<readonly Texts[] | undefined> {
  try {
    return await withDeadline(clock, DNS_MS, signal, async (call) => {
      const { address, port } = await locate(server, call);
      const answers = await Promise.all(
        names.map((name) => dns.query({ server: address, port, name, type: 'TXT' }, call)),
      );
      if (answers.some((answer) => silence(answer) !== undefined)) return undefined;
      return names.map((name, index) => {
        const texts = answers[index]?.answers.filter((one) => one.type === 'TXT' && sameName(one.name, name)) ?? [];
        return { name, texts: texts.map(({ value }) => value) };
      });
    });
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}
