/*
 * Domain names as Route 53 stores and lists them: lower case, trailing dot, and every character beside a-z 0-9 - _ as
 * an octal escape, so that a wildcard is listed as `\052.example.com.` (Developer Guide, "DNS domain name format").
 */

/** @returns undefined for a name Route 53 would not take: empty or over-long labels, over 255 octets, non-ASCII. */
export function canonicalName(text: string): string | undefined {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  const labels = bare.split('.').map(canonicalLabel);
  if (labels.some((label) => label === undefined)) return undefined;
  const octets = labels.reduce((sum, label) => sum + plainText(label ?? '').length + 1, 1);
  return octets > 255 ? undefined : `${labels.join('.')}.`;
}

function canonicalLabel(label: string): string | undefined {
  const raw = plainText(label).toLowerCase();
  if (raw.length === 0 || raw.length > 63 || !/^[\x21-\x7e]+$/.test(raw)) return undefined;
  return raw.replace(/[^a-z0-9_-]/g, octal);
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

/** `\052.example.com.` -> `*.example.com.` */
export function plainText(name: string): string {
  return name.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

/** How DNS answers show a name: lower case, unescaped, without the trailing dot. */
export function dnsName(name: string): string {
  return plainText(name).toLowerCase().replace(/\.$/, '');
}

/**
 * Orders as ListResourceRecordSets does: labels reversed, the trailing dot taking part, so that characters below `.`
 * (among them `*` and `-`) sort a longer label before a deeper name.
 */
export function sortKey(name: string): string {
  const labels = plainText(name).replace(/\.$/, '').split('.');
  return `${labels.reverse().join('.')}.`;
}

/** Both canonical. The apex is within its zone. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}
