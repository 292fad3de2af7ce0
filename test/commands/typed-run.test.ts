import assert from 'node:assert/strict';
import { createAuthority } from '../../src/sandbox/certificates.ts';
import { serveKubeApi, type ServedKubeApi } from '../../src/sandbox/wire/kube-api/index.ts';
import { east, personToken, serverName, west } from '../scenarios/names.ts';
import { planName, planNamespace } from '../scenarios/objects.ts';
import { loseTheEast, orders, runIs, theEastReturns } from '../scenarios/outage.ts';
import { createStage, type Stage } from '../scenarios/stage.ts';
import { assertInvariants } from '../simulation/assert-invariants.ts';
import { createTypist, filled, type Typist } from './typist.ts';

/** What a step waits for, as kubectl reads it off the live status. */
interface Shown {
  readonly status?: {
    readonly phase?: string;
    readonly refusals?: readonly unknown[];
    readonly steps?: readonly {
      readonly id: string;
      readonly outcome?: { readonly state: string };
      readonly waitsFor?: { readonly reason: string; readonly next?: string };
    }[];
  };
}

/*
 * The whole operator in virtual time, and its management cluster served over TLS: a person with the real kubectl moves the
 * plan, reads what the live status prints, and types that verbatim. Time passes between the commands alone, so nothing waits
 * for anything but conditions.
 */
describe('a forced run, moved on by what its live status prints, typed with kubectl', function () {
  this.timeout(300_000);
  let stage: Stage;
  let server: ServedKubeApi;
  let typist: Typist;
  let killedAt: number;

  before(async () => {
    // Less than is lost: it asks for everything that a forced run can ask for.
    stage = createStage({ plan: { objectives: { rto: '15m', rpo: '1s' } } });
    const authority = await createAuthority('typed run');
    const tls = await authority.issue({ names: ['127.0.0.1', 'localhost'] });
    server = await serveKubeApi(stage.world.management, { tls });
    typist = await createTypist({
      server: server.url,
      ca: authority.ca,
      token: personToken,
      namespace: planNamespace,
    });
    killedAt = await loseTheEast(stage);
  });
  after(async () => {
    await server.close();
    await typist.end();
  });

  async function read(): Promise<Shown> {
    return JSON.parse(await typist.typed(`kubectl get drrun ${planName}-1 -n ${planNamespace} -o json`)) as Shown;
  }

  /** Waits until a step asks for it, and types what kubectl reads there. @returns the step's id. */
  async function answer(reason: string): Promise<string> {
    await stage.until(`it asks for ${reason}`, () => stage.person.isAskedFor(reason));
    const steps = (await read()).status?.steps ?? [];
    const step = steps.find(({ outcome, waitsFor }) => outcome === undefined && waitsFor?.reason === reason);
    const next = step?.waitsFor?.next;
    assert.ok(step !== undefined && next !== undefined, `${reason} says what to type`);
    await typist.typed(filled(next, killedAt));
    await stage.until(`${step.id} waits for ${reason} no more`, () => {
      const now = stage.person.step(step.id);
      return now?.outcome !== undefined || now?.waitsFor?.reason !== reason;
    });
    return step.id;
  }

  it('is begun, approved, attested and accepted, and ends in success', async () => {
    await typist.typed(
      `kubectl patch drplan ${planName} -n ${planNamespace} --type=merge -p '{"spec":{"activeRegion":"${west}"}}'`,
    );
    assert.equal(await answer('ApprovalRequired'), 'approve');
    assert.equal(await answer('FenceNotProven'), 'fence/orders');
    assert.equal(orders(stage).role(serverName('orders', west)), 'Replica', 'nothing is promoted before the last word');
    assert.equal(await answer('DataLossUnaccepted'), 'promote/orders');
    await stage.until('it is healthy', () => stage.person.run()?.status?.milestones?.sustained !== undefined);
    await theEastReturns(stage);
    await runIs(stage, 'Succeeded');
    const { status } = await read();
    assert.equal(status?.phase, 'Succeeded');
    assert.deepEqual(status.refusals ?? [], [], 'no word of it was refused');
    assert.equal(orders(stage).role(serverName('orders', west)), 'Primary');
    assert.equal(orders(stage).role(serverName('orders', east)), 'Replica');
    assertInvariants(stage);
  });
});
