import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');
const lines = pathToFileURL(join(import.meta.dirname, 'report-lines.ts')).href;

function run(suite: string): { readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-reporter-'));
  try {
    const file = join(folder, 'suite.test.mjs');
    writeFileSync(file, `import { recordTable } from '${lines}';\n${suite}`);
    const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
    const reporter = join(import.meta.dirname, 'reporter.cjs');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [mocha, '--no-config', '--no-package', '--reporter', reporter, file],
      { encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH ?? '' } },
    );
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the reporter', function () {
  this.timeout(120_000);

  it('closes with the counts, after the recorded tables, and fails when a test failed', () => {
    const { status, output } = run(`
      it('holds', () => recordTable('premises', 'old'));
      it('breaks', () => { throw new Error('the fence leaks'); });
      it('records', () => recordTable('premises', 'invariant 1: 120 histories\\n'));
    `);
    assert.equal(status, 1);
    assert.match(output, /the fence leaks/);
    assert.match(output, /\npremises\ninvariant 1: 120 histories\n\nin \d+ s\n2 passed, 1 failed, 0 skipped\n$/);
    assert.doesNotMatch(output, /\nold\n/);
  });

  it('counts what was skipped', () => {
    const { status, output } = run(`it('holds', () => {}); it('is to come');`);
    assert.equal(status, 0);
    assert.match(output, /\n1 passed, 0 failed, 1 skipped\n$/);
  });
});
