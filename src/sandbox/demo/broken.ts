import type { RULES } from './judge/index.ts';
import type { Verdict } from './judge/verdict.ts';

/** What each BREAK that `make demo` offers must break, and nothing else. */
export const OWN: Readonly<Record<string, keyof typeof RULES>> = Object.freeze({
  fence: 'one-writer',
  cas: 'dns-by-compare-and-swap',
  intent: 'intent-before-act',
  position: 'planned-loses-nothing',
  'traffic-gate': 'traffic-after-open',
  'standing-fence': 'standing-fence',
});

/** Whether a broken operator was told by its own invariant, and by no other. */
export function sayBroken(name: string, verdicts: readonly Verdict[]): string {
  const broken = verdicts.filter(({ holds }) => !holds).map(({ invariant }) => invariant);
  const own = OWN[name];
  if (own === undefined) {
    const what = broken.length === 0 ? 'none' : broken.join(', ');
    return `BREAK=${name} has no invariant of its own in the demo; it broke ${what}.`;
  }
  const others = broken.filter((invariant) => invariant !== own).join(', ');
  if (broken.includes(own)) {
    return `BREAK=${name} broke its own invariant, ${own}, ${others === '' ? 'and no other' : `BUT ALSO ${others}`}.`;
  }
  const reached = verdicts.some(({ invariant }) => invariant === own);
  const unreached = reached ? '' : ': the story did not come to where it is judged';
  return `BREAK=${name} DID NOT BREAK its own invariant, ${own}, ${others === '' ? 'nor any other' : `but ${others}`}${unreached}.`;
}

/** 2: an invariant was broken. 1: none was, but the story stopped. 0: it was told to its end, and all of them held. */
export function exitCode(verdicts: readonly Verdict[], stopped: string | undefined): 0 | 1 | 2 {
  if (verdicts.some(({ holds }) => !holds)) return 2;
  return stopped === undefined ? 0 : 1;
}
