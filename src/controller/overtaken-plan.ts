import type { KubeObject } from '../kube/object.ts';
import type { Runtime } from './runtime.ts';

/**
 * A write that met another version than `object`: all is decided again on what is `there` by the API server itself, for
 * the cache may go on showing the old one, and every further write would be refused as this one was.
 */
export function decideOnWhatIsThere(
  runtime: Runtime,
  key: string,
  object: KubeObject,
  there: KubeObject | undefined,
): void {
  // One that is gone tells of itself when its cache hears of it.
  if (there === undefined) {
    runtime.ownWrites.gone(`plan/${key}`, object);
    return;
  }
  runtime.ownWrites.read(`plan/${key}`, object, there);
  runtime.planQueue.retry(key);
}
