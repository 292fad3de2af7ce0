import assert from 'node:assert/strict';
import { fenceStatement, probeStatement } from '../../../../src/drivers/databases/postgresql/statements.ts';
import { quoteLiteral, quoteTable, quoteTextArray } from '../../../../src/drivers/databases/postgresql/sql-text.ts';
import { createSql } from '../../../../src/system/sql.ts';
import { createPostgresqlBed, sqlTarget } from '../../../support/postgresql.ts';
import { createPrimary } from '../../../../src/sandbox/postgresql/create.ts';

const HOSTILE = [`it's`, `a\\b`, `\\'; DROP TABLE orders; --`, `$maestro$; SELECT 1`, `"quoted"`, `é\n{,}`];

describe('names from a plan in SQL text', () => {
  it('are quoted part by part', () => {
    assert.equal(quoteTable('sales.Orders'), '"sales"."Orders"');
    assert.equal(probeStatement('a"b').text, 'BEGIN; INSERT INTO "a""b" DEFAULT VALUES; ROLLBACK');
  });

  it('stay literals on a real server, however they are spelt', async function () {
    this.timeout(120_000);
    const bed = await createPostgresqlBed();
    try {
      const server = await createPrimary(bed.options('alone'));
      const target = sqlTarget(bed, server, 'maestro', 'shop');
      const mark = { hash: '0123456789abcdef', epoch: 1, token: HOSTILE.join() };
      const echo = `SELECT ${HOSTILE.map((text, index) => `${quoteLiteral(text)} AS c${String(index)}`).join(', ')}`;
      const array = `SELECT ${quoteTextArray(HOSTILE)} AS items`;
      const statement = (text: string) => ({ name: 'echo', text, parameters: [], bound: false });
      const [, literals, arrays] = await createSql().run(
        target,
        [fenceStatement(mark, HOSTILE), statement(echo), statement(array)],
        new AbortController().signal,
      );
      assert.deepEqual(Object.values(literals?.[0] ?? {}), HOSTILE);
      assert.deepEqual(arrays?.[0]?.['items'], HOSTILE);
    } finally {
      await bed.end();
    }
  });
});
