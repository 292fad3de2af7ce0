import { isScheduled, type Contact, type Database, type TrafficRecord, type Workload } from '../../api/plan.ts';
import type { Journey } from './guide.ts';

/** The template's chapters around the procedures. */

export function architecture(journey: Journey): readonly string[] {
  const { spec } = journey.plan;
  const none = (items: readonly string[], otherwise: string): readonly string[] =>
    items.length === 0 ? [`    *   ${otherwise}`] : items;
  return [
    '## Architecture for DR',
    '',
    `*   **Primary Region:** ${journey.source}`,
    `*   **Secondary Region:** ${journey.target}`,
    '*   **Data Replication:**',
    ...none(
      spec.databases.map((database) => databaseLine(database, journey)),
      'no database in this plan',
    ),
    '*   **Application Deployment:**',
    ...none(
      spec.workloads.map((workload) => workloadLine(workload)),
      'no workload in this plan',
    ),
    '*   **Traffic:**',
    ...none(
      spec.traffic.map((record) => trafficLine(record, journey)),
      'no DNS record in this plan',
    ),
    '',
  ];
}

function databaseLine(database: Database, { source, target }: Journey): string {
  const at = (region: string): string => {
    const server = database.servers[region];
    return server === undefined ? region : `${server.host}:${String(server.port)} (${region})`;
  };
  const roles = [
    `applications ${database.applicationRoles.join(', ')}`,
    ...(database.administrativeRoles.length === 0 ? [] : [`not fenced: ${database.administrativeRoles.join(', ')}`]),
  ];
  return `    *   ${database.name}: PostgreSQL streaming replication from ${at(source)} to ${at(target)}; ${roles.join('; ')}`;
}

function workloadLine(workload: Workload): string {
  const { name, target, wave, uses, quiesce } = workload;
  const words = [
    `wave ${String(wave)}`,
    sizeWords(workload),
    ...(uses.length === 0 ? [] : [`uses ${uses.join(', ')}`]),
    ...(quiesce ? ['stopped before the fence'] : []),
  ];
  return `    *   ${name}: ${target.kind} ${target.name}, ${words.join(', ')}`;
}

function sizeWords(workload: Workload): string {
  const { active, standby } = workload;
  if (isScheduled(workload)) return 'runs where it is active, suspended where it stands by';
  const size = 'replicas' in active ? `${String(active.replicas)} replicas` : 'as many replicas as its source';
  return `${size} where it is active, ${String(standby.replicas)} where it stands by`;
}

function trafficLine(
  { recordName, type, ttl, hostedZoneId, values }: TrafficRecord,
  { source, target }: Journey,
): string {
  const of = (region: string): string => `${(values[region] ?? []).join(', ')} (${region})`;
  return `    *   ${recordName}: ${type} with a TTL of ${String(ttl)} s in Route 53 zone ${hostedZoneId}: ${of(source)}, ${of(target)}`;
}

export function drills({ plan, source, target }: Journey): readonly string[] {
  const { name, namespace } = plan;
  return [
    '## Quarterly DR Drills',
    '',
    'Regular quarterly DR drills are conducted to:',
    '*   Validate the runbook procedures.',
    '*   Test the effectiveness of replication and failover mechanisms.',
    '*   Train on-call teams.',
    '*   Identify areas for improvement.',
    '',
    'Three, from the cheapest on:',
    '',
    `1.  \`kubectl drplan preview ${name} -n ${namespace} --to ${target}\`: the steps, their times, the loss, and what would stop it. Nothing is asked of the databases.`,
    `2.  With \`enforcement: Observe\` in the plan, set \`activeRegion\` to ${target}: everything is decided and reported, nothing is changed. Set both back afterwards.`,
    `3.  A planned switchover to ${target} and back to ${source} in a quiet hour, once with the operator and once by this runbook.`,
    '',
    '(Drill reports and findings are maintained in a separate system; the operator keeps its own in the ConfigMap `<run>-report`.)',
    '',
  ];
}

export function contacts({ plan }: Journey): readonly string[] {
  const { contacts: all } = plan.spec;
  const lines = all.length === 0 ? ['*   The plan names nobody: add `spec.contacts`.'] : all.map(contactLine);
  return ['## Contacts', '', ...lines, ''];
}

function contactLine({ role, name, channel }: Contact): string {
  const told = channel === undefined ? '' : ` (told by ${channel.kind})`;
  return `*   **${role}**${name === undefined ? '' : `: ${name}`}${told}`;
}
