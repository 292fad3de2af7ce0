import { assertVerdict } from './assert-verdict.ts';
import { celCases } from './cel-cases.ts';
import { sandboxJudge } from './sandbox-server.ts';

describe('the CRDs on the sandbox’s API server', () => {
  const judge = sandboxJudge();

  for (const one of celCases) {
    it(`${one.refused === undefined ? 'accepts' : 'refuses'} ${one.title}`, () => {
      assertVerdict(one, judge(one.object, one.old));
    });
  }
});
