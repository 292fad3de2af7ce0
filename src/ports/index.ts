import type { Aws } from './aws.ts';
import type { Clock } from './clock.ts';
import type { Dns } from './dns.ts';
import type { Exit } from './exit.ts';
import type { Files } from './files.ts';
import type { Http } from './http.ts';
import type { Kubeconfigs } from './kubeconfigs.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';
import type { Sql } from './sql.ts';

/** Everything the operator can touch. `main.ts` builds the real ones; the simulation builds its own. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly aws: Aws;
  readonly sql: Sql;
  readonly dns: Dns;
  readonly files: Files;
  readonly kubeconfigs: Kubeconfigs;
  readonly log: Log;
  readonly exit: Exit;
}
