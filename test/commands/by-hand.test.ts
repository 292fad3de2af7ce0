import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../../src/api/fact.ts';
import type { StepStatus } from '../../src/api/run.ts';
import { decideRun } from '../../src/decide/decide-run.ts';
import type { TrafficState } from '../../src/drivers/traffic/driver.ts';
import { EAST, signal } from '../contract/traffic-bench.ts';
import { overModel } from '../contract/traffic-subjects.ts';
import { owner, RECORD, refOf, trafficWorld, type TrafficWorld } from '../contract/traffic-world.ts';
import { ago, aPrimary, inWest, seen } from '../decide/support/facts.ts';
import { aSpec, east, west } from '../decide/support/plans.ts';
import { anIntent, factsOf, outcome } from '../decide/support/runs.ts';

/** As the operator sees it: by the driver itself. */
async function look(world: TrafficWorld): Promise<Fact<TrafficState>> {
  return await world.observer.observe(refOf(), signal());
}

/** The shift of a forced run that has done everything else, past its deadline. */
function shiftOf(fact: Fact<TrafficState>): StepStatus {
  const done = { ...outcome('Succeeded', { replicas: 6 }), intent: anIntent() };
  const journal = factsOf().run.status.steps;
  const before = journal.slice(
    0,
    journal.findIndex(({ kind }) => kind === 'Shift'),
  );
  const facts = factsOf({
    spec: aSpec({ traffic: [RECORD] }),
    steps: {
      ...Object.fromEntries(before.map(({ id }) => [id, done])),
      'shift/public': { readyAt: ago(400_000).wall, deadline: ago(1_000).wall },
    },
    observed: {
      databases: { [inWest('orders')]: seen(aPrimary({ timeline: 2, switchpoint: '0/5000', highestEpoch: 7 })) },
      records: { public: { fact, streaks: {} } },
    },
  });
  const step = decideRun(facts).status.steps.find(({ id }) => id === 'shift/public');
  return step ?? assert.fail('the graph has a shift');
}

describe('what a status prints for the AWS CLI, typed at a shell', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-dr-aws-'));
    await writeFile(join(folder, 'aws'), `#!/bin/sh\nprintf '%s\\0' "$@" > '${join(folder, 'typed')}'\n`);
    await chmod(join(folder, 'aws'), 0o755);
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** As the AWS CLI gets them from the shell. */
  async function argumentsOf(command: string): Promise<readonly string[]> {
    const child = spawn('/bin/sh', ['-c', command], { cwd: folder, env: { PATH: folder }, timeout: 60_000 });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    assert.equal(code, 0, command);
    return (await readFile(join(folder, 'typed'), 'utf8')).split('\0').slice(0, -1);
  }

  it('TrafficUnavailable: the record is moved as the operator would have moved it, and the run goes on', async () => {
    const world = await trafficWorld(overModel, [EAST, owner(6, east)]);
    await look(world);
    world.model.faults.setOutage('unavailable');
    const held = shiftOf(await look(world)).waitsFor;
    assert.equal(held?.reason, 'TrafficUnavailable', JSON.stringify(held));
    const [service, operation, zoneFlag, zone, batchFlag, batch = '', ...more] = await argumentsOf(held.next ?? '');
    assert.deepEqual(
      [service, operation, zoneFlag, batchFlag, more],
      ['route53', 'change-resource-record-sets', '--hosted-zone-id', '--change-batch', []],
    );
    world.model.faults.setOutage('none');
    const input = { HostedZoneId: zone, ChangeBatch: JSON.parse(batch) as unknown };
    await world.aws.send({ service: 'route53', operation: 'ChangeResourceRecordSets', input, region: west }, signal());
    assert.equal(shiftOf(await look(world)).outcome?.state, 'Succeeded');
    await world.close();
  });
});
