import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';

const DAY_MS = 24 * 3_600_000;

/** PEM throughout. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certification authority of the sandbox's own. Its private key lives in memory only and dies with the process. */
export interface Authority {
  /** The certificate that clients trust (PEM). */
  readonly ca: string;
  /**
   * A certificate for these names, DNS names and IPv4 addresses alike; the first is its subject. `client`: for client
   * authentication as well, with `organizations` as the subject's O (what Kubernetes reads as groups). Valid from
   * yesterday for a year, so that a machine whose clock is off can still run the sandbox.
   */
  issue(request: {
    readonly names: readonly string[];
    readonly client?: boolean;
    readonly organizations?: readonly string[];
  }): Promise<Certificate>;
}

interface Issuer {
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly keyId: Buffer;
}

/** `name`: the authority's common name, for people. */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const issuer = { name: subjectName(name, []), privateKey: keys.privateKey, keyId: keyId(keys.publicKey) };
  const extensions = [
    extension(OID.basicConstraints, true, der.sequence(der.boolean(true), der.integer(Buffer.of(0)))),
    extension(OID.keyUsage, true, KEY_USAGE.signCertificates),
    extension(OID.subjectKeyIdentifier, false, der.octets(issuer.keyId)),
  ];
  return {
    ca: pem('CERTIFICATE', certificate(issuer, issuer.name, keys.publicKey, extensions)),
    issue: async ({ names, client = false, organizations = [] }) => {
      const [subject] = names;
      if (subject === undefined) {
        throw new Error('A certificate needs at least one name.');
      }
      const own = await newKeys();
      const body = certificate(issuer, subjectName(subject, organizations), own.publicKey, [
        extension(OID.basicConstraints, true, der.sequence()),
        extension(OID.keyUsage, true, KEY_USAGE.signatures),
        extension(OID.extendedKeyUsage, false, der.sequence(OID.serverAuth, ...(client ? [OID.clientAuth] : []))),
        // Clients look at nothing else: a name that stands only in the subject is not verified (RFC 9525, 6.3).
        extension(OID.subjectAltName, false, der.sequence(...names.map(alternativeName))),
        extension(OID.authorityKeyIdentifier, false, der.sequence(der.context(0, issuer.keyId))),
        extension(OID.subjectKeyIdentifier, false, der.octets(keyId(own.publicKey))),
      ]);
      return {
        cert: pem('CERTIFICATE', body),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

async function newKeys(): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> {
  return await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
}

/** RFC 5280, 4.1. */
function certificate(issuer: Issuer, subject: Buffer, publicKey: KeyObject, extensions: readonly Buffer[]): Buffer {
  const algorithm = der.sequence(OID.ecdsaWithSha256);
  const now = Date.now();
  const body = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(serialNumber()),
    algorithm,
    issuer.name,
    der.sequence(der.time(new Date(now - DAY_MS)), der.time(new Date(now + 365 * DAY_MS))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions)),
  );
  return der.sequence(body, algorithm, der.bits(sign('sha256', body, issuer.privateKey), 0));
}

function subjectName(commonName: string, organizations: readonly string[]): Buffer {
  const attribute = (type: Buffer, value: string): Buffer => der.set(der.sequence(type, der.utf8(value)));
  return der.sequence(
    ...organizations.map((value) => attribute(OID.organization, value)),
    attribute(OID.commonName, commonName),
  );
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 6) {
    throw new Error(`${name}: the sandbox's certificates carry DNS names and IPv4 addresses only.`);
  }
  return isIP(name) === 4
    ? der.context(7, Buffer.from(name.split('.').map(Number)))
    : der.context(2, Buffer.from(name));
}

function extension(type: Buffer, critical: boolean, value: Buffer): Buffer {
  return der.sequence(type, ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

/** 126 random bits with the second highest set: positive and of shortest form (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}

function pem(label: string, body: Buffer): string {
  const lines = body.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The little of DER (X.690) that a certificate needs. */
function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
}

const der = {
  sequence: (...items: readonly Buffer[]) => tlv(0x30, ...items),
  set: (...items: readonly Buffer[]) => tlv(0x31, ...items),
  boolean: (value: boolean) => tlv(0x01, Buffer.of(value ? 0xff : 0)),
  integer: (bytes: Buffer) => tlv(0x02, bytes),
  bits: (bytes: Buffer, unused: number) => tlv(0x03, Buffer.of(unused), bytes),
  octets: (bytes: Buffer) => tlv(0x04, bytes),
  utf8: (text: string) => tlv(0x0c, Buffer.from(text)),
  /** UTCTime, right until 2049. */
  time: (at: Date) => tlv(0x17, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(2, 14)}Z`)),
  explicit: (number: number, item: Buffer) => tlv(0xa0 | number, item),
  context: (number: number, bytes: Buffer) => tlv(0x80 | number, bytes),
} as const;

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

const OID = {
  commonName: oid('2.5.4.3'),
  organization: oid('2.5.4.10'),
  subjectKeyIdentifier: oid('2.5.29.14'),
  keyUsage: oid('2.5.29.15'),
  subjectAltName: oid('2.5.29.17'),
  basicConstraints: oid('2.5.29.19'),
  authorityKeyIdentifier: oid('2.5.29.35'),
  extendedKeyUsage: oid('2.5.29.37'),
  serverAuth: oid('1.3.6.1.5.5.7.3.1'),
  clientAuth: oid('1.3.6.1.5.5.7.3.2'),
  ecdsaWithSha256: oid('1.2.840.10045.4.3.2'),
} as const;

/** Bit 0 is the highest (RFC 5280, 4.2.1.3): digitalSignature 0, keyCertSign 5, cRLSign 6. */
const KEY_USAGE = {
  signatures: der.bits(Buffer.of(0b1000_0000), 7),
  signCertificates: der.bits(Buffer.of(0b0000_0110), 1),
} as const;
