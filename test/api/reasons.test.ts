import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { isReason, reasons, reasonText } from '../../src/api/reasons/index.ts';
import { runPhases } from '../../src/api/vocabulary.ts';

const root = new URL('../../', import.meta.url);

/** The reasons that the program names: in a hold, a claim, a condition, an abort, an event. */
function used(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of globSync('src/{decide,controller}/**/*.ts', { cwd: root })) {
    const text = readFileSync(new URL(file, root), 'utf8');
    for (const [, word] of text.matchAll(/(?:\bhold|\bno|\baskFor)\(\s*(?:ctx,\s*)?'([A-Z][A-Za-z]+)'/g)) {
      if (word !== undefined) found.set(word, file);
    }
    for (const [, word] of text.matchAll(/\breason: '([A-Z][A-Za-z]+)'/g)) {
      if (word !== undefined) found.set(word, file);
    }
    const claims =
      /\b(?:claim|stamp)\(\s*'[A-Za-z]+',\s*(?:'(?:True|False|Unknown)',\s*)?'(?!True|False|Unknown)([A-Z][A-Za-z]+)'/g;
    for (const [, word] of text.matchAll(claims)) if (word !== undefined) found.set(word, file);
  }
  return found;
}

describe('the table of reasons', () => {
  it('has every reason that the program gives', () => {
    const words = used();
    assert.ok(words.size > 40, 'the search finds what it is meant to find');
    const missing = [...words].filter(([word]) => !isReason(word)).map(([word, file]) => `${word} (${file})`);
    assert.deepEqual(missing, [], 'add them to src/api/reasons/');
  });

  it('has the phases, which are reasons of Finished and Reconciling', () => {
    for (const phase of runPhases) assert.ok(isReason(phase), phase);
  });

  it('says of each in whole sentences what is the case, and what to do where there is something to do', () => {
    for (const [word, text] of Object.entries(reasons)) {
      assert.match(word, /^[A-Z][A-Za-z]+$/);
      assert.match(text.what, /^\S.*\.$/, word);
      assert.match(text.do, /^(\S.*\.)?$/, word);
    }
  });

  it('knows no other word, not even one that every object has', () => {
    assert.equal(reasonText('constructor'), undefined);
    assert.equal(reasonText('Paused')?.what, 'A person paused the Run.');
  });
});
