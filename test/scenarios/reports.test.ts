import assert from 'node:assert/strict';
import { formatDuration } from '../../src/api/duration.ts';
import {
  at,
  numberAt,
  objectAt,
  objectsAt,
  parseJson,
  stringAt,
  type Json,
} from '../../src/sandbox/models/kube-api/json.ts';
import { east, personToken, serverName, west } from './names.ts';
import { ask, planNamespace, runsPath } from './objects.ts';
import { failOver, loseTheEast, orders, theEastReturns } from './outage.ts';
import { secrets } from './secrets.ts';
import { createStage, type Stage } from './stage.ts';
import { forcedStory, plannedStory } from './stories.ts';

/** Of the clients' orders, unless a story says otherwise. */
const clientEveryMs = 500;

interface ReadReport {
  readonly json: Json;
  readonly markdown: string;
  readonly text: string;
}

/** As somebody finds it who has kubectl and no program of ours. */
function reportOf({ world, person }: Stage): ReadReport {
  const name = `${person.run()?.metadata.name ?? ''}-report`;
  const response = world.management.handle({
    method: 'GET',
    path: `/api/v1/namespaces/${planNamespace}/configmaps/${name}`,
    headers: { authorization: `Bearer ${personToken}` },
  });
  assert.ok('body' in response && response.status === 200, JSON.stringify(response));
  const object = parseJson(response.body);
  const json = parseJson(stringAt(object, 'data', 'report.json') ?? '');
  return { json, markdown: stringAt(object, 'data', 'report.md') ?? '', text: response.body };
}

const milestone = ({ json }: ReadReport, name: string): number =>
  Date.parse(stringAt(json, 'milestones', name) ?? `no ${name}`);

/** When a person set the field, by the API server's audit log. */
function declaredAt({ world }: Stage): number {
  const patch = world.audit.find(
    ({ user, verb, body = '' }) => user === 'ana' && verb === 'patch' && body.includes(`"activeRegion":"${west}"`),
  );
  assert.ok(patch !== undefined);
  return patch.at;
}

/** The first order that a client who goes by the DNS got acknowledged in the west. */
function servedInTheWestAt({ world }: Stage): number {
  const first = world.clients.acknowledged().find(({ id, region }) => id.startsWith('c') && region === west);
  assert.ok(first !== undefined);
  return first.at;
}

const near = (got: number, wanted: number, ms: number, what: string): void =>
  assert.ok(
    Math.abs(got - wanted) <= ms,
    `${what}: ${String(got)} is not within ${String(ms)} ms of ${String(wanted)}`,
  );

/** What holds of a report of either mode: its figures are those of the clients, the servers and the audit log. */
function figures(stage: Stage, report: ReadReport): void {
  const { json, markdown } = report;
  const rto = numberAt(json, 'rto') ?? NaN;
  near(milestone(report, 'declared'), declaredAt(stage), 1_000, 'declared');
  assert.equal(rto, milestone(report, 'sustained') - milestone(report, 'declared'));
  const segments = objectsAt(json, 'segments');
  assert.ok(segments.length >= 5);
  const total = segments.reduce((sum, segment) => sum + (numberAt(segment, 'ms') ?? NaN), 0);
  assert.equal(total, rto, 'the segments are those of the RTO, all of it and nothing else');
  const inPlan = objectsAt(stage.person.planStatus() as Json, 'lastRun', 'segments');
  assert.deepEqual(
    inPlan.map((segment) => stringAt(segment, 'took')),
    segments.map((segment) => formatDuration(numberAt(segment, 'ms') ?? NaN)),
    'the plan says the same',
  );
  for (const segment of segments) {
    const name = stringAt(segment, 'name') ?? '';
    assert.match(markdown, new RegExp(`^- ${name}: [0-9]`, 'm'));
  }
  assert.match(markdown, /^- RTO 15m: [0-9]+s[0-9]+ms from Declared$/m);
  // Clients were served again once the authoritative servers had turned, and their caches of the old answer had ended.
  const served = servedInTheWestAt(stage);
  assert.ok(served >= milestone(report, 'opened'), 'nobody was served before the database was open');
  assert.ok(served <= milestone(report, 'cachesExpireBy') + clientEveryMs, 'nor later than the report allows');
}

function hidesSecrets({ text, markdown }: ReadReport): void {
  for (const secret of secrets) assert.ok(!text.includes(secret) && !markdown.includes(secret), `it holds ${secret}`);
}

