import assert from 'node:assert/strict';
import type { Observed } from '../../../src/decide/facts.ts';
import { ago, green, isGreen, isRed, lost, now, seen, streak } from '../support/facts.ts';
import { aSmokeTest, aSpec, stateless } from '../support/plans.ts';
import { evidenceOf, inWords, judge, messageOf, outcome, type Case } from '../support/runs.ts';

type Check = Observed['checks'][string];

describe('soak', () => {
  const key = 'smoke/front-door@us-west-2';
  const soaked = (check: Check | undefined, readyMs = 60_000, more: Case = {}) =>
    judge('soak', {
      observed: check === undefined ? {} : { checks: { [key]: check } },
      steps: { soak: { readyAt: ago(readyMs).wall } },
      ...more,
    });
  const greenFor = (ms: number) => seen(isGreen, now, green(9, ago(ms)));

  const rows: readonly (readonly [string, Check | undefined, number, string])[] = [
    ['green long enough', greenFor(60_000), 30_000, 'Done Succeeded'],
    ['green long enough, the traffic moved just now', greenFor(60_000), 29_999, 'Wait Soaking'],
    ['green since just now', greenFor(29_999), 60_000, 'Wait Soaking'],
    ['green since long enough ago', greenFor(30_000), 60_000, 'Done Succeeded'],
    ['red', seen(isRed, now, { ok: streak('red', 1) }), 60_000, 'Wait SmokeRed'],
    ['unknown', lost(), 60_000, 'Wait SmokeRed'],
    ['not asked', undefined, 60_000, 'Wait SmokeRed'],
    ['green, last seen too long ago', seen(isGreen, ago(25_000), green(2, ago(40_000))), 60_000, 'Wait Soaking'],
  ];
  for (const [name, check, readyMs, wanted] of rows) {
    it(`${name}: ${wanted}`, () => {
      assert.equal(inWords(soaked(check, readyMs)), wanted);
    });
  }

  it('needs every test that is asked after the shift', () => {
    const spec = aSpec({ smokeTests: [aSmokeTest('front-door', 'AfterTraffic'), aSmokeTest('login', 'AfterTraffic')] });
    assert.match(messageOf(soaked(greenFor(60_000), 60_000, { spec })), /While soaking: login not green/);
    const checks = { [key]: greenFor(60_000), 'smoke/login@us-west-2': greenFor(10_000) };
    assert.equal(inWords(soaked(undefined, 60_000, { spec, observed: { checks } })), 'Wait Soaking');
  });

  it('without a test is time alone', () => {
    const spec = aSpec({ smokeTests: [] });
    assert.equal(inWords(soaked(undefined, 29_999, { spec })), 'Wait Soaking');
    assert.equal(inWords(soaked(undefined, 30_000, { spec })), 'Done Succeeded');
    assert.equal(inWords(judge('soak', { spec })), 'Wait Soaking', 'not even begun');
  });

  it('says since when, and for how long', () => {
    assert.deepEqual(evidenceOf(soaked(greenFor(10_000))), [{ what: 'healthy since', at: ago(10_000).wall }]);
    assert.equal(messageOf(soaked(greenFor(60_000))), 'healthy for 30 s');
  });
});

describe('report', () => {
  it('is the end', () => {
    const steps = { 'protect/orders': outcome('Succeeded') };
    assert.equal(inWords(judge('report', { steps })), 'Done Succeeded');
    assert.equal(messageOf(judge('report', { steps })), 'payments/checkout recovered in us-west-2 and protected again');
  });
  it('says no more than was seen', () => {
    const skipped = { steps: { 'protect/orders': outcome('Skipped') } };
    assert.equal(
      messageOf(judge('report', skipped)),
      'payments/checkout recovered in us-west-2; not seen protected again: orders',
    );
    const pretended = { steps: { 'fence/orders': outcome('Pretended'), 'protect/orders': outcome('Pretended') } };
    assert.match(messageOf(judge('report', pretended)), /nothing was changed/);
    assert.equal(messageOf(judge('report', { spec: stateless() })), 'payments/checkout recovered in us-west-2');
  });
});
