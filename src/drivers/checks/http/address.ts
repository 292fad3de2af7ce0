/** Kinds of addresses that a check must not reach unless the operator's configuration allows it. */
export type Guarded = 'loopback' | 'link-local' | 'unspecified' | 'multicast' | 'metadata service';

/**
 * Whoever may write a plan chooses URLs that the operator then asks from where it stands: its own loopback, the node's
 * metadata service and the like must stay out of reach (RFC 6890; RFC 4291). Names are resolved before this is asked.
 */
export function guardedKind(address: string): Guarded | undefined {
  const v4 = ipv4Of(address);
  if (v4 !== undefined) return guarded4(v4);
  const groups = ipv6Groups(address);
  return groups === undefined ? undefined : guarded6(groups);
}

type Bytes = readonly number[];

function guarded4([a = 0, b = 0]: Bytes): Guarded | undefined {
  if (a === 127) return 'loopback';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 0) return 'unspecified';
  return a >= 224 ? 'multicast' : undefined;
}

function guarded6(groups: readonly number[]): Guarded | undefined {
  const [first = 0] = groups;
  const embedded = embeddedIPv4(groups);
  if (embedded !== undefined) return guarded4(embedded);
  const rest = groups.slice(0, 7).every((group) => group === 0);
  if (rest) return groups[7] === 1 ? 'loopback' : groups[7] === 0 ? 'unspecified' : undefined;
  if ((first & 0xffc0) === 0xfe80) return 'link-local';
  if ((first & 0xff00) === 0xff00) return 'multicast';
  // EC2's instance metadata service over IPv6, fd00:ec2::254.
  return first === 0xfd00 && groups[1] === 0xec2 ? 'metadata service' : undefined;
}

const EMBEDDING = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/** IPv4-mapped (::ffff:0:0/96), IPv4-compatible (::/96) and NAT64 (64:ff9b::/96) addresses lead to an IPv4 address. */
function embeddedIPv4(groups: readonly number[]): Bytes | undefined {
  const [high = 0, low = 0] = groups.slice(6);
  const prefix = groups.slice(0, 6).map((group) => group.toString(16));
  const embeds = EMBEDDING.includes(prefix.join(':')) || (prefix.every((group) => group === '0') && high !== 0);
  return embeds ? [high >> 8, high & 0xff, low >> 8, low & 0xff] : undefined;
}

function ipv4Of(address: string): Bytes | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

/** Eight groups; the URL parser has already done the work of reading what is abbreviated. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const [bare = ''] = address.split('%');
  const url = `http://[${bare}]/`;
  if (!bare.includes(':') || !URL.canParse(url)) return undefined;
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const missing = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: missing }, () => 0), ...groups(tail)];
}

/** One way of writing an address, so that two can be compared. */
export function sameAddress(a: string, b: string): boolean {
  return written(a) === written(b);
}

function written(address: string): string {
  const groups = ipv6Groups(address);
  if (groups === undefined) return address.trim();
  const embedded = embeddedIPv4(groups);
  return embedded === undefined ? groups.map((group) => group.toString(16)).join(':') : embedded.join('.');
}