describe('the report of a forced failover, read from the API server', () => {
  let stage: Stage;
  let report: ReadReport;
  let lostAt: number;
  before(async () => {
    const told = await forcedStory();
    ({ stage } = told);
    // Kubernetes' times are whole ms.
    lostAt = Math.floor(told.lostAt ?? NaN);
    report = reportOf(stage);
  });

  it('names the RTO by its segments, as the witnesses know it', () => {
    figures(stage, report);
    near(milestone(report, 'disruption'), lostAt, 3_000, 'the disruption');
    // The east was fenced when it came back, long after the RTO had been measured.
    assert.match(report.markdown, /^- fenced, [0-9]+s[0-9]+ms after that, which the RTO does not count$/m);
  });

  it('grades the RPO, and counts what the clients lost', () => {
    const [recovery] = objectsAt(report.json, 'recovery');
    const missed = stage.world.clients.lost(orders(stage).rows(serverName('orders', west)));
    // The old primary comes back open, and whoever is inside its region may order there before it is fenced.
    const lost = missed.filter(({ at }) => at <= lostAt);
    assert.equal(numberAt(recovery, 'postReturnCommits'), missed.length - lost.length);
    const first = lost[0];
    const last = lost.at(-1);
    assert.ok(first !== undefined && last !== undefined);
    assert.deepEqual(
      [stringAt(recovery, 'grade'), stringAt(recovery, 'basis'), numberAt(recovery, 'lostCommits')],
      ['Measured', 'Compared', lost.length],
    );
    const lossMs = numberAt(recovery, 'lossMs') ?? NaN;
    assert.ok(lossMs >= last.at - first.at, 'at least from the first lost order to the last');
    near(lossMs, lostAt - first.at, 2 * clientEveryMs, 'the loss, by when everything died');
    assert.match(
      report.markdown,
      new RegExp(`^- RPO 30s, orders: Measured, .*; ${String(lost.length)} commits lost`, 'm'),
    );
  });

  it('says who decided, why, and what was shown to them', () => {
    const { json, markdown } = report;
    const [approval] = objectsAt(json, 'approvals');
    assert.deepEqual([stringAt(approval, 'by'), stringAt(approval, 'reason')], ['ana', 'seen by a person']);
    assert.match(stringAt(approval, 'shown') ?? '', /us-east-1 was observed down/);
    const [attestation] = objectsAt(json, 'attestations');
    assert.equal(Date.parse(stringAt(attestation, 'at') ?? ''), lostAt, 'as it was typed');
    assert.match(markdown, /^- ana approved ApprovalRequired \(claimed, unverified\): seen by a person/m);
    assert.match(markdown, /^ {2}- was shown: .*us-east-1 was observed down/m);
    assert.match(markdown, /^- ana attested that orders was stopped at .*: seen by a person$/m);
  });

  it('shows what each step was decided by', () => {
    const steps = objectsAt(report.json, 'steps');
    assert.deepEqual(
      steps.map((step) => stringAt(step, 'id')),
      stage.person.run()?.status?.steps?.map(({ id }) => id),
    );
    for (const step of steps) {
      assert.ok(Array.isArray(at(step, 'evidence')), `${stringAt(step, 'id') ?? ''} has no evidence`);
    }
    assert.match(
      report.markdown,
      /^\| promote\/orders \| Succeeded \| \S+ \| orders@us-west-2: Primary, timeline 2 \|$/m,
    );
    assert.equal(orders(stage).role(serverName('orders', west)), 'Primary');
  });

  it('holds no secret', () => {
    hidesSecrets(report);
  });
});

describe('a report that somebody deletes while its run goes on', () => {
  it('is written again when there is more to say', async () => {
    const stage = createStage();
    await failOver(stage, await loseTheEast(stage));
    await stage.pass(20_000);
    const { management } = stage.world;
    const name = stage.person.run()?.metadata.name ?? '';
    assert.match(reportOf(stage).text, /west/);
    ask(management, 'DELETE', `/api/v1/namespaces/${planNamespace}/configmaps/${name}-report`);
    await theEastReturns(stage);
    assert.match(reportOf(stage).markdown, /^\| rebuild\/orders /m);
    const finalizers = at(ask(management, 'GET', `${runsPath}/${name}`) as Json, 'metadata', 'finalizers') ?? [];
    assert.deepEqual(finalizers, [], 'and the run is let go');
  });
});

describe('the report of a planned switchover, read from the API server', () => {
  let stage: Stage;
  let report: ReadReport;
  before(async () => {
    ({ stage } = await plannedStory());
    report = reportOf(stage);
  });

  it('names the RTO by its segments, and it covers what the clients felt', () => {
    figures(stage, report);
    const caches = milestone(report, 'cachesExpireBy') - milestone(report, 'trafficObserved');
    assert.ok(stage.world.clients.longestOutageMs() <= (numberAt(report.json, 'rto') ?? NaN) + caches);
  });

  it('says that nothing was lost, which the clients confirm', () => {
    const [recovery] = objectsAt(report.json, 'recovery');
    assert.deepEqual([stringAt(recovery, 'grade'), numberAt(recovery, 'lossMs')], ['Measured', 0]);
    assert.match(report.markdown, /^- RPO 30s, orders: Measured, 0s /m);
    assert.deepEqual(stage.world.clients.lost(orders(stage).rows(serverName('orders', west))), []);
  });

  it('says from where to where, in which mode, and that nobody was asked', () => {
    const { from, to, mode, approvals } = objectAt(report.json);
    assert.deepEqual({ from, to, mode, approvals }, { from: east, to: west, mode: 'Planned', approvals: [] });
    assert.match(report.markdown, /^Nobody was asked\.$/m);
  });

  it('holds no secret', () => {
    hidesSecrets(report);
  });
});
