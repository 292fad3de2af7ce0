import assert from 'node:assert/strict';
import { assertMovedWithoutLoss, replicas, runIs, settle } from './outage.ts';
import { east, recordName, west } from './names.ts';
import { scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const liveTtl = 120;
const drainMs = 5_000;

/** When the API server of the east was told the smaller size. */
function stoodDownAt(stage: Stage): number {
  const scaled = stage.world.audit.find(
    (entry) =>
      entry.cluster === east && entry.subresource === 'scale' && entry.verb === 'patch' && entry.name === 'api',
  );
  return scaled?.at ?? assert.fail('the api of the east was never scaled');
}

/** By the name servers themselves: from then on nobody is told the old region any more. */
async function lastServerAnswers(stage: Stage): Promise<number> {
  await stage.until('every name server answers the west', () =>
    stage.world.dnsServers.every((server) =>
      server.answer({ name: recordName, type: 'CNAME' })?.answers.some(({ value }) => value.includes(west)),
    ),
  );
  return stage.now();
}

scenario({
  name: 'long-ttl',
  shows:
    "the record lives with a longer TTL than the plan says: it is warned of beforehand, and the source's request workloads stay up until the caches of the old answer have expired",
  options: { ttl: 30, liveTtl },
  async story(stage) {
    await settle(stage);
    const warned = stage.person.condition('LongTTL');
    assert.equal(warned?.status, 'True');
    assert.match(warned.message, /checkout\.example\.com lives with a TTL of 120 s, above the plan's 30 s/);
    stage.timeline.note('plan', `checkout LongTTL=True ${warned.reason}`);
    assert.equal(stage.person.condition('Ready')?.status, 'True', 'it stops nothing');
    stage.person.setActiveRegion(west);
    const answeredAt = await lastServerAnswers(stage);
    await stage.until('the traffic is there', () => stage.person.step('observed/public')?.outcome !== undefined);
    await stage.pass(liveTtl * 1_000 - 10_000);
    assert.equal(replicas(stage, east, 'api'), 3, 'somebody may still be sent there');
    await runIs(stage, 'Succeeded');
    const keptMs = stoodDownAt(stage) - answeredAt;
    assert.ok(keptMs >= liveTtl * 1_000 + drainMs, `kept for ${String(keptMs)} ms after the last name server's answer`);
    await stage.pass(60_000);
    assert.equal(stage.person.condition('LongTTL'), undefined, 'the record was moved with the TTL of the plan');
  },
  must: [
    /plan .*LongTTL=True LiveTTLAbovePlan/,
    /ana .*us-west-2/,
    /step .*shift\/public Succeeded/,
    /dns .*answers us-west-2/,
    /step .*soak Succeeded/,
    /clients .*taken in us-west-2/,
    /step .*stand-down\/api Succeeded/,
    /plan .*Ready=True Active: Active in us-west-2/,
  ],
  never: [/Blocked/, /Overridden/, /timeline 3/],
  expect(stage) {
    assertMovedWithoutLoss(stage);
    assert.equal(replicas(stage, east, 'api'), 1);
    assert.match(JSON.stringify(stage.person.step('preflight/public')?.outcome), /lives with a TTL of 120 s, above/);
  },
});
