import type { Sample } from '../../../src/record/metrics/sample.ts';

/** `family{label=value,…}` -> value, without what every sample of the test says alike. */
export function shown(samples: readonly Sample[], without: readonly string[] = ['plan_namespace', 'plan']): object {
  return Object.fromEntries(
    samples.map(({ family, labels, value }) => {
      const pairs = Object.entries(labels).flatMap(([name, text]) =>
        without.includes(name) ? [] : [`${name}=${text ?? ''}`],
      );
      return [`${family}{${pairs.join(',')}}`, value];
    }),
  );
}
