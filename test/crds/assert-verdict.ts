import assert from 'node:assert/strict';
import type { CelCase } from './cel-cases.ts';
import type { Verdict } from './sandbox-server.ts';

/** That an API server, whichever it is, made of a case what the table says. */
export function assertVerdict({ refused }: CelCase, verdict: Verdict): void {
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
}

/** `Kind.group "name" is invalid: a: …`, or with several faults `[a: …, b: …]`. */
function faults(message: string): readonly string[] {
  const text = message.replace(/^.*? is invalid: /s, '');
  if (!text.startsWith('[')) return [text];
  return text.slice(1, -1).split(/, (?=[\w.[\]<>-]+: )/);
}
