import assert from 'node:assert/strict';
import { celCases } from './cel-cases.ts';
import { sandboxJudge } from './sandbox-server.ts';

describe('the CRDs on the sandbox’s API server', () => {
  const judge = sandboxJudge();

  for (const { title, old, object, refused } of celCases) {
    it(`${refused === undefined ? 'accepts' : 'refuses'} ${title}`, () => {
      const verdict = judge(object, old);
      assert.deepEqual(verdict.pruned, [], 'a case tests nothing through a field that is dropped');
      if (refused === undefined) {
        assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
        return;
      }
      assert.ok(!verdict.ok, 'it was accepted');
      for (const { field, says } of refused) {
        const found = faults(verdict.message).find((fault) => fault.startsWith(`${field}: `) && fault.includes(says));
        assert.ok(found !== undefined, `"${field}: …${says}…" is not in: ${verdict.message}`);
      }
    });
  }
});

/** `Kind.group "name" is invalid: a: …`, or with several faults `[a: …, b: …]`. */
function faults(message: string): readonly string[] {
  const text = message.replace(/^.*? is invalid: /s, '');
  if (!text.startsWith('[')) return [text];
  return text.slice(1, -1).split(/, (?=[\w.[\]<>-]+: )/);
}
