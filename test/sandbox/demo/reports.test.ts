import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringOut, reportsWithin } from '../../../src/sandbox/demo/reports.ts';

describe('demo: where the reports lie', () => {
  it('in the world’s folder until the end, then in one that stays, if there are any', async () => {
    const world = await mkdtemp(join(tmpdir(), 'reports-test-'));
    const made: string[] = [];
    const note = (folder: string): void => {
      made.push(folder);
    };
    try {
      const reports = await reportsWithin(world);
      assert.equal(await bringOut(reports, note), undefined);
      assert.deepEqual(made, [], 'no folder without a report');
      await writeFile(join(reports, 'checkout-1-final.yaml'), 'kind: DisasterRecoveryRun\n');
      const folder = await bringOut(reports, note);
      assert.ok(folder !== undefined);
      assert.deepEqual(made, [folder], 'known before anything is written to it');
      await rm(world, { recursive: true });
      assert.ok(existsSync(folder));
      assert.match(await readFile(join(folder, 'checkout-1-final.yaml'), 'utf8'), /DisasterRecoveryRun/);
    } finally {
      for (const folder of [world, ...made]) await rm(folder, { recursive: true, force: true });
    }
  });
});
