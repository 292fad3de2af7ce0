import assert from 'node:assert/strict';
import type { HeardWord } from '../../src/api/run.ts';
import { withShown } from '../../src/decide/shown.ts';
import { start } from './support/facts.ts';
import { aStatus, contextFor } from './support/runs.ts';

const word: HeardWord = { gate: 'ApprovalRequired', evidenceHash: 'abc', seenAt: start };
const asking = (evidenceHash: string) =>
  contextFor({
    steps: {
      approve: {
        state: 'Waiting',
        waitsFor: {
          reason: 'ApprovalRequired',
          message: 'It waits for a person.',
          evidence: [{ what: 'orders@us-east-1: Unreachable', at: start }],
          evidenceHash,
        },
      },
    },
  }).status;

describe('what an approval was given for', () => {
  it('is kept in the words of the status that stood when it was heard', () => {
    const after = withShown(asking('abc'), aStatus({ words: [word] }));
    assert.deepEqual(after.words, [{ ...word, shown: 'It waits for a person. | orders@us-east-1: Unreachable' }]);
    assert.equal(withShown(aStatus(), after), after, 'and stays when nothing asks any more');
    assert.equal(withShown(asking('abc'), after), after);
  });

  it('is not known of another hash', () => {
    const status = aStatus({ words: [word] });
    assert.equal(withShown(asking('another'), status), status);
  });
});
