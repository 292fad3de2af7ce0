import assert from 'node:assert/strict';
import { describeFailure, isNotPermittedToLogIn } from '../../../../src/drivers/databases/postgresql/failure.ts';
import { numberOf, onlyRow, textOf } from '../../../../src/drivers/databases/postgresql/rows.ts';
import { refusalOf } from '../../../../src/drivers/databases/postgresql/refusal.ts';
import { PortError } from '../../../../src/ports/port-error.ts';
import { SqlError } from '../../../../src/ports/sql.ts';

describe('what a failed session means', () => {
  const meanings: readonly (readonly [sqlState: string, why: string])[] = [
    ['28000', 'Forbidden'],
    ['28P01', 'Forbidden'],
    ['42501', 'Forbidden'],
    ['53300', 'Throttled'],
    ['57014', 'Timeout'],
    ['57P01', 'Unreachable'],
    ['57P03', 'Unreachable'],
    ['08006', 'Unreachable'],
    ['3D000', 'Malformed'],
    ['42P01', 'Malformed'],
  ];
  for (const [sqlState, why] of meanings) {
    it(`${sqlState}: ${why}`, () => {
      assert.equal(describeFailure(new SqlError(sqlState, 'message', 'server')).why, why);
      const { answered } = describeFailure(new SqlError(sqlState, 'message', 'server'));
      assert.equal(answered, why === 'Unreachable' ? undefined : true, 'a server that runs said so');
    });
  }

  it('passes on that a server answered that cannot be trusted', () => {
    const untrusted = new PortError('Unreachable', 'certificate has expired', { answered: true });
    assert.deepEqual(describeFailure(untrusted), {
      why: 'Unreachable',
      answered: true,
      detail: 'certificate has expired',
    });
    assert.equal(describeFailure(new PortError('Unreachable', 'connection refused')).answered, undefined);
  });

  it('counts rows that cannot be read as an answer: somebody sent them', () => {
    const reading: readonly (() => unknown)[] = [
      () => onlyRow([], 'server'),
      () => textOf({ role: 1 }, 'role'),
      () => numberOf({ pid: null }, 'pid'),
    ];
    for (const read of reading) {
      assert.throws(read, (error) => {
        const { why, answered } = describeFailure(error);
        assert.deepEqual([why, answered], ['Malformed', true]);
        return true;
      });
    }
    assert.equal(describeFailure(new PortError('Malformed', 'Secret a/b has no key password')).answered, undefined);
    assert.equal(describeFailure(new Error('a defect')).answered, undefined);
  });

  it('shows one line, without the secrets, however they got there', () => {
    const error = new SqlError('XX000', 'could not use hunter2 here\nDETAIL: hunter2', 'server');
    assert.equal(describeFailure(error, ['hunter2', '']).detail, 'XX000 at server: could not use *** here');
    assert.equal(describeFailure(new PortError('Timeout', 'x'.repeat(500))).detail.length, 301);
    assert.equal(describeFailure(new PortError('Forbidden', 'no right to the Secret')).answered, undefined);
  });

  it('takes 28000 for a met fence by its message only, for pg_hba shares the code', () => {
    assert(isNotPermittedToLogIn(new SqlError('28000', 'role "shop" is not permitted to log in', 'connect')));
    assert(!isNotPermittedToLogIn(new SqlError('28000', 'no pg_hba.conf entry for host "10.0.0.1"', 'connect')));
    assert(!isNotPermittedToLogIn(new SqlError('28P01', 'password authentication failed', 'connect')));
  });
});

describe('what a failed attempt means', () => {
  const attempted = { sent: true, changed: false, secrets: [] };
  const kindOf = (error: unknown, over: Partial<typeof attempted> = {}): string => {
    const result = refusalOf(error, { ...attempted, ...over });
    return result.kind === 'Refused' ? result.code : result.kind;
  };

  it('is a refusal by the server’s own word only', () => {
    assert.equal(kindOf(new SqlError('MD001', 'epoch 6 was here before epoch 5', 'fence')), 'StaleEpoch');
    assert.equal(kindOf(new SqlError('42501', 'permission denied', 'fence')), 'Forbidden');
    assert.equal(kindOf(new SqlError('53300', 'too many clients', 'connect')), 'Throttled');
    assert.equal(kindOf(new SqlError('57P03', 'starting up', 'connect')), 'Unavailable');
    assert.equal(kindOf(new SqlError('23502', 'null value in column', 'probe')), '23502');
  });

  it('is unknown where the reply was lost, the session was ended in it, or something had taken effect', () => {
    assert.equal(kindOf(new PortError('Unreachable', 'reset')), 'OutcomeUnknown');
    assert.equal(kindOf(new PortError('Timeout', 'late')), 'OutcomeUnknown');
    assert.equal(kindOf(new SqlError('57P01', 'terminating connection', 'open')), 'OutcomeUnknown');
    assert.equal(kindOf(new SqlError('55000', 'recovery is not in progress', 'promote')), 'OutcomeUnknown');
    assert.equal(kindOf(new SqlError('42501', 'permission denied', 'seal'), { changed: true }), 'OutcomeUnknown');
  });

  it('is a refusal where nothing was ever sent', () => {
    const missing = new PortError('Malformed', 'Secret payments/pg has no key password: add it');
    assert.equal(kindOf(missing, { sent: false }), 'NotConfigured');
    assert.equal(kindOf(new PortError('Timeout', 'the Secret came too late'), { sent: false }), 'OutcomeUnknown');
  });
});
