import assert from 'node:assert/strict';
import { countAws, type AwsOutcome } from '../../src/aws/counted-aws.ts';
import { AwsError } from '../../src/ports/aws.ts';
import { PortError } from '../../src/ports/port-error.ts';

const request = { service: 'route53', operation: 'GetChange', input: {}, region: 'r' } as const;
const forever = new AbortController().signal;

async function codeOf(answer: () => Promise<Record<string, unknown>>): Promise<AwsOutcome['code']> {
  const outcomes: AwsOutcome[] = [];
  const aws = countAws({ send: answer }, (outcome) => outcomes.push(outcome));
  const before = await answer().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const after = await aws.send(request, forever).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.deepEqual(after, before, 'what came back is passed on');
  assert.equal(outcomes.length, 1);
  assert.equal(outcomes[0]?.operation, 'GetChange');
  return outcomes[0].code;
}

describe('counted requests to AWS', () => {
  it('have codes of bounded variety, whatever the service calls it', async () => {
    const failing = (error: Error) => () => Promise.reject(error);
    assert.equal(await codeOf(() => Promise.resolve({ a: 1 })), 'OK');
    assert.equal(await codeOf(failing(new AwsError('InvalidChangeBatch', '', 400, false))), 'Refused');
    assert.equal(await codeOf(failing(new AwsError('Throttling', '', 400, false))), 'Throttled');
    assert.equal(await codeOf(failing(new AwsError('AccessDenied', '', 403, false))), 'Forbidden');
    assert.equal(await codeOf(failing(new AwsError('InternalFailure', '', 500, true))), 'Unreachable');
    assert.equal(await codeOf(failing(new AwsError('Timeout', '', 0, true))), 'Timeout');
    assert.equal(await codeOf(failing(new PortError('Unreachable', 'reset'))), 'Unreachable');
    assert.equal(await codeOf(failing(new TypeError('a defect'))), 'Malformed');
  });
});
