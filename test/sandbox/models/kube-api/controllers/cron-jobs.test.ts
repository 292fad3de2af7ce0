import assert from 'node:assert/strict';
import { parseSchedule } from '../../../../../src/sandbox/models/kube-api/controllers/cron-schedule.ts';
import { objectsAt, stringAt, type JsonObject } from '../../../../../src/sandbox/models/kube-api/json.ts';
import { fixture, items, names, type Fixture } from '../fixture.ts';

const CRON_JOBS = '/apis/batch/v1/namespaces/default/cronjobs';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const MINUTE = 60_000;

describe('a schedule', () => {
  const rows: readonly (readonly [schedule: string, after: string, next: string | undefined])[] = [
    ['* * * * *', '2026-03-01T12:00:30Z', '2026-03-01T12:01:00Z'],
    ['*/15 * * * *', '2026-03-01T12:15:00Z', '2026-03-01T12:30:00Z'],
    ['5,35 9-17/4 * * *', '2026-03-01T13:35:00Z', '2026-03-01T17:05:00Z'],
    ['0 3 * * *', '2026-03-01T03:00:00Z', '2026-03-02T03:00:00Z'],
    ['0 0 31 * *', '2026-03-31T00:00:00Z', '2026-05-31T00:00:00Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    // 2026-03-01 is a Sunday.
    ['0 6 * * 1', '2026-03-01T12:00:00Z', '2026-03-02T06:00:00Z'],
    ['0 6 * * 7', '2026-03-01T12:00:00Z', '2026-03-08T06:00:00Z'],
    ['0 6 3 * 1', '2026-03-02T06:00:00Z', '2026-03-03T06:00:00Z'],
    ['@monthly', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['0 0 31 2 *', '2026-03-01T00:00:00Z', undefined],
  ];
  for (const [schedule, after, next] of rows) {
    it(`${schedule} after ${after} is ${next ?? 'never'}`, () => {
      const found = parseSchedule(schedule)?.next(Date.parse(after));
      assert.equal(found, next === undefined ? undefined : Date.parse(next));
    });
  }
  for (const text of [
    '',
    '* * * *',
    '60 * * * *',
    '* * 0 * *',
    '5-1 * * * *',
    '*/0 * * * *',
    '0 6 * * MON',
    '@reboot',
  ]) {
    it(`"${text}" is none`, () => {
      assert.equal(parseSchedule(text), undefined);
    });
  }
});

function cronJob(spec: JsonObject = {}): JsonObject {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'batch:1' }] } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'nightly' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: { metadata: { labels: { team: 'shop' } }, spec: { template } },
      ...spec,
    },
  };
}

const jobs = ({ ok }: Fixture): readonly string[] => names(ok('GET', JOBS));
const named = (time: string): string => `nightly-${String(Date.parse(time) / MINUTE)}`;
const suspend = ({ ok }: Fixture, suspended: boolean): void => {
  ok('PATCH', `${CRON_JOBS}/nightly`, { spec: { suspend: suspended } });
};

describe('kube-api: CronJobs', () => {
  it('make a Job of theirs at each minute that the schedule names', () => {
    const f = fixture();
    f.ok('POST', CRON_JOBS, cronJob());
    f.time.advance(30_000);
    assert.deepEqual(jobs(f), []);
    f.time.advance(30_100);
    assert.deepEqual(jobs(f), [named('2026-03-01T12:01:00Z')]);
    const [job = {}] = items(f.ok('GET', JOBS));
    assert.equal(stringAt(job, 'metadata', 'labels', 'team'), 'shop');
    assert.equal(objectsAt(job, 'metadata', 'ownerReferences')[0]?.['kind'], 'CronJob');
    const during = f.ok('GET', `${CRON_JOBS}/nightly`);
    assert.deepEqual(
      objectsAt(during, 'status', 'active').map((one) => one['name']),
      jobs(f),
    );
    assert.equal(stringAt(during, 'status', 'lastScheduleTime'), '2026-03-01T12:01:00Z');
    f.time.advance(10_000);
    const after = f.ok('GET', `${CRON_JOBS}/nightly`);
    assert.deepEqual(objectsAt(after, 'status', 'active'), []);
    assert.match(stringAt(after, 'status', 'lastSuccessfulTime') ?? '', /^2026-03-01T12:01:0/);
  });

  it('suspended make none, and on waking only the last that was missed', () => {
    const f = fixture();
    f.ok('POST', CRON_JOBS, cronJob({ suspend: true }));
    f.time.advance(10 * MINUTE);
    assert.deepEqual([jobs(f), f.time.pending()], [[], 0]);
    suspend(f, false);
    f.time.advance(1_000);
    assert.deepEqual(jobs(f), [named('2026-03-01T12:10:00Z')]);
    suspend(f, true);
    f.time.advance(10 * MINUTE);
    assert.deepEqual([jobs(f).length, f.time.pending()], [1, 0]);
  });

  it('suspended let what runs end', () => {
    const f = fixture();
    f.ok('POST', CRON_JOBS, cronJob());
    f.time.advance(MINUTE + 100);
    suspend(f, true);
    f.time.advance(100);
    assert.equal(objectsAt(f.ok('GET', `${CRON_JOBS}/nightly`), 'status', 'active').length, 1);
    f.time.advance(10_000);
    const [job = {}] = items(f.ok('GET', JOBS));
    assert.ok(objectsAt(job, 'status', 'conditions').some((one) => one['type'] === 'Complete'));
  });

  it('make up for nothing that is later than their starting deadline', () => {
    const f = fixture();
    f.ok('POST', CRON_JOBS, cronJob({ schedule: '0 * * * *', suspend: true, startingDeadlineSeconds: 60 }));
    f.time.advance(70 * MINUTE);
    suspend(f, false);
    f.time.advance(1_000);
    assert.deepEqual(jobs(f), []);
  });

  it('wait for, or replace, what still runs', () => {
    const hung = { 'sandbox.maestro.io/fault': 'NeverReady' };
    const template = {
      metadata: { annotations: hung },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'batch:1' }] },
    };
    const run = (concurrencyPolicy: string): readonly string[] => {
      const f = fixture();
      f.ok('POST', CRON_JOBS, cronJob({ concurrencyPolicy, jobTemplate: { spec: { template } } }));
      f.time.advance(2 * MINUTE + 1_000);
      return jobs(f);
    };
    const [first, second] = ['2026-03-01T12:01:00Z', '2026-03-01T12:02:00Z'].map(named);
    assert.deepEqual(run('Forbid'), [first]);
    assert.deepEqual(run('Replace'), [second]);
    assert.deepEqual(run('Allow'), [first, second]);
  });

  it('keep the last three that succeeded', () => {
    const f = fixture();
    f.ok('POST', CRON_JOBS, cronJob());
    f.time.advance(6 * MINUTE + 10_000);
    const kept = ['12:04', '12:05', '12:06'].map((at) => named(`2026-03-01T${at}:00Z`));
    assert.deepEqual(jobs(f), kept);
  });

  it('gone make no more, and take theirs along', () => {
    const f = fixture();
    f.ok('POST', CRON_JOBS, cronJob());
    f.time.advance(MINUTE + 10_000);
    f.ok('DELETE', `${CRON_JOBS}/nightly`);
    f.time.advance(5 * MINUTE);
    assert.deepEqual([jobs(f), f.time.pending()], [[], 0]);
  });
});
