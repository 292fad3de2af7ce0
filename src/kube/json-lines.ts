import { PortError } from '../ports/port-error.ts';
import { KubeError } from './kube-error.ts';

const newline = 0x0a;

/**
 * The JSON values of a body of one value a line, each as soon as its line is complete. `maxLineBytes` bounds what is
 * held. A body that ends within a line was cut.
 * @throws PortError `Malformed` (no JSON, line too long), `Unreachable` (cut), or what the body throws.
 */
export async function* jsonLines(body: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<unknown, void> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      parts.push(rest.subarray(0, end));
      const line = decode(parts).trim();
      parts = [];
      held = 0;
      rest = rest.subarray(end + 1);
      if (line !== '') yield parseJson(line);
    }
    if (rest.length === 0) continue;
    parts.push(rest);
    held += rest.length;
    if (held > maxLineBytes) throw new PortError('Malformed', `a line of more than ${String(maxLineBytes)} bytes`);
  }
  if (decode(parts).trim() !== '') throw new PortError('Unreachable', 'the stream was cut in the middle of a line');
}

/** The whole body as text. @throws KubeError `TooLong` beyond `maxBytes`, or what the body throws. */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of body) {
    held += chunk.length;
    if (held > maxBytes) {
      throw new KubeError({ code: 'TooLong', message: `an answer of more than ${String(maxBytes)} bytes` });
    }
    parts.push(chunk);
  }
  return decode(parts);
}

/** @throws PortError `Malformed`, without quoting the text, which may hold secrets. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw new PortError('Malformed', `${String(text.length)} characters that are not JSON`);
  }
}

function decode(parts: readonly Uint8Array[]): string {
  // One stateful decoder, for a character may be split between two chunks.
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
}
