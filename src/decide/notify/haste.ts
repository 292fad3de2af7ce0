import { isHistory, type Topic } from './topic.ts';

/** How soon what a contact was told before has to be read, so that it can be told what there is to tell now. */
export type Haste = 'Now' | 'Soon' | 'Later';

/**
 * `Now`: of a run, or what somebody has to act on. `Later`: nothing is the case that could be told, whatever is remembered,
 * but that something is over; and that can wait.
 */
export function hasteOf(topics: readonly Topic[], now: number): Haste {
  const tellable = tellableOf(topics, now);
  if (tellable.some(({ run, severity }) => run !== undefined || severity === 'Critical')) return 'Now';
  return tellable.length > 0 ? 'Soon' : 'Later';
}

/** Somebody may have to answer it while something is moved. */
export function tellsOfRun(topics: readonly Topic[], now: number): boolean {
  return tellableOf(topics, now).some(({ run }) => run !== undefined);
}

function tellableOf(topics: readonly Topic[], now: number): readonly Topic[] {
  return topics.filter((topic) => topic.unclear !== true && !isHistory(topic, now));
}
