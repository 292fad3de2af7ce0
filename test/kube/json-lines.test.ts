import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonLines, readText } from '../../src/kube/json-lines.ts';

async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    yield bytes.subarray(at, at + length);
    at += length;
  }
  yield bytes.subarray(at);
}

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const value of values) found.push(value);
  return found;
}

describe('json lines', () => {
  it('property: gives the values whatever the cuts', async () => {
    const cuts = fc.array(fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json({ stringUnit: 'grapheme' })), cuts, async (lines, lengths) => {
        const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
        const expected = lines.map((line): unknown => JSON.parse(line));
        assert.deepEqual(await collect(jsonLines(cut(bytes, lengths), 1_000_000)), expected);
      }),
    );
  });

  it('bounds what it holds', async () => {
    const long = new TextEncoder().encode(`"${'x'.repeat(100)}`);
    await assert.rejects(collect(jsonLines(cut(long, [10, 10, 50]), 64)), { why: 'Malformed' });
    await assert.rejects(readText(cut(long, [10, 10, 50]), 64), { code: 'TooLong' });
  });

  it('does not quote what it could not parse', async () => {
    const secret = new TextEncoder().encode('password=hunter2\n');
    await assert.rejects(
      collect(jsonLines(cut(secret, []), 100)),
      (error: Error) => !error.message.includes('hunter2'),
    );
  });
});
