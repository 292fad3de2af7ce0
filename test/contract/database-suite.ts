import assert from 'node:assert/strict';
import { STATEMENT_NAMES } from '../../src/drivers/databases/postgresql/statements.ts';
import { readingCases } from './database-reading.ts';
import { announcingCases, fencingCases } from './database-fencing.ts';
import { intruderCases } from './database-intruders.ts';
import { promotionCases } from './database-promotion.ts';
import { ran } from './matrix.ts';
import type { Against } from './matrix.ts';
import type { CreateDriver, DatabaseWorld } from './database-world.ts';

/**
 * What every driver of databases must do, on the model and on the real thing alike. `createWorld` makes a fresh one;
 * one is shared by the cases that leave it as they found it.
 */
export function databaseSuite(
  driver: string,
  against: Against,
  createDriver: CreateDriver,
  createWorld: () => Promise<DatabaseWorld>,
): void {
  const exercised = new Set<string>();
  const worlds: DatabaseWorld[] = [];
  const made = async (): Promise<DatabaseWorld> => {
    const world = await createWorld();
    worlds.push(world);
    return world;
  };
  after(async () => {
    for (const world of worlds) await world.end();
  });
  afterEach(function () {
    if (this.currentTest?.state === 'passed') ran('databases', driver, against);
    for (const world of worlds) for (const name of world.exercised) exercised.add(name);
  });
  const shared = once(made);
  readingCases(createDriver, shared);
  fencingCases(createDriver, shared);
  intruderCases(createDriver, shared);
  announcingCases(createDriver, shared);
  promotionCases(createDriver, made);
  it('ran every statement of the catalogue', () => {
    assert.deepEqual([...exercised].sort(), [...STATEMENT_NAMES].sort());
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
