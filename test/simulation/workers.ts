import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Done, Order } from './history-worker.ts';
import type { Tale } from './tale.ts';

/** Tells every tale, as many at a time as the machine has cores; the answers are in the tales' order. */
export async function tellAll(tales: readonly Tale[]): Promise<readonly Done[]> {
  const orders = tales.map((tale, index): Order => ({ index, tale }));
  const answers: Done[] = [];
  const hands = Math.max(1, Math.min(availableParallelism(), orders.length));
  await Promise.all(Array.from({ length: hands }, () => work(orders, answers)));
  return answers.sort((a, b) => a.index - b.index);
}

async function work(orders: Order[], answers: Done[]): Promise<void> {
  const worker = new Worker(new URL('./history-worker.ts', import.meta.url));
  try {
    for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
      answers.push(await ask(worker, order));
    }
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, order: Order): Promise<Done> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      reject(error);
    };
    worker.once('error', failed);
    worker.once('message', (done: Done) => {
      worker.off('error', failed);
      resolve(done);
    });
    worker.postMessage(order);
  });
}
