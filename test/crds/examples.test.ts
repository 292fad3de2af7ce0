import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { parsePlan } from '../../src/api/parse-plan.ts';
import { parseRegion } from '../../src/api/parse-region.ts';
import { isMap } from './crds.ts';
import { sandboxJudge } from './sandbox-server.ts';

const folder = new URL('../../docs/examples/', import.meta.url);
const parsers = { DisasterRecoveryPlan: parsePlan, DisasterRecoveryRegion: parseRegion };

describe('the examples of the documentation', () => {
  const judge = sandboxJudge();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    it(`${file} is accepted as it stands, without a doubt`, () => {
      const documents = parseAllDocuments(readFileSync(new URL(file, folder), 'utf8'));
      const objects = documents.map((document) => document.toJS() as unknown);
      assert.ok(objects.length > 0);
      for (const object of objects) {
        assert.ok(isMap(object));
        const kind = object['kind'];
        assert.ok(kind === 'DisasterRecoveryPlan' || kind === 'DisasterRecoveryRegion', String(kind));
        const verdict = judge(object);
        assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
        assert.deepEqual(verdict.pruned, []);
        const parsed = parsers[kind](verdict.object);
        assert.ok(parsed.ok, JSON.stringify(parsed));
        assert.deepEqual(parsed.warnings, []);
      }
    });
  }
});
