import assert from 'node:assert/strict';
import { AwsError } from '../../../src/ports/aws.ts';
import type { Aws } from '../../../src/ports/aws.ts';
import type { Change, Route53Options } from '../../../src/sandbox/models/route53/index.ts';
import { ZONE } from '../route53-world.ts';
import type { World } from '../route53-world.ts';

/** Something that speaks Route 53 through the Aws port. `start` gives a fresh account over a fresh model. */
export interface Route53Subject {
  readonly name: string;
  readonly start: (options?: Partial<Route53Options>) => Promise<Running>;
}

export type Running = World & { readonly aws: Pick<Aws, 'send'>; close(): Promise<void> };
type Output = Record<string, unknown>;

export interface Expected {
  readonly code: string;
  readonly status: number;
  readonly ambiguous: boolean;
  readonly message: RegExp | string;
}

export interface Route53Harness {
  readonly running: () => Running;
  /** Begins again, with another account. */
  readonly start: (options?: Partial<Route53Options>) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly send: (operation: string, input: Output, signal?: AbortSignal) => Promise<Output>;
  readonly change: (changes: readonly Change[], zone?: string) => Promise<Output>;
  readonly list: (input?: Output) => Promise<Output>;
  /** The whole list. */
  readonly records: () => Promise<unknown>;
  readonly refuses: (work: Promise<unknown>, expected: Expected) => Promise<void>;
  /** InvalidChangeBatch with these messages, and nothing of the batch in the zone. */
  readonly refusesBatch: (changes: readonly Change[], ...messages: readonly string[]) => Promise<void>;
}

export function route53Harness(subject: Route53Subject): Route53Harness {
  let current: Running | undefined;
  const running = (): Running => {
    assert.ok(current !== undefined, 'start it first');
    return current;
  };
  const send: Route53Harness['send'] = async (operation, input, signal = AbortSignal.timeout(20_000)) =>
    running().aws.send({ service: 'route53', operation, input, region: 'us-west-2' }, signal);
  const change: Route53Harness['change'] = async (changes, zone = ZONE) =>
    send('ChangeResourceRecordSets', { HostedZoneId: zone, ChangeBatch: { Changes: changes } });
  const list: Route53Harness['list'] = async (input = {}) =>
    send('ListResourceRecordSets', { HostedZoneId: ZONE, ...input });
  const records = async (): Promise<unknown> => (await list()).ResourceRecordSets;
  const close = async (): Promise<void> => {
    await current?.close();
    current = undefined;
  };
  return {
    running,
    async start(options) {
      await close();
      current = await subject.start(options);
    },
    close,
    send,
    change,
    list,
    records,
    refuses,
    async refusesBatch(changes, ...messages) {
      const before = await records();
      const message = `[${messages.join(', ')}]`;
      await refuses(change(changes), { code: 'InvalidChangeBatch', status: 400, ambiguous: false, message });
      assert.deepEqual(await records(), before, 'a refused batch left something behind');
    },
  };
}

async function refuses(work: Promise<unknown>, expected: Expected): Promise<void> {
  const error = await work.then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AwsError, String(error));
  const { code, status, ambiguous } = expected;
  assert.deepEqual({ code: error.code, status: error.status, ambiguous: error.ambiguous }, { code, status, ambiguous });
  if (typeof expected.message === 'string') assert.equal(error.message, expected.message);
  else assert.match(error.message, expected.message);
}

/** A page of the list, each record set as `name type identifier`. */
export function names(output: Output): readonly string[] {
  return (output.ResourceRecordSets as readonly { Name: string; Type: string; SetIdentifier?: string }[]).map(
    ({ Name, Type, SetIdentifier }) => [Name, Type, SetIdentifier].filter((part) => part !== undefined).join(' '),
  );
}
