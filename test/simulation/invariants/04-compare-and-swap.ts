import type { Invariant } from './invariant.ts';
import { batches, time } from './reading.ts';

export const compareAndSwap: Invariant = {
  number: 4,
  name: 'a record is never empty, never names a third target, and is swapped together with its ownership',
  premise: (history) => batches(history).length > 0,
  violations(history) {
    const found: string[] = [];
    let owned = 0;
    for (const batch of batches(history)) {
      const when = `batch of epoch ${String(batch.epoch)} at ${time(batch.at)}`;
      if (batch.upserts) found.push(`${when} writes over whatever is there (UPSERT)`);
      if (batch.values?.length === 0) found.push(`${when} leaves the record empty`);
      if (batch.values !== undefined && batch.to === undefined) {
        found.push(`${when} names a third target: ${batch.values.join(' ')}`);
      }
      if (batch.values !== undefined && !batch.deletesRecord) found.push(`${when} does not compare the record`);
      if (owned > 0 && !batch.deletesOwner) found.push(`${when} does not compare the ownership`);
      if ((batch.epoch ?? 0) < owned) found.push(`${when} won against epoch ${String(owned)}`);
      owned = batch.epoch ?? owned;
    }
    return found;
  },
};
