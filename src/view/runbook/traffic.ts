import type { TrafficRecord } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { identityHash } from '../../api/identity.ts';
import { ownershipName } from '../../drivers/traffic/route53/ownership.ts';
import { canonicalValue } from '../../drivers/traffic/route53/record-set.ts';
import { named, type Block, type Guide, type Journey } from './guide.ts';
import { hereDocument, shellVariable, variableName, word } from './shell.ts';

const recordOf = (step: Step, { plan }: Journey): TrafficRecord => named(plan.spec.traffic, step);

/** Seconds; as the operator's own. */
const ownershipTtl = 60;

/** As Route 53 lists it: a final dot, and `*` as an octal escape. */
const listedName = (name: string): string => `${name.replace(/^\*/, String.raw`\052`)}.`;

/** One set, or `null`: Route 53 lists from the given name and type on, so the first is it or it is not there. */
function listed({ hostedZoneId }: TrafficRecord, name: string, type: string, pick: string): string {
  const filter = `ResourceRecordSets[?Name=='${listedName(name)}' && Type=='${type}']`;
  const at = `--hosted-zone-id ${word(hostedZoneId)} --start-record-name ${word(name)} --start-record-type ${type} --max-items 1`;
  return `aws route53 list-resource-record-sets ${at} --query "${pick.replace('SETS', filter)}"`;
}

/** One line whatever the notation: small letters, no final dot, in the order of bytes. */
export const comparing: Block = Object.freeze({
  says: 'How values of a record are compared, whatever their order, case and final dots.',
  sh: `plain() { tr '[:upper:]\\t ' '[:lower:]\\n\\n' | sed 's/[.]$//' | LC_ALL=C sort | paste -s -d ' ' -; }`,
});

function valuesAt(record: TrafficRecord): string {
  return `${listed(record, record.recordName, record.type, 'SETS.ResourceRecords[].Value')} --output text | plain`;
}

/** As `plain` prints them. */
function valuesOf({ type, values }: TrafficRecord, region: string): string {
  return (values[region] ?? [])
    .map((value) => canonicalValue(type, value))
    .toSorted()
    .join(' ');
}

/** Where the shell keeps the TTL that a record had before it was moved, in seconds. */
export function formerTtl({ name }: TrafficRecord): string {
  return variableName('ttl', name);
}

/** The ownership text that the name has now: whose it is, and the epoch of the last move. */
export function ownerText(record: TrafficRecord): string {
  return `${listed(record, ownerName(record), 'TXT', 'SETS.ResourceRecords[].Value')} --output text`;
}

function ownerName({ recordName }: TrafficRecord): string {
  return ownershipName(recordName) ?? `_maestro-dr.${recordName}`;
}

export function preflightTraffic(step: Step, journey: Journey): Guide {
  const record = recordOf(step, journey);
  return {
    does: [
      {
        says: `Who owns the name: \`id=${identityHash(journey.plan.spec.identity)}\` is this plan; nothing is nobody yet. Anybody else's is not written over: let them give it up.`,
        sh: ownerText(record),
      },
    ],
    verifies: [
      {
        says: `${record.recordName} points to ${journey.source}.`,
        sh: valuesAt(record),
        prints: valuesOf(record, journey.source),
      },
    ],
  };
}

export function shift(step: Step, journey: Journey): Guide {
  const record = recordOf(step, journey);
  const file = `"$DR/${record.name}.json"`;
  return {
    does: [
      {
        says: `One batch from what is listed to what is wanted, the ownership with it: it fails where somebody else has changed either meanwhile. Read it before you send it: DELETE must show ${valuesOf(record, journey.source)}.`,
        sh: [
          `${formerTtl(record)}=$(${listed(record, record.recordName, record.type, 'SETS.TTL | [0]')} --output text)`,
          `RECORD=$(${listed(record, record.recordName, record.type, 'SETS | [0]')} --output json)`,
          `OWNER=$(${listed(record, ownerName(record), 'TXT', 'SETS | [0]')} --output json)`,
          'if [ "$OWNER" = null ]; then OWNED=; else OWNED="{ \\"Action\\": \\"DELETE\\", \\"ResourceRecordSet\\": $OWNER },"; fi',
          `cat > ${file} ${hereDocument(batch(record, journey), 'JSON')}`,
          `cat ${file}`,
        ].join('\n'),
      },
      {
        says: 'Sent, and its change followed until Route 53 has it everywhere.',
        sh: [
          `CHANGE=$(aws route53 change-resource-record-sets --hosted-zone-id ${word(record.hostedZoneId)} --change-batch "file://"${file} --query ChangeInfo.Id --output text)`,
          'aws route53 wait resource-record-sets-changed --id "$CHANGE"',
        ].join('\n'),
      },
    ],
    verifies: [
      {
        says: `${record.recordName} points to ${journey.target}.`,
        sh: valuesAt(record),
        prints: valuesOf(record, journey.target),
      },
    ],
  };
}

/** The same batch as the driver's: all DELETEs of what was listed, then all CREATEs. */
function batch(record: TrafficRecord, journey: Journey): string {
  const { plan, target } = journey;
  const owner = `heritage=maestro-dr,v=1,id=${identityHash(plan.spec.identity)},epoch=${shellVariable('EPOCH')},region=${target},run=by-hand`;
  const created = (set: Readonly<Record<string, unknown>>): string =>
    `    { "Action": "CREATE", "ResourceRecordSet": ${json(set)} }`;
  const values = (record.values[target] ?? []).map((value) => ({ Value: canonicalValue(record.type, value) }));
  return [
    `{ "Comment": "by hand, epoch ${shellVariable('EPOCH')}",`,
    '  "Changes": [',
    `    { "Action": "DELETE", "ResourceRecordSet": ${shellVariable('RECORD')} },`,
    `    ${shellVariable('OWNED')}`,
    `${created({ Name: record.recordName, Type: record.type, TTL: record.ttl, ResourceRecords: values })},`,
    created({
      Name: ownerName(record),
      Type: 'TXT',
      TTL: ownershipTtl,
      ResourceRecords: [{ Value: `"${owner}"` }],
    }),
    '  ]',
    '}',
  ].join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(String.raw`\u0001`, '\u0001')
    .replaceAll(String.raw`\u0002`, '\u0002');
}

export function observeTraffic(step: Step, journey: Journey): Guide {
  const record = recordOf(step, journey);
  const servers = variableName('servers', record.name);
  const ask = `dig @"$SERVER" ${word(record.recordName)} ${record.type} +norecurse +short`;
  const block: Block = {
    says: `Each of the zone's own servers answers ${journey.target}; it prints each answer once. Those of a private zone cannot be asked from here: then it prints what is listed, and that the change was followed to its end in shift/${record.name} is the proof.`,
    sh: [
      `${servers}=$(aws route53 get-hosted-zone --id ${word(record.hostedZoneId)} --query 'DelegationSet.NameServers' --output text)`,
      `if [ "$${servers}" = None ]; then ${valuesAt(record)}; else for SERVER in $${servers}; do ${ask} | plain; done | sort -u; fi`,
    ].join('\n'),
    prints: valuesOf(record, journey.target),
  };
  return { does: [], verifies: [block] };
}
