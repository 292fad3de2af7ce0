import type { TrafficRecord } from '../../../api/plan.ts';
import { shellWord } from '../../../api/shell-word.ts';
import type { EffectToken } from '../../outcome.ts';
import type { ByHand, Handover, Ownership } from '../driver.ts';
import { OWNERSHIP_TTL, swapOf } from './change.ts';
import { writeListed, type Listed } from './listed.ts';
import { ownershipName, ownershipText } from './ownership.ts';

/** What a Run's status has room for as a command (the CRD's maxLength of `next`). */
const LONGEST = 4096;

/** Sets that are shown: Route 53 lists a name's own, and then what is below it, its ownership record first of all. */
const SHOWN = '10';

export function route53Listing({ hostedZoneId, recordName }: TrafficRecord): string {
  const words = ['--hosted-zone-id', hostedZoneId, '--start-record-name', recordName, '--max-items', SHOWN];
  return ['aws route53 list-resource-record-sets', ...words.map(shellWord)].join(' ');
}

const none = (why: string): ByHand => ({ kind: 'None', why });

/**
 * The batch that the operator would send, as a command of the AWS CLI. It compares with what it finds in either case, so
 * one that rests on a wrong supposition changes nothing: there is no UPSERT here, which would write over what nobody read.
 */
export function route53ByHand(handover: Handover, token: EffectToken): ByHand {
  const listed = handover.listed ?? supposed(handover, token);
  if (listed === undefined) return none('neither its control plane nor all of its name servers have said whose it is');
  const { record, to, takeoverFrom } = handover;
  const action = { kind: 'Shift', to, listed, ...(takeoverFrom === undefined ? {} : { takeoverFrom }) } as const;
  const swap = swapOf(handover, action, token);
  switch (swap.kind) {
    case 'Already':
      return none(swap.detail);
    case 'Refused':
      return none(swap.message);
    case 'Batch': {
      const zone = `--hosted-zone-id ${shellWord(record.hostedZoneId)}`;
      const command = `aws route53 change-resource-record-sets ${zone} --change-batch ${shellWord(JSON.stringify(swap.batch))}`;
      if (command.length > LONGEST) return none('the batch is too long for the status of a run');
      return { kind: 'Command', command, comparesWith: handover.listed === undefined ? 'Supposed' : 'Listed' };
    }
  }
}

/** As the plan has it for the source, owned as the name servers say; undefined where they do not say it. */
function supposed({ record, from, ttl, served }: Handover, token: EffectToken): string | undefined {
  const ownership = served === undefined ? undefined : servedSet(record.recordName, served, token);
  if (ownership === undefined) return undefined;
  const values = (record.values[from] ?? []).map((Value) => ({ Value }));
  return writeListed({
    record: { Name: `${record.recordName}.`, Type: record.type, TTL: ttl, ResourceRecords: values },
    ownership,
  });
}

/** null: nobody's. Of another plan's the servers tell too little to write it down. */
function servedSet(recordName: string, owner: Ownership, { identity }: EffectToken): Listed['ownership'] | undefined {
  if (owner.kind === 'Unclaimed') return null;
  const name = ownershipName(recordName);
  if (owner.kind !== 'Mine' || name === undefined) return undefined;
  const text = ownershipText({ ...owner, identity });
  if (text === undefined) return undefined;
  return { Name: `${name}.`, Type: 'TXT', TTL: OWNERSHIP_TTL, ResourceRecords: [{ Value: `"${text}"` }] };
}
