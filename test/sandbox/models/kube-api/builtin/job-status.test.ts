import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../../src/sandbox/models/kube-api/index.ts';
import { fixture, message } from '../fixture.ts';

const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const AT = '2026-11-24T00:00:00Z';
const conditions = (...types: readonly string[]): readonly JsonObject[] =>
  types.map((type) => ({ type, status: 'True', lastProbeTime: AT, lastTransitionTime: AT }));

describe('kube-api: the status of a Job, by hand', () => {
  const spec = {
    suspend: true,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'x' }] } },
  };
  const answering = (): ((status: JsonObject) => string) => {
    const { ok, call } = fixture();
    ok('POST', JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x' }, spec });
    return (status) => {
      const answer = call('PATCH', `${JOBS}/x/status`, { status });
      return answer.status < 300 ? 'ok' : message(answer);
    };
  };

  // The words of kube-apiserver 1.35.4, which was asked the same.
  const refused: readonly (readonly [JsonObject, string])[] = [
    [
      { active: 1, conditions: conditions('Failed') },
      'Job.batch "x" is invalid: [status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition, status.active: Invalid value: 1: active>0 is invalid for finished job, status.startTime: Required value: startTime is required for finished job]',
    ],
    [
      { active: 1, conditions: conditions('Complete') },
      'Job.batch "x" is invalid: [status.completionTime: Required value: completionTime is required for Complete jobs, status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition, status.active: Invalid value: 1: active>0 is invalid for finished job, status.startTime: Required value: startTime is required for finished job]',
    ],
  ];
  for (const [status, words] of refused) {
    it(`refuses what a real one refuses: ${JSON.stringify(status['conditions'])}`, () => {
      assert.equal(answering()(status), words);
    });
  }

  it('takes an end that is whole, and does not take it back', () => {
    const answer = answering();
    assert.equal(answer({ startTime: AT, conditions: conditions('FailureTarget', 'Failed') }), 'ok');
    assert.equal(
      answer({ conditions: conditions('FailureTarget') }),
      'Job.batch "x" is invalid: status.conditions: Invalid value: cannot disable the terminal Failed=True condition',
    );
  });
});
