import type { Database } from '../../api/plan.ts';
import type { Block } from './guide.ts';
import { rights, strangers } from './readings.ts';
import { ask, rowsOf, show } from './sql.ts';

/**
 * What a fence of one database leaves open, a promotion takes along all the same: the other databases of its server.
 * As the operator does, each is looked into, and one that may not be counts unless nobody else may enter it either.
 */

/** For the preparation: the function that the fences call, and what to type for each kind of row. */
export const askingWriters: Block = Object.freeze({
  says: 'How a fence asks who could still write, in every database of its server: `writers SERVICE DATABASE`. A row is what is in the way, its name, and the database; `none` is said only if each was looked into. It only reads.',
  sh: look(),
  otherwise: whatToDo(),
});

export function otherWriters(database: Database, service: string, region: string): readonly Block[] {
  return [
    {
      says: `Who else is connected to this server, in whichever of its databases: good is no row, or only roles that do not write.`,
      sh: show(service, strangers(database)),
      needsSource: true,
    },
    {
      says: `Who could still write, in every database of this server: what it takes from now on is lost. It comes before the seal, for the position after that is to hold all.`,
      sh: `writers ${service} ${database.name}`,
      prints: 'none',
      otherwise: [
        `Under Prepare stands what to type for each row. Go on with one left only if what it writes in ${region} may be lost: write down who says so.`,
      ],
      needsSource: true,
    },
  ];
}

function look(): string {
  // A name in a connection string: between quotes, with these and backslashes escaped.
  const entered = `"service=$1 dbname='$(printf %s "$DB" | sed "s/[\\\\']/\\\\\\\\&/g")'"`;
  const inside = `SELECT kind, name, current_database() FROM ${rowsOf({ file: 'obstacles-$2' })} AS seen`;
  const others = `SELECT 'UnseenDatabase', name, :'db' FROM ${rowsOf({ file: 'entrants-$2' })} AS seen;`;
  return [
    'writers() {',
    'AT=$1',
    `${ask('$1', 'unnest(array_append(databases, database))', rights)} > "$DR/databases"`,
    `while IFS= read -r DB; do`,
    `psql -Xqw -At ${entered} -c "${inside}" ||`,
    `psql -Xqw -At -v ON_ERROR_STOP=1 -v db="$DB" service=$1 <<SQL || echo "UnseenDatabase||$DB"`,
    others,
    'SQL',
    `done < "$DR/databases" > "$DR/writers"`,
    `cat "$DR/writers"`,
    `if [ -s "$DR/databases" ] && [ ! -s "$DR/writers" ]; then echo none; fi`,
    '}',
  ].join('\n');
}

function whatToDo(): readonly string[] {
  const at = `psql -Xqw -v ON_ERROR_STOP=1 service=$AT`;
  return [
    `\`UnlistedWriter|WHO|DB\`: take its login away and end its sessions, and write its name down: \`${at} -c 'ALTER ROLE "WHO" NOLOGIN' -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'WHO'"\`. It gets its login back in the new primary after the opening, or here when the fence is taken back: \`ALTER ROLE "WHO" LOGIN\`.`,
    `\`OpenSession|pid PID of WHO|DB\`: end it: \`${at} -c 'SELECT pg_terminate_backend(PID)'\`.`,
    `\`UnseenDatabase|WHO|DB\`: you may not look into DB, and WHO may enter it. Let yourself in, with \`GRANT CONNECT ON DATABASE "DB" TO\` your role, or take the login from WHO as above. With no WHO nobody could look: the error before it says why.`,
    `\`PreparedTransaction|GID|DB\`: in DB, \`ROLLBACK PREPARED 'GID'\` or \`COMMIT PREPARED 'GID'\`, as whoever owns it decides.`,
    `\`Subscription|NAME|DB\`: in DB, \`ALTER SUBSCRIPTION "NAME" DISABLE\`.`,
    `\`Scheduler|pg_cron|DB\`: in DB, \`UPDATE cron.job SET active = false\`, once you have written down which were active; its row stays as long as the extension does.`,
    `Where your own role is refused it is for a superuser: \`read -rs PW\`, type its password, and in the command write \`"service=$AT user=postgres password='$PW'"\` for \`service=$AT\`.`,
  ];
}
