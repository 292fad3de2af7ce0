/*
 * Domain names as they are compared: lower case, without the trailing dot and without Route 53's octal escapes
 * (`\052.example.com.` is `*.example.com`; Developer Guide, "DNS domain name format").
 */

export function plainName(name: string): string {
  return name
    .replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    .toLowerCase()
    .replace(/\.$/, '');
}

export function sameName(a: string, b: string): boolean {
  return plainName(a) === plainName(b);
}

/** On the wire: a length octet before each label, and the root (RFC 1035 section 3.1). At most 255 are allowed. */
export function octetsOf(name: string): number {
  return new TextEncoder().encode(plainName(name)).length + 2;
}
