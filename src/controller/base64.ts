/** Text in standard base64, as an API server encodes Secret data; undefined where the bytes are no UTF-8 (a keystore). */
export function decodeBase64(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : undefined;
}
