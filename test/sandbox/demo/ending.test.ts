import assert from 'node:assert/strict';
import { ending } from '../../../src/sandbox/demo/ending.ts';
import { judge } from '../../../src/sandbox/demo/judge/index.ts';
import { forced, story } from './story.ts';

const told = { evidence: story, verdicts: judge(story), stopped: undefined, reports: '/tmp/r', totalMs: 1_000 };

describe('demo: the last lines', () => {
  it('say whose word a figure is, and when it was given', () => {
    const rpo = ending(told)
      .split('\n')
      .find((line) => line.startsWith('  RPO'));
    assert.equal(
      rpo,
      "  RPO       Bounded: at most 6.0 s by the operator's word after the promotion (7.0 s before it); Measured on return: 5.2 s, 0 commits lost",
    );
    const silent = { ...story, forced: { ...forced, words: [] } };
    assert.match(ending({ ...told, evidence: silent }), /after the promotion \(none before it\);/);
  });

  it('name the reports only where there are some', () => {
    assert.match(ending(told), /Reports {3}\/tmp\/r\n/);
    assert.doesNotMatch(ending({ ...told, reports: undefined }), /Reports/);
  });

  it('end with what a broken operator broke', () => {
    const lines = ending({ ...told, broken: 'fence' })
      .trimEnd()
      .split('\n');
    assert.equal(lines.at(-1), 'BREAK=fence DID NOT BREAK its own invariant, one-writer, nor any other.');
    assert.match(lines.at(-2) ?? '', /invariants hold\./);
  });
});
