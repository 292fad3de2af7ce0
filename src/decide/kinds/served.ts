import type { Known } from '../../api/fact.ts';
import type { Ownership, TrafficAnswers } from '../../drivers/traffic/driver.ts';

/** All of them, and there is one. */
export function everyServer({ servers }: TrafficAnswers, region: string): boolean {
  return servers.length > 0 && servers.every((s) => s.answers.kind === 'Region' && s.answers.region === region);
}

/** Whose the name is, where all its servers say, and say the same. */
export function servedOwnership({ servers }: TrafficAnswers): Ownership | undefined {
  const [first, ...others] = servers.map(({ ownership }) => ownership);
  const same = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return same ? first : undefined;
}

export function serverNames({ value }: Known<TrafficAnswers>): readonly string[] {
  return value.servers.map(({ name }) => name);
}
