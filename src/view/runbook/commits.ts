import type { Database } from '../../api/plan.ts';
import { ASK_FOR_NO_STANDBY } from '../../drivers/databases/postgresql/synchronous.ts';
import type { Block } from './guide.ts';
import { roles, server } from './readings.ts';
import { askBy, rowsOf } from './sql.ts';

/** Whether a commit of the applications would return; the probe, which is rolled back, does not notice. */

/** With the server's own synchronous_commit, as the operator's observer: the service file sets `local` for what changes something. */
function way(service: string): string {
  const isolation = String.raw`-c default_transaction_isolation=read\\\\ committed`;
  return `"service=${service} options='${isolation} -c search_path=pg_catalog,public'"`;
}

const nobodyAwaits = (database: Database): string =>
  `NOT EXISTS (SELECT FROM ${rowsOf(roles(database))} AS own WHERE awaits)`;

/** On the standby, where none streams from yet. */
export function waitsOncePromoted(database: Database, service: string): Block {
  return {
    says: `Whether commits would return once it is promoted. \`f|NAMES\`: they would wait for a synchronous standby of these names; promote/${database.name} says what to type then.`,
    sh: askBy(way(service), `synchronous_wanted = 0 OR ${nobodyAwaits(database)}, synchronous_names`, server),
  };
}

/** Before it is opened, so that no application hangs. */
export function commitsReturn(database: Database, service: string): Block {
  const enough = `synchronous_wanted <= synchronous_there OR ${nobodyAwaits(database)}`;
  const none = ASK_FOR_NO_STANDBY.map((sql) => `-c "${sql}"`).join(' ');
  return {
    says: 'Commits return: no synchronous standby is waited for that does not stream. The line before it: how many stream, how many are asked for, and by which names.',
    sh: [
      `AT=${service}`,
      askBy(way(service), 'synchronous_there, synchronous_wanted, synchronous_names', server),
      askBy(way(service), enough, server),
    ].join('\n'),
    prints: 't',
    otherwise: [
      `\`f\`: write the names down, and ask for none: \`psql -Xqw -v ON_ERROR_STOP=1 service=$AT ${none}\` (where your own role is refused, as a superuser, as under Prepare); or let one of these names follow it. Once protect/${database.name} is done they may be set again.`,
    ],
  };
}
