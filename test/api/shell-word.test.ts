import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { printedPatch, shellWord } from '../../src/api/shell-word.ts';

/** What a real shell makes of it: each argument on its own, ended by NUL. */
function asRead(words: readonly string[]): readonly string[] {
  // As its input: one argument may have 128 KiB at most.
  const input = `printf '%s\\0' ${words.join(' ')}`;
  return execFileSync('sh', [], { input, encoding: 'utf8' }).split('\0').slice(0, -1);
}

// A shell's word cannot hold NUL, and half a surrogate pair is no text.
const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((one) => !one.includes('\0'));
const hostile = fc.constantFrom(
  ...["'", `'\\''`, '"', '\\', '$(touch x)', '`id`', "'; echo PWNED; echo '", '\n', '!', '*', '~', '-p', ''],
);

describe('a word for a shell', () => {
  it('comes back exactly, whatever it holds', () => {
    const words = fc.array(
      fc.oneof(
        text,
        fc.array(hostile, { maxLength: 6 }).map((parts) => parts.join('')),
      ),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(words, (given) => {
        assert.deepEqual(asRead(given.map(shellWord)), given);
      }),
      { numRuns: 100 },
    );
  });
  it('is left plain where it may be', () => {
    assert.equal(shellWord('checkout-7'), 'checkout-7');
    assert.equal(shellWord(''), "''");
    assert.equal(shellWord("didn't"), `'didn'\\''t'`);
  });
});

describe('a printed patch', () => {
  it('is read back as it was meant', () => {
    fc.assert(
      fc.property(fc.oneof(text, hostile), (reason) => {
        const json = JSON.stringify({ spec: { reason } });
        assert.equal(printedPatch(`kubectl patch drrun x -n y --type=merge -p ${shellWord(json)}`), json);
      }),
      // A line's end to JavaScript, and nothing special to JSON.
      { examples: [['\u2028'], ['\u2029']] },
    );
  });
  it('is not there in anything else', () => {
    assert.equal(printedPatch('kubectl delete drrun checkout-7 -n payments'), undefined);
  });
});
