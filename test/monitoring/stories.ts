import assert from 'node:assert/strict';
import { orders, failOver, loseTheEast, podFault, runIs, settle, theEastReturns } from '../scenarios/outage.ts';
import { east, serverName, west } from '../scenarios/names.ts';
import { ask } from '../scenarios/objects.ts';
import type { StageOptions } from '../scenarios/stage.ts';
import { createScrapedStage, type ScrapedStage } from './scrapes.ts';

/** At this moment exactly these alerts fire. */
export interface Mark {
  /** Virtual ms. */
  readonly at: number;
  readonly firing: readonly string[];
}

export interface ToldStory extends ScrapedStage {
  readonly marks: readonly Mark[];
}

type Firing = (...alerts: readonly string[]) => void;

/** What makes an alert fire, and what ends it. */
export interface Story {
  readonly name: string;
  readonly options?: StageOptions;
  readonly tell: (scraped: ScrapedStage, firing: Firing) => Promise<void>;
}

const minutes = (count: number): number => count * 60_000;

export async function tellStory(story: Story): Promise<ToldStory> {
  const scraped = createScrapedStage(story.options);
  const marks: Mark[] = [];
  await story.tell(scraped, (...alerts) => {
    marks.push({ at: scraped.stage.kernel.now(), firing: alerts });
  });
  // Whatever was marked last is seen by a scrape after it.
  await scraped.stage.pass(scraped.everyMs);
  return { ...scraped, marks };
}

async function move(scraped: ScrapedStage, to: typeof east | typeof west, count: number): Promise<void> {
  const { stage } = scraped;
  stage.person.setActiveRegion(to);
  await stage.until(
    `it has moved to ${to}`,
    () => stage.person.runs().length === count && stage.person.run()?.status?.phase === 'Succeeded',
  );
  await stage.pass(20_000);
}

const quick = { cooldown: '0s', drain: '5s', soak: '5s' };

/** An RPO that no lag here reaches, for stories of something else. */
const patient = { objectives: { rto: '15m', rpo: '4h' } };

