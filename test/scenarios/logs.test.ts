import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { createLog } from '../../src/system/log.ts';
import { isMap } from '../crds/crds.ts';
import type { Wire } from '../crds/objects.ts';
import { secrets } from './secrets.ts';
import type { Stage } from './stage.ts';
import { forcedStory, plannedStory } from './stories.ts';

/** What the operator logged as it ships: lines of JSON by winston. */
function linesOf(stage: Stage): readonly string[] {
  let written = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const log = createLog({ level: 'debug', stream });
  for (const { level, message, fields } of stage.logs) log.log(level, message, fields);
  return written.split('\n').filter((line) => line !== '');
}

function recordOf(line: string): Wire {
  const record: unknown = JSON.parse(line);
  assert.ok(isMap(record), line);
  return record;
}

/** By the record alone, whatever its words: it is about a step, or about what was done for one. */
const isOfStep = (record: Wire): boolean =>
  ['step', 'intent', 'effect', 'action', 'result'].some((key) => key in record) ||
  /effect|step/.test(String(record.msg));

for (const [name, story] of [
  ['forced', forcedStory],
  ['planned', plannedStory],
] as const) {
  describe(`the log of the ${name} story`, () => {
    let stage: Stage;
    let lines: readonly string[];
    let ofSteps: readonly Wire[];
    before(async () => {
      ({ stage } = await story());
      lines = linesOf(stage);
      ofSteps = lines.map(recordOf).filter(isOfStep);
    });
    const steps = () => stage.person.run()?.status?.steps ?? [];

    it('is JSON, and each record of a step or its effect carries plan, run, epoch and step', () => {
      const run = stage.person.run();
      assert.ok(run !== undefined && ofSteps.length > 0);
      for (const record of ofSteps) {
        const { plan, run: of, epoch, step } = record;
        const wanted: Wire = { plan: 'payments/checkout', run: run.metadata.name, epoch: run.spec.epoch };
        assert.deepEqual({ plan, run: of, epoch }, wanted, JSON.stringify(record));
        assert.ok(
          steps().some(({ id }) => id === step),
          `no step of the run: ${JSON.stringify(record)}`,
        );
      }
    });

    it('tells of every step what became of it, and of every intent its effect and the answer', () => {
      const saying = (msg: string, id: string): readonly Wire[] =>
        ofSteps.filter((record) => record.msg === msg && record.step === id);
      const ended = steps().filter(({ outcome }) => outcome !== undefined);
      assert.ok(ended.length > 0);
      for (const { id, outcome } of ended) {
        assert.equal(saying('step', id).findLast((record) => 'outcome' in record)?.outcome, outcome?.state, id);
      }
      const meant = steps().filter(({ intent }) => intent !== undefined);
      assert.ok(meant.length > 0);
      for (const { id, intent } of meant) {
        const by = (record: Wire): boolean => record.intent === intent?.token;
        assert.ok(saying('effect', id).some(by) && saying('effect answered', id).some(by), `${id} ${intent?.token}`);
      }
    });

    it('carries no secret', () => {
      const text = lines.join('\n');
      for (const secret of secrets) assert.ok(!text.includes(secret), `it holds ${secret}`);
    });
  });
}
