import { request } from 'node:http';
import type { RunnableContainer, RunnablePod } from '../models/kube-api/index.ts';
import type { Address } from '../link.ts';
import { isObject, numberAt, stringAt } from '../models/kube-api/json.ts';
import { specOf } from './volumes.ts';

const FIRST_MS = 50;
const TIMEOUT_MS = 2_000;

/**
 * The container's `readinessProbe.httpGet`, asked every `periodSeconds`; without one it is ready as soon as it listens.
 * Tells changes only. @returns what stops it.
 */
export function startReadiness(
  pod: RunnablePod,
  container: RunnableContainer,
  address: Address,
  tell: (ready: boolean) => void,
): () => void {
  const probe = specOf(pod, container)?.['readinessProbe'];
  if (!isObject(probe) || !isObject(probe['httpGet'])) {
    tell(true);
    return () => undefined;
  }
  const path = stringAt(probe, 'httpGet', 'path') ?? '/';
  const period = numberAt(probe, 'periodSeconds') ?? 10;
  let was: boolean | undefined;
  let stopped = false;
  let timer = setTimeout(ask, FIRST_MS);
  function ask(): void {
    void get(address, path).then((ready) => {
      if (stopped) return;
      if (ready !== was) tell(ready);
      was = ready;
      timer = setTimeout(ask, period * 1_000);
    });
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function get({ host, port }: Address, path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const asked = request({ host, port, path, agent: false, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    asked.once('timeout', () => {
      asked.destroy(new Error('no answer in time'));
    });
    asked.once('error', () => {
      resolve(false);
    });
    asked.end();
  });
}
