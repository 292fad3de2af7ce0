import { parentPort } from 'node:worker_threads';
import { play } from './generate.ts';
import { judge, type Verdict } from './judge.ts';
import type { Tale } from './tale.ts';

export interface Order {
  readonly index: number;
  readonly tale: Tale;
}

export type Done = { readonly index: number } & ({ readonly verdict: Verdict } | { readonly failure: string });

async function tell({ index, tale }: Order): Promise<Done> {
  try {
    return { index, verdict: judge(await play(tale)) };
  } catch (error) {
    return { index, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on('message', (order: Order) => {
  void tell(order).then((done) => parentPort?.postMessage(done));
});
