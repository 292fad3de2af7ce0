import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import type { LogLevel } from '../../src/ports/log.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { createLog } from '../../src/system/log.ts';

function logging(level: LogLevel) {
  let written = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written += String(chunk);
      done();
    },
  });
  const entries = (): Record<string, unknown>[] =>
    written
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line))
      .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null);
  return { log: createLog({ level, stream }), entries, raw: () => written };
}

describe('log', () => {
  it('writes one JSON object a line, at its level and above', () => {
    const { log, entries } = logging('info');
    log.log('debug', 'too fine', {});
    log.log('info', 'step done', { plan: 'payments/checkout', epoch: 3, nested: { list: [1, { a: null }] } });
    log.log('error', 'two\nlines %s', { level: 'mine', ts: 1, msg: 'x' });
    const [first, second] = entries();
    assert.equal(entries().length, 2);
    assert.match(String(first?.ts), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(
      { ...first, ts: 0 },
      {
        ts: 0,
        level: 'info',
        msg: 'step done',
        plan: 'payments/checkout',
        epoch: 3,
        nested: { list: [1, { a: null }] },
      },
    );
    assert.deepEqual(
      [second?.level, second?.msg],
      ['error', 'two\nlines %s'],
      'a field cannot pass for the entry’s own',
    );
    assert.deepEqual([second?.field_level, second?.field_ts, second?.field_msg], ['mine', 1, 'x']);
  });

  it('lets no secret through by a careless field', () => {
    const { log, raw, entries } = logging('debug');
    log.log('info', 'careless', {
      password: 'hunter1',
      deep: { Authorization: 'Bearer hunter2', items: [{ clientToken: 'hunter3' }] },
      url: 'postgres://shop:hunter4@pg.use1/orders',
      header: 'Authorization: Bearer hunter5.aa-bb',
      dsn: "host=pg password='hunter6 x' user=shop",
      data: { 'admin.conf': 'hunter7' },
      key: '-----BEGIN PRIVATE KEY-----\nhunter8\n-----END PRIVATE KEY-----',
      error: new PortError('Unreachable', 'postgres://a:hunter9@b refused'),
      secretRef: { name: 'pg-use1' },
      tokens: 5,
    });
    assert.doesNotMatch(raw(), /hunter/);
    const [entry] = entries();
    assert.deepEqual(entry?.secretRef, { name: 'pg-use1' }, 'a reference is no secret');
    assert.equal(entry.tokens, 5);
  });

  it('writes errors with their cause, and survives what JSON does not', () => {
    const { log, entries } = logging('debug');
    const circular: Record<string, unknown> = { big: 12n, call: () => 1, nothing: undefined };
    circular.self = circular;
    log.log('warn', 'odd', { error: new Error('outer', { cause: new PortError('Timeout', 'inner') }), circular });
    const [entry] = entries();
    assert.deepEqual(entry?.error, {
      name: 'Error',
      message: 'outer',
      cause: { name: 'PortError', message: 'inner', why: 'Timeout' },
    });
    assert.deepEqual(entry.circular, { big: '12', call: '[function]', self: '[…]' });
  });
});
