import assert from 'node:assert/strict';
import type { Fact } from '../../src/api/fact.ts';
import type { ApplyResult, EffectToken } from '../../src/drivers/outcome.ts';
import type { TrafficAction, TrafficAnswers, TrafficRef, TrafficState } from '../../src/drivers/traffic/driver.ts';
import type { RecordSet, Route53Options } from '../../src/sandbox/models/route53/index.ts';
import { ran } from './matrix.ts';
import { cname, FAR, NEAR, ZONE } from './route53-world.ts';
import { EAST_REGION, NAME, owner, refOf, trafficWorld, WEST_REGION } from './traffic-world.ts';
import type { TrafficSubject, TrafficWorld } from './traffic-world.ts';

export const EAST = cname(NAME, 'lb-use1.example.net');
export const WEST = cname(NAME, 'lb-usw2.example.net');
export const signal = (): AbortSignal => new AbortController().signal;
export const at = (region: string): object => ({ kind: 'Region', region });
export const mine = (epoch: number, region: string): object => ({
  kind: 'Mine',
  epoch,
  region,
  runUid: `run-${String(epoch)}`,
});

/** A world for each test, and the driver's calls in short; fresh, the record is in the east and owned by epoch 1. */
export interface TrafficBench {
  readonly world: TrafficWorld;
  readonly restart: (records: readonly RecordSet[], options?: Partial<Route53Options>) => Promise<void>;
  readonly observe: (ref?: TrafficRef) => Promise<TrafficState>;
  readonly answers: (ref?: TrafficRef) => Promise<TrafficAnswers>;
  readonly apply: (action: TrafficAction, token: EffectToken, ref?: TrafficRef) => Promise<ApplyResult>;
  /** A shift from what is there now. */
  readonly toWest: (ref?: TrafficRef) => Promise<TrafficAction>;
  /** Batches that reached the service, refused ones too. */
  readonly writes: () => number;
  readonly held: (name?: string) => readonly RecordSet[];
  /** The ownership record's values. */
  readonly texts: () => readonly string[];
  /** The record's own values. */
  readonly target: () => readonly string[];
}

export function trafficBench(subject: TrafficSubject): TrafficBench {
  let world: TrafficWorld | undefined;
  const current = (): TrafficWorld => {
    assert.ok(world !== undefined, 'the world has not been started');
    return world;
  };
  const start = async (records: readonly RecordSet[], options?: Partial<Route53Options>): Promise<void> => {
    world = await trafficWorld(subject, records, options);
  };
  beforeEach(async () => start([EAST, owner(1, EAST_REGION)]));
  afterEach(async function closed() {
    await world?.close();
    if (this.currentTest?.state === 'passed') ran('traffic', 'route53', subject.against);
  });
  const observe = async (ref = refOf()): Promise<TrafficState> =>
    valueOf(await current().observer.observe(ref, signal()));
  const held = (name = NAME): readonly RecordSet[] =>
    [...(current().model.currentZone(ZONE)?.records.values() ?? [])].filter((set) => set.Name === `${name}.`);
  const values = (sets: readonly RecordSet[]): readonly string[] =>
    sets.flatMap((set) => set.ResourceRecords ?? []).map(({ Value }) => Value);
  return {
    get world() {
      return current();
    },
    restart: async (records, options) => {
      await current().close();
      world = undefined;
      await start(records, options);
    },
    observe,
    answers: async (ref = refOf()) => valueOf(await current().observer.answers(ref, [NEAR, FAR], signal())),
    apply: async (action, token, ref = refOf()) => current().actuator.apply(ref, action, token, signal()),
    toWest: async (ref = refOf()) => ({ kind: 'Shift', to: WEST_REGION, listed: (await observe(ref)).listed }),
    writes: () => current().audit.filter((entry) => entry.operation === 'ChangeResourceRecordSets').length,
    held,
    texts: () => values(held(`_maestro-dr.${NAME}`)),
    target: () => values(held().filter(({ Type }) => Type !== 'TXT')),
  };
}

export function valueOf<T>(fact: Fact<T>): T {
  assert.ok(fact.known, fact.known ? '' : `${fact.why}: ${fact.detail}`);
  assert.equal(fact.generation, 7);
  return fact.value;
}

export function refuses(result: ApplyResult, code: string, message: RegExp): void {
  assert.ok(result.kind === 'Refused', JSON.stringify(result));
  assert.equal(result.code, code);
  assert.match(result.message, message);
}

/** Somebody else's batch, past every operator. */
export function put(world: TrafficWorld, removed: readonly RecordSet[], added: readonly RecordSet[]): void {
  const Changes = [
    ...removed.map((set) => ({ Action: 'DELETE', ResourceRecordSet: set })),
    ...added.map((set) => ({ Action: 'CREATE', ResourceRecordSet: set })),
  ];
  const input = { HostedZoneId: ZONE, ChangeBatch: { Changes } };
  const caller = { region: 'us-east-1', accessKeyId: 'SOMEBODY' };
  const reply = world.model.perform({ operation: 'ChangeResourceRecordSets', input, caller });
  assert.equal(reply.kind, 'output', JSON.stringify(reply));
}
