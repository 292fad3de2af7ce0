/** Standard base64 of UTF-8 text, as Kubernetes encodes Secret data; undefined for what is neither (a keystore, an image). */
export function decodeBase64(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  const decoded = bytes.toString('utf8');
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : undefined;
}
