import { swapOf as right, type Swap } from '../../src/drivers/traffic/route53/change.ts';

/** Writes over whatever is there: the last writer wins. */
export function swapOf(...given: Parameters<typeof right>): Swap {
  const swap = right(...given);
  if (swap.kind !== 'Batch') return swap;
  const created = swap.batch.Changes.filter(({ Action }) => Action === 'CREATE');
  const changes = created.map((change) => ({ ...change, Action: 'UPSERT' as 'CREATE' }));
  return { ...swap, batch: { ...swap.batch, Changes: changes } };
}