export const stories: readonly Story[] = [
  {
    name: 'a standby falls behind, past three quarters of the RPO and past all of it, and catches up',
    options: { plan: { objectives: { rto: '15m', rpo: '5m' } } },
    async tell({ stage }, firing) {
      await settle(stage);
      firing();
      const link = orders(stage).link(serverName('orders', west));
      link.hold();
      await stage.pass(minutes(4));
      firing();
      await stage.pass(minutes(1.5));
      firing('MaestroDrRpoAtRisk');
      await stage.pass(minutes(1.5));
      firing('MaestroDrRpoAtRisk', 'MaestroDrRpoBreached');
      link.restore();
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'in a fleet, where a plan is looked at every 200 s, a busy standby keeps up, then falls behind and catches up',
    // As of 80 plans, each of which rests for two thirds of its RPO.
    options: {
      config: { restLooksPerSecond: 0.01 },
      clientEveryMs: 50,
      plan: { objectives: { rto: '15m', rpo: '5m' } },
    },
    async tell({ stage }, firing) {
      await settle(stage);
      const link = orders(stage).link(serverName('orders', west));
      // As far as another region: at most looks something is on its way.
      link.delay(100);
      for (let count = 0; count < 10; count += 1) {
        await stage.pass(minutes(2));
        firing();
      }
      link.hold();
      await stage.pass(minutes(10));
      firing('MaestroDrRpoAtRisk', 'MaestroDrRpoBreached');
      await stage.pass(minutes(2));
      firing('MaestroDrRpoAtRisk', 'MaestroDrRpoBreached');
      link.restore();
      await stage.pass(minutes(4));
      firing();
    },
  },
  {
    name: 'a standby stops streaming',
    options: { plan: patient },
    async tell({ stage }, firing) {
      await settle(stage);
      const link = orders(stage).link(serverName('orders', west));
      link.cut();
      await stage.pass(minutes(4));
      firing();
      await stage.pass(minutes(2));
      firing('MaestroDrUnprotected');
      link.restore();
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'a standby cannot be seen',
    options: { plan: patient },
    async tell({ stage }, firing) {
      await settle(stage);
      orders(stage).kill(serverName('orders', west));
      await stage.pass(minutes(4));
      firing();
      await stage.pass(minutes(2));
      firing('MaestroDrLagUnknown');
      orders(stage).start(serverName('orders', west));
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'a region is lost: a person is waited for, its fence stays open until it returns',
    options: { plan: patient },
    async tell({ stage }, firing) {
      const killedAt = await loseTheEast(stage);
      stage.person.setActiveRegion(west);
      await stage.until('it asks for approval', () => stage.person.isAskedFor('ApprovalRequired'));
      await stage.pass(30_000);
      firing();
      await stage.pass(minutes(1));
      firing('MaestroDrWaitingForPerson');
      await failOver(stage, killedAt);
      await stage.pass(minutes(2));
      firing('MaestroDrFenceIncomplete');
      await stage.pass(minutes(5));
      firing('MaestroDrFenceIncomplete', 'MaestroDrLagUnknown');
      await theEastReturns(stage);
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'the cluster that holds the plan comes back from a snapshot from before a move',
    options: { plan: { failover: quick } },
    async tell(scraped, firing) {
      const { stage } = scraped;
      await settle(stage);
      const snapshot = stage.world.management.snapshot();
      await move(scraped, west, 1);
      stage.world.recoverManagement(snapshot);
      await stage.until('it says so', () => stage.person.condition('Ready')?.reason === 'OutOfBandChange');
      await stage.pass(minutes(2));
      firing('MaestroDrOutOfBandChange');
      stage.person.setActiveRegion(west);
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'a workload that was ready within seconds in the runs before never is',
    options: { plan: { failover: quick } },
    async tell(scraped, firing) {
      const { stage } = scraped;
      await settle(stage);
      await move(scraped, west, 1);
      await move(scraped, east, 2);
      firing();
      podFault(stage, 'api', 'CrashLoopBackOff');
      stage.person.setActiveRegion(west);
      await stage.until('it waits for it', () => stage.person.step('workload/api')?.state === 'Running');
      await stage.pass(30_000);
      firing();
      await stage.pass(minutes(2));
      firing('MaestroDrRunStuck');
      podFault(stage, 'api', undefined);
      await runIs(stage, 'Succeeded');
      await stage.pass(30_000);
      firing();
    },
  },
  {
    name: 'a workload is not ready by its deadline in the first run of all',
    options: { plan: { failover: { ...quick, deadlines: { workloads: '2m' } } } },
    async tell({ stage }, firing) {
      await settle(stage);
      podFault(stage, 'api', 'CrashLoopBackOff');
      stage.person.setActiveRegion(west);
      await stage.until('it waits for it', () => stage.person.step('workload/api')?.state === 'Running');
      await stage.pass(minutes(1.5));
      firing();
      await stage.pass(minutes(1.5));
      firing('MaestroDrRunStuck');
      podFault(stage, 'api', undefined);
      await runIs(stage, 'Succeeded');
      await stage.pass(30_000);
      firing();
    },
  },
  {
    name: 'what a workload runs as is missing in the target, in the first run of all',
    options: { plan: { failover: quick } },
    async tell({ stage }, firing) {
      await settle(stage);
      const path = '/apis/apps/v1/namespaces/payments/deployments';
      const found = stage.world.clusters[west].hooks.read('apps/deployments', 'payments', 'api');
      assert.ok(found !== undefined);
      ask(stage.world.clusters[west], 'DELETE', `${path}/api`);
      stage.person.setActiveRegion(west);
      await stage.until(
        'it misses it',
        () => stage.person.step('preflight/api')?.waitsFor?.reason === 'TargetNotReady',
      );
      await stage.pass(45_000);
      firing();
      await stage.pass(minutes(1));
      firing('MaestroDrRunStuck');
      const { apiVersion, kind, spec } = found;
      ask(stage.world.clusters[west], 'POST', path, { apiVersion, kind, metadata: { name: 'api' }, spec });
      await runIs(stage, 'Succeeded');
      await stage.pass(30_000);
      firing();
    },
  },
  {
    name: 'an aborted run cannot reach the source that it has fenced',
    options: { plan: { ...patient, failover: { ...quick, deadlines: { fence: '30s' } } } },
    async tell({ stage }, firing) {
      await settle(stage);
      stage.person.setActiveRegion(west);
      await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
      orders(stage).pauseReplay(serverName('orders', west), true);
      await stage.until('it waits for the position', () => stage.person.step('position/orders')?.state === 'Running');
      orders(stage).kill(serverName('orders', east));
      stage.person.patchRun({ desiredState: 'Aborted' });
      await stage.until('it turns back', () => stage.person.step('fence/orders')?.state === 'Undoing');
      await stage.pass(15_000);
      firing();
      await stage.pass(minutes(2));
      firing('MaestroDrRunStuck');
      orders(stage).start(serverName('orders', east));
      await runIs(stage, 'Aborted');
      orders(stage).pauseReplay(serverName('orders', west), false);
      stage.person.setActiveRegion(east);
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'a planned run does not reach the last position and takes back what it did',
    options: { plan: { failover: { ...quick, deadlines: { position: '20s' } } } },
    async tell({ stage }, firing) {
      await settle(stage);
      stage.person.setActiveRegion(west);
      await stage.until('the fence is recorded', () => stage.person.step('fence/orders')?.intent !== undefined);
      orders(stage).pauseReplay(serverName('orders', west), true);
      await runIs(stage, 'Aborted');
      orders(stage).pauseReplay(serverName('orders', west), false);
      await stage.pass(minutes(2));
      firing('MaestroDrRunFailed');
      stage.person.setActiveRegion(east);
      await stage.pass(minutes(1));
      firing();
      podFault(stage, 'api', 'CrashLoopBackOff');
      stage.person.setActiveRegion(west);
      await stage.until('the next one is past its fence', () => stage.person.step('workload/api')?.state === 'Running');
      await stage.pass(minutes(3));
      firing();
      podFault(stage, 'api', undefined);
      await runIs(stage, 'Succeeded');
      await stage.pass(minutes(2));
      firing();
    },
  },
  {
    name: 'the operator is gone',
    async tell({ stage }, firing) {
      await settle(stage);
      stage.kernel.kill('operator');
      await stage.pass(minutes(4));
      firing();
      await stage.pass(minutes(2));
      firing('MaestroDrOperatorAbsent');
      stage.kernel.restart('operator');
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'of two operators neither reaches the API server that holds the Lease',
    options: { operators: ['a', 'b'] },
    async tell({ stage }, firing) {
      await settle(stage);
      const heal = stage.kernel.cut({ match: { host: 'api.management.sandbox' }, how: 'refuse' });
      await stage.pass(minutes(1.5));
      firing();
      await stage.pass(minutes(1.5));
      firing('MaestroDrNoLeader');
      heal();
      await stage.pass(minutes(1));
      firing();
    },
  },
  {
    name: 'somebody halts everything automatic',
    async tell({ stage }, firing) {
      await settle(stage);
      const path = '/api/v1/namespaces/maestro-dr-system/configmaps';
      ask(stage.world.management, 'POST', path, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'maestro-dr-halt' },
        data: { reason: 'the network is being rebuilt', by: 'ana' },
      });
      await stage.pass(minutes(4));
      firing();
      await stage.pass(minutes(2));
      firing('MaestroDrHalted');
      ask(stage.world.management, 'DELETE', `${path}/maestro-dr-halt`);
      await stage.pass(minutes(1));
      firing();
    },
  },
];
