import type { PostgresqlServer } from '../../api/plan.ts';
import { applicationService, serviceOf } from './databases.ts';
import type { Block, Journey } from './guide.ts';
import { askingWriters } from './other-writers.ts';
import { kubectl } from './kubectl.ts';
import { escaped, word } from './shell.ts';
import { markers, readingsOf } from './readings.ts';
import { ask, saved } from './sql.ts';
import { comparing, ownerText } from './traffic.ts';

/** What every later command rests on: a private folder, the ways to the servers, and this move's epoch. */
export function preparation(journey: Journey): readonly Block[] {
  const { plan } = journey;
  return [
    {
      says: `All commands are pasted into one bash, which keeps their variables. They want kubectl with a context for ${plan.spec.regions.map((region) => `${region} (\`${journey.context(region)}\`)`).join(' and ')} and for the management cluster (\`${journey.context('management')}\`), psql, the aws CLI with rights on the hosted zones, curl and dig.`,
      // Route 53 has one endpoint, whose region the CLI still wants to be told.
      sh: 'umask 077\nexport DR="$(mktemp -d)" AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}" AWS_PAGER=',
    },
    ...(plan.spec.databases.length === 0 ? [] : [connections(journey), questions(journey), askingWriters]),
    ...(plan.spec.traffic.length === 0 ? [] : [comparing]),
    epoch(journey),
  ];
}

function connections(journey: Journey): Block {
  const template = `-o "go-template={{with index .data \\"$2\\"}}{{. | base64decode}}{{end}}"`;
  return {
    says: `The ways to the databases, in a service file of libpq that only you can read. The Secrets lie in the management cluster; where that does not answer, write username, password and ca.crt into the file from where you keep them.`,
    sh: [
      'export PGSERVICEFILE="$DR/pg_service.conf" PGCONNECT_TIMEOUT=5',
      `secret() { ${kubectl(journey, 'management', 'get', 'secret', '"$1"', template)}; }`,
      ...journey.plan.spec.databases.flatMap((database) =>
        journey.plan.spec.regions.flatMap((region) => {
          const server = database.servers[region];
          if (server === undefined) return [];
          const { name, applicationProbe } = database;
          const own = { ...server, database: database.database };
          return [
            ...section(serviceOf(name, region), own, server.secretRef.name, operatorOptions),
            ...(applicationProbe === undefined || region !== journey.target
              ? []
              : section(applicationService(name, region), own, applicationProbe.secretRef.name, '')),
          ];
        }),
      ),
    ].join('\n'),
  };
}

function questions({ plan }: Journey): Block {
  return {
    says: 'The questions that the steps below ask the servers, as files: they only read.',
    sh: readingsOf(plan.spec).map(saved).join('\n'),
  };
}

/** The system's own authorities, on Debian, on Red Hat, on macOS. */
const trusted = '/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem';

/**
 * As the operator connects: else an ALTER ROLE hangs under a dead synchronous standby, or fails where read-only is a
 * default, and a standby answers nothing where serializable is.
 */
const operatorOptions =
  'options=-c synchronous_commit=local -c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed -c TimeZone=UTC -c search_path=pg_catalog,public';

function section(
  service: string,
  server: PostgresqlServer & { readonly database: string },
  secret: string,
  options: string,
): readonly string[] {
  const authority = `"$DR/${service}.crt"`;
  const tls = server.sslMode !== 'disable';
  const ca = [
    `secret ${word(server.secretRef.name)} ca.crt > ${authority}`,
    `[ -s ${authority} ] || cat $(ls ${trusted} 2> /dev/null | head -n 1) > ${authority}`,
  ];
  return [
    ...(tls ? ca : []),
    'cat >> "$PGSERVICEFILE" <<CONF',
    `[${service}]`,
    `host=${escaped(server.host)}`,
    `port=${String(server.port)}`,
    `dbname=${escaped(server.database)}`,
    `user=$(secret ${word(secret)} username)`,
    `password=$(secret ${word(secret)} password)`,
    `sslmode=${server.sslMode}`,
    ...(tls ? [`sslrootcert=$DR/${service}.crt`] : []),
    ...(options === '' ? [] : [options]),
    'CONF',
  ];
}

/** 1 + the highest that anybody has seen: whatever acts under an older one is refused from then on. */
function epoch(journey: Journey): Block {
  const { plan } = journey;
  // By the reference and not by the label, which only those carry that the operator made.
  const epochs = `{range .items[?(@.spec.planRef.name=="${plan.name}")]}{.spec.epoch}{"\\n"}{end}`;
  const sources = [
    kubectl(journey, 'management', 'get', 'drplan', plan.name, `-o jsonpath='{.status.epoch}{"\\n"}'`),
    kubectl(journey, 'management', 'get', 'drrun', `-o jsonpath='${epochs}'`),
    ...plan.spec.databases.flatMap(({ name }) =>
      plan.spec.regions.map((region) =>
        ask(serviceOf(name, region), 'coalesce(max(epoch), 0)::bigint', markers(plan.spec)),
      ),
    ),
    ...plan.spec.traffic.map((record) => `${ownerText(record)} | sed -n 's/.*epoch=\\([0-9]*\\).*/\\1/p'`),
  ];
  return {
    says: 'The epoch of this move: one more than the highest that the plan, its Runs, the databases and the names have seen. What does not answer is left out; the target has to answer. An operator or a Run that wakes up in the middle finds it, and stands back.',
    sh: `HIGHEST=$({\n${sources.join('\n')}\n} 2> "$DR/epoch.log" | grep -E '^[0-9]+$' | sort -n | tail -n 1)\nEPOCH=$((\${HIGHEST:-0} + 1))\necho "$EPOCH"`,
  };
}
