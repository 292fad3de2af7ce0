import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { generateTypes } from '../../scripts/generate-types.ts';

describe('generated types', () => {
  it('are those of the CRDs; else run `npm run generate`', async function () {
    this.timeout(120_000);
    const checkedIn = await readFile(new URL('../../src/api/generated.ts', import.meta.url), 'utf8');
    assert.equal(checkedIn, await generateTypes());
  });
});
