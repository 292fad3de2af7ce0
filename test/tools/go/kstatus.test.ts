import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestSchemas, SCHEMAS } from '../../../scripts/manifest-schemas.ts';
import { kstatusOf } from '../../gitops/kstatus.ts';
import { recordedStates } from '../../gitops/recorded.ts';

describe('what this project says of others’ code', function () {
  // Go compiles the library the first time.
  this.timeout(900_000);

  it('kstatus: the library reads each object in each state as this project does', async () => {
    const states = await recordedStates();
    const { status, stdout, stderr } = spawnSync('go', ['run', '-trimpath', '.'], {
      cwd: join(import.meta.dirname, 'kstatus'),
      input: JSON.stringify(states.map(({ object }) => object)),
      encoding: 'utf8',
      timeout: 800_000,
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      stdout.trim().split('\n'),
      states.map(({ object }) => kstatusOf(object)),
    );
  });

  it('schemas: the checked-in ones are those of Kubernetes 1.35 and of the Prometheus operator', () => {
    const here: unknown = JSON.parse(readFileSync(SCHEMAS, 'utf8'));
    assert.deepEqual(here, JSON.parse(JSON.stringify(manifestSchemas())), 'stale: npm run schemas');
  });
});
