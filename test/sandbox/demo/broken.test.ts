import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/build.ts';
import { exitCode, OWN, sayBroken } from '../../../src/sandbox/demo/broken.ts';
import { mutants } from '../../mutants/index.ts';

const verdicts = (...broken: readonly string[]) =>
  ['intent-before-act', 'one-writer', 'standing-fence'].map((invariant) => ({
    invariant,
    holds: !broken.includes(invariant),
    says: '',
  }));

describe('demo: a broken operator', () => {
  it('says whether its own invariant broke, others, or none', () => {
    assert.equal(
      sayBroken('fence', verdicts('one-writer')),
      'BREAK=fence broke its own invariant, one-writer, and no other.',
    );
    assert.equal(
      sayBroken('fence', verdicts('one-writer', 'standing-fence')),
      'BREAK=fence broke its own invariant, one-writer, BUT ALSO standing-fence.',
    );
    assert.equal(
      sayBroken('fence', verdicts('standing-fence')),
      'BREAK=fence DID NOT BREAK its own invariant, one-writer, but standing-fence.',
    );
    assert.equal(
      sayBroken('fence', verdicts()),
      'BREAK=fence DID NOT BREAK its own invariant, one-writer, nor any other.',
    );
    assert.equal(
      sayBroken('position', verdicts()),
      'BREAK=position DID NOT BREAK its own invariant, planned-loses-nothing, nor any other: the story did not come to where it is judged.',
    );
  });

  it('says so of one that has no invariant of its own here', () => {
    assert.equal(
      sayBroken('optimist', verdicts()),
      'BREAK=optimist has no invariant of its own in the demo; it broke none.',
    );
    assert.equal(
      sayBroken('optimist', verdicts('one-writer')),
      'BREAK=optimist has no invariant of its own in the demo; it broke one-writer.',
    );
  });

  it('ends with 2 for what was broken, with 1 for a story that stopped, with 0 otherwise', () => {
    assert.equal(exitCode(verdicts(), undefined), 0);
    assert.equal(exitCode(verdicts(), 'it took too long'), 1);
    assert.equal(exitCode(verdicts('one-writer'), undefined), 2);
    assert.equal(exitCode(verdicts('one-writer'), 'it took too long'), 2);
  });

  it('knows the invariant of each that `make demo` offers, and the docs say the same', async () => {
    const [, offered = ''] = /BREAK=([a-z|-]+)\)/.exec(await readFile(join(ROOT, 'Makefile'), 'utf8')) ?? [];
    assert.deepEqual(Object.keys(OWN).sort(), offered.split('|').sort());
    for (const name of Object.keys(OWN)) assert.ok(name in mutants, name);
    const [, table = ''] = (await readFile(join(ROOT, 'docs', 'demo.md'), 'utf8')).split('## Broken operators');
    const rows = table.split('\n').map((line) => line.split(' | '));
    for (const [name, invariant] of Object.entries(OWN)) {
      const [, , named = ''] = rows.find(([first]) => first === `| ${name}`) ?? [];
      assert.equal(/^[a-z-]+/.exec(named)?.[0], invariant, name);
    }
  });
});
