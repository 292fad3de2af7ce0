import assert from 'node:assert/strict';
import { parseServerLog } from '../../../../src/sandbox/demo/witnesses/postgresql-log.ts';

const LOG = `2026-11-24 04:15:57.900 UTC [10] LOG:  entering standby mode
2026-11-24 04:15:58.000 UTC [10] LOG:  database system is ready to accept read-only connections
2026-11-24 04:15:59.100 UTC [11] LOG:  received promote request
2026-11-24 04:15:59.200 UTC [11] LOG:  selected new timeline ID: 2
2026-11-24 04:16:00.000 UTC [12] shop@shop LOG:  connection authorized: user=shop database=shop application_name=shop SSL enabled
2026-11-24 04:16:01.000 UTC [12] shop@shop FATAL:  terminating connection due to administrator command
2026-11-24 04:16:01.000 UTC [13] maestro@shop FATAL:  terminating connection due to administrator command
2026-11-24 04:16:01.500 UTC [14] shop@shop FATAL:  role "shop" is not permitted to log in
2026-11-24 04:16:01.600 UTC [15] maestro@shop LOG:  statement: SELECT 'received promote request'
  LOG:  received promote request
`;

describe('demo: PostgreSQL’s log as a witness', () => {
  it('reads promotions, readiness and who was let in, turned away or thrown out', () => {
    const at = (time: string): number => Date.parse(`2026-11-24T${time}Z`);
    assert.deepEqual(parseServerLog(LOG), {
      ready: [at('04:15:58.000')],
      standby: [at('04:15:57.900')],
      promotions: [at('04:15:59.100')],
      timelines: [2],
      admitted: [at('04:16:00.000')],
      refused: [at('04:16:01.500')],
      terminated: [at('04:16:01.000')],
    });
  });
});
