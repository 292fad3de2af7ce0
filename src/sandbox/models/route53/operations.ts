import type { ModelTime } from '../time.ts';
import { applyBatch } from './change-batch.ts';
import { listRecordSets } from './listing.ts';
import { isFields, readChanges, readId, readText } from './read-input.ts';
import { refusals } from './refusals.ts';
import type { Call, Checked, Output, Refusal } from './shapes.ts';
import { describeZone } from './zones.ts';
import type { Zone } from './zones.ts';

/** The four operations over the account's state. Each takes effect at once or not at all. */
export interface Operations {
  perform(call: Call): Checked<Output>;
}

export interface OperationsOptions {
  readonly time: ModelTime;
  readonly zones: ReadonlyMap<string, Zone>;
  /** How long a change stays PENDING, ms. */
  readonly insyncDelayMs: number;
  /** How long after an accepted change its zone refuses another, ms. */
  readonly busyMs: number;
  readonly serverDelay: (server: string) => number;
  readonly batchErrorShape: () => Refusal['shape'];
}

interface Submitted {
  readonly at: number;
  readonly insyncAt: number;
  readonly comment: string | undefined;
}

const refused = (refusal: Refusal): Checked<Output> => ({ ok: false, refusal });

export function createOperations(options: OperationsOptions): Operations {
  const { time, zones } = options;
  const changes = new Map<string, Submitted>();

  const changeInfo = (id: string): Checked<Output> => {
    const change = changes.get(id);
    if (change === undefined) return refused(refusals.noSuchChange(id));
    const ChangeInfo = {
      Id: `/change/${id}`,
      Status: time.now() >= change.insyncAt ? 'INSYNC' : 'PENDING',
      SubmittedAt: change.at,
      ...(change.comment === undefined ? {} : { Comment: change.comment }),
    };
    return { ok: true, value: { ChangeInfo } };
  };

  const submit = (input: Call['input']): Checked<Output> => {
    const at = time.now();
    const id = `C${String(changes.size + 1).padStart(20, '0')}`;
    const batch = input.ChangeBatch;
    const comment = isFields(batch) ? readText(batch, 'Comment') : undefined;
    changes.set(id, { at, insyncAt: at + options.insyncDelayMs, comment });
    return changeInfo(id);
  };

  const changeRecordSets = (zone: Zone, input: Call['input']): Checked<Output> => {
    const now = time.now();
    if (now < zone.busyUntil) return refused(refusals.priorRequest());
    const read = readChanges(input);
    if (!read.ok) return read;
    const otherZone = (id: string): ReturnType<Zone['history']['current']> | undefined =>
      zones.get(id)?.history.current();
    const records = zone.history.current();
    const result = applyBatch({ id: zone.id, name: zone.name, records, otherZone }, read.value);
    if (result.kind === 'refused') {
      const shape = options.batchErrorShape();
      return refused({ code: 'InvalidChangeBatch', messages: result.messages, status: 400, shape });
    }
    zone.history.commit(result.records, now, options.serverDelay);
    zone.busyUntil = now + options.busyMs;
    return submit(input);
  };

  const withZone = (id: string, work: (zone: Zone) => Checked<Output>): Checked<Output> => {
    const zone = zones.get(id);
    return zone === undefined ? refused(refusals.noSuchHostedZone(id)) : work(zone);
  };

  return {
    perform({ operation, input }) {
      switch (operation) {
        case 'ChangeResourceRecordSets':
          return withZone(readId(input, 'HostedZoneId') ?? '', (zone) => changeRecordSets(zone, input));
        case 'ListResourceRecordSets':
          return withZone(readId(input, 'HostedZoneId') ?? '', (zone) => listRecordSets(zone.history.current(), input));
        case 'GetHostedZone':
          return withZone(readId(input, 'Id') ?? '', (zone) => ({ ok: true, value: describeZone(zone) }));
        case 'GetChange':
          return changeInfo(readId(input, 'Id') ?? '');
        default:
          return refused(refusals.notModelled(`the operation ${operation}`));
      }
    },
  };
}
