/** Standard base64 of UTF-8 text, as Kubernetes encodes Secret data. @throws TypeError for what is neither. */
export function decodeBase64(text: string): string {
  const binary = atob(text);
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
}
