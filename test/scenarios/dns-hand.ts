import type { RecordSet } from '../../src/sandbox/models/route53/index.ts';
import { changeInput } from '../support/aws-command.ts';
import { recordName, zoneId } from './names.ts';
import type { World } from './world.ts';

/** Somebody with rights of their own in the zone: what no run expects. */
const caller = { region: 'us-east-1', accessKeyId: 'ANOTHER-HAND' } as const;

export const ownerName = `_maestro-dr.${recordName}`;

/** Puts the platform's record to `value`, as a person at the console would. @throws Error where Route 53 refuses. */
export function setRecord(world: World, value: string): void {
  upsert(world, { Name: recordName, Type: 'CNAME', TTL: world.seed.ttl, ResourceRecords: [{ Value: value }] });
}

/** Takes the platform's record away, as a person at the console would. */
export function removeRecord(world: World): void {
  const sets = [...(world.route53.currentZone(zoneId)?.records.values() ?? [])];
  const set = sets.find(({ Name, Type }) => Name.replace(/\.$/, '') === recordName && Type === 'CNAME');
  if (set !== undefined) change(world, 'DELETE', set);
}

/** A TXT at `name`, its text unquoted. */
export function setText(world: World, name: string, text: string): void {
  upsert(world, { Name: name, Type: 'TXT', TTL: world.seed.ttl, ResourceRecords: [{ Value: `"${text}"` }] });
}

/** Types a command of the AWS CLI, to the letter, where the control plane answers people. @throws Error as setRecord. */
export function typeAws(world: World, command: string | undefined): void {
  const reply = world.route53.perform({
    operation: 'ChangeResourceRecordSets',
    input: changeInput(command),
    caller,
  });
  if (reply.kind === 'refused') throw new Error(reply.refusal.messages.join(' '));
}

/** What stands at the name now, as the control plane holds it; quotes and all. */
export function recordValues(world: World, name: string, type: string): readonly string[] {
  const sets = [...(world.route53.currentZone(zoneId)?.records.values() ?? [])];
  const found = sets.find((set) => set.Name.replace(/\.$/, '') === name && set.Type === type);
  return (found?.ResourceRecords ?? []).map((record) => record.Value);
}

/** Every change that the operator sent and Route 53 took. */
export function operatorChanges(world: World): readonly string[] {
  return world.changes
    .filter((entry) => entry.operation === 'ChangeResourceRecordSets' && entry.verdict === 'accepted')
    .filter((entry) => entry.caller.accessKeyId !== caller.accessKeyId)
    .map((entry) => (entry.changes ?? []).map((c) => `${c.Action} ${c.ResourceRecordSet.Type}`).join(', '));
}

function upsert(world: World, set: RecordSet): void {
  change(world, 'UPSERT', set);
}

function change(world: World, Action: 'UPSERT' | 'DELETE', set: RecordSet): void {
  const input = { HostedZoneId: zoneId, ChangeBatch: { Changes: [{ Action, ResourceRecordSet: set }] } };
  const reply = world.route53.perform({ operation: 'ChangeResourceRecordSets', input, caller });
  if (reply.kind === 'refused') throw new Error(`${set.Name}: ${reply.refusal.messages.join(' ')}`);
}
