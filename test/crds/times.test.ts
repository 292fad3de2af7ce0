import assert from 'node:assert/strict';
import { parseRun } from '../../src/api/parse-run.ts';
import { formatTime, timePattern } from '../../src/api/time.ts';
import { isDateTime } from '../../src/sandbox/models/kube-api/timestamp.ts';
import { isMap, readCrds, visit } from './crds.ts';
import { sandboxJudge } from './sandbox-server.ts';
import { dateTimes, timed } from './times.ts';

describe('a time that a person writes', () => {
  const judge = sandboxJudge();

  for (const [text, ms] of dateTimes) {
    it(`${ms === undefined ? 'is refused' : 'is read'} where it is ${text}`, () => {
      assert.ok(isDateTime(text), 'the server’s own rule lets it pass');
      for (const object of [timed.attestations(text), timed.retries(text)]) {
        const verdict = judge(object);
        if (ms === undefined) {
          assert.match(verdict.ok ? 'accepted' : verdict.message, /\.at in body should match/);
          continue;
        }
        assert.ok(verdict.ok, verdict.ok ? '' : verdict.message);
        const parsed = parseRun(verdict.object);
        assert.ok(parsed.ok, JSON.stringify(parsed));
        const [word] = [...parsed.value.spec.attestations, ...parsed.value.spec.retries];
        assert.equal(word?.at, ms);
        // Reports and further commands write it again.
        assert.doesNotThrow(() => formatTime(ms));
      }
    });
  }

  it('has one form in every spec, which is all that is read', () => {
    for (const [kind, crd] of readCrds()) {
      const spec = isMap(crd.schema['properties']) ? crd.schema['properties']['spec'] : undefined;
      assert.ok(isMap(spec));
      visit(spec, '', (schema, path) => {
        if (schema['format'] === 'date-time') assert.equal(schema['pattern'], timePattern, `${kind} spec.${path}`);
      });
    }
  });
});
