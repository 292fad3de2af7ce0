import assert from 'node:assert/strict';
import { parseDuration } from '../../src/api/duration.ts';
import { east, serverName, west } from './names.ts';
import type { ShownRecovery } from './person.ts';
import type { Stage } from './stage.ts';

interface Taken {
  readonly at: number;
  readonly id: string;
}

/** What an application that writes to every database got acknowledged in the east: the truth that reports are held to. */
export interface Books {
  /** The truth of one database: when its data cease in the west. `endedAt`: when the last application was shut out, or all died. */
  ceasesAt(name: string, endedAt?: number): number;
}

const everyMs = 70;

/** An application of two and more databases: it writes to each at the same instant, straight to the servers of the east. */
export function keepBooks(stage: Stage, names: readonly string[]): Books {
  const { time, postgresql } = stage.world;
  const taken = new Map<string, Taken[]>(names.map((name) => [name, []]));
  const turn = (): void => {
    for (const name of names) {
      const id = `b-${String(time.now())}`;
      const answer = postgresql[name]?.write(serverName(name, east), 'shop', id);
      if (answer?.acknowledged === true) taken.get(name)?.push({ at: time.now(), id });
    }
    time.after(everyMs, turn);
  };
  turn();
  return {
    ceasesAt(name, endedAt = shutAt(stage, name)) {
      const there = new Set(postgresql[name]?.rows(serverName(name, west)));
      const [promotion] = postgresql[name]?.timelineHistory(serverName(name, west)) ?? [];
      assert.ok(promotion !== undefined, `${name} was promoted`);
      const before = (taken.get(name) ?? []).filter(({ at }) => at < promotion.at);
      assert.ok(before.length > 50, `${name} was written to`);
      const missing = before.find(({ id }) => !there.has(id));
      return missing?.at ?? endedAt;
    },
  };
}

/** By the server's own witness: the first statement that took the application's login away. */
function shutAt(stage: Stage, name: string): number {
  const fence = stage.world.postgresql[name]?.witnessed.find(
    ({ statement, server, refused }) =>
      statement === 'fence' && server === serverName(name, east) && refused === undefined,
  );
  return fence?.at ?? assert.fail(`${name} was never fenced`);
}

export function recoveryOf(stage: Stage, name: string): ShownRecovery {
  const rows = stage.person.run()?.status?.recovery ?? [];
  return rows.find(({ database }) => database === name) ?? assert.fail(`nothing is said of ${name}`);
}

/** The reported point lies around the true one. Statuses hold whole milliseconds, the world has fractions of them. */
export function assertPoint(stage: Stage, name: string, ceased: number): void {
  const { point } = recoveryOf(stage, name);
  assert.ok(point !== undefined, `the recovery point of ${name} is known`);
  const [earliest, latest] = [Date.parse(point.earliest), Date.parse(point.latest)];
  assert.ok(earliest <= ceased, `${name}: not all until ${point.earliest} is there, it ceases at ${iso(ceased)}`);
  assert.ok(ceased < latest + 1, `${name}: more than until ${point.latest} is there, it ceases at ${iso(ceased)}`);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

export function skewOf(stage: Stage): { readonly atMost?: string; readonly unknownOf?: readonly string[] } | undefined {
  return stage.person.run()?.status?.recoverySkew;
}

/** The reported bound, ms. */
export function skewMs(stage: Stage): number {
  const shown = skewOf(stage)?.atMost;
  return (shown === undefined ? undefined : parseDuration(shown)) ?? assert.fail('the skew is known');
}

/** No two databases are further apart than was said. */
export function assertSkew(stage: Stage, ceased: readonly number[]): void {
  const apart = Math.max(...ceased) - Math.min(...ceased);
  assert.ok(apart < skewMs(stage) + 1, `${String(apart)} ms apart, and ${String(skewMs(stage))} was said`);
}
