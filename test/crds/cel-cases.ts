import { approval, changed, plan, region, run, type Wire } from './objects.ts';
import { timeCases } from './times.ts';

/**
 * What the API server makes of an object: a create, or an update where there is an `old`. The same table is run
 * against the sandbox's API server and the real one, so that neither drifts from the other.
 */
export interface CelCase {
  readonly title: string;
  readonly old?: Wire;
  readonly object: Wire;
  /** Absent: accepted. Else each of these is part of the refusal, and the field it names stands before it. */
  readonly refused?: readonly { readonly field: string; readonly says: string }[];
}

const refusedAt = (field: string, says: string): Pick<CelCase, 'refused'> => ({ refused: [{ field, says }] });

/** An entry that its driver's key was taken from. */
const bare = (list: string) => changed(plan, `spec/${list}/0`, { name: 'orders' });
const database = 'spec/databases/0/postgresql';
const record = 'spec/traffic/0/route53';
const cronJob = {
  name: 'nightly',
  uses: ['orders'],
  target: { apiVersion: 'batch/v1', kind: 'CronJob', name: 'nightly' },
};

const plans: readonly CelCase[] = [
  { title: 'a plan with one of everything', object: plan },
  {
    title: 'a plan for workloads alone',
    object: changed(changed(changed(plan, 'spec/databases'), 'spec/traffic'), 'spec/workloads/0/uses'),
  },
  {
    title: 'a plan that moves nothing',
    object: changed(changed(changed(plan, 'spec/databases'), 'spec/traffic'), 'spec/workloads'),
    ...refusedAt('spec', 'a plan needs something to move'),
  },
  {
    title: 'activeRegion that is none of its regions',
    object: changed(plan, 'spec/activeRegion', 'eu-west-1'),
    ...refusedAt('spec.activeRegion', 'activeRegion is eu-west-1, which is none of spec.regions'),
  },
  { title: 'activeRegion moved', old: plan, object: changed(plan, 'spec/activeRegion', 'us-west-2') },
  {
    title: 'one region',
    object: changed(plan, 'spec/regions', ['us-east-1']),
    ...refusedAt('spec.regions', 'at least 2 items'),
  },
  {
    title: 'three regions',
    object: changed(plan, 'spec/regions', ['us-east-1', 'us-west-2', 'eu-west-1']),
    ...refusedAt('spec.regions', 'must have at most 2 items'),
  },
  {
    title: 'one region twice',
    object: changed(plan, 'spec/regions', ['us-east-1', 'us-east-1']),
    ...refusedAt('spec.regions[1]', 'Duplicate value'),
  },
  {
    title: 'identity kept',
    old: changed(plan, 'spec/identity', 'shop/a'),
    object: changed(plan, 'spec/identity', 'shop/a'),
  },
  {
    title: 'identity changed',
    old: changed(plan, 'spec/identity', 'shop/a'),
    object: changed(plan, 'spec/identity', 'shop/b'),
    ...refusedAt('spec.identity', 'identity is immutable'),
  },
  {
    title: 'identity removed',
    old: changed(plan, 'spec/identity', 'shop/a'),
    object: plan,
    ...refusedAt('spec.identity', 'identity is immutable'),
  },
  {
    title: 'identity added',
    old: plan,
    object: changed(plan, 'spec/identity', 'shop/a'),
    ...refusedAt('spec.identity', 'identity is immutable'),
  },
  {
    title: 'a database without a driver',
    object: bare('databases'),
    ...refusedAt('spec.databases[0]', 'database orders: set exactly one of: postgresql'),
  },
  {
    title: 'a record without a driver',
    object: bare('traffic'),
    ...refusedAt('spec.traffic[0]', 'traffic orders: set exactly one of: route53'),
  },
  {
    title: 'a server for a region that is not the plan’s',
    object: changed(changed(plan, `${database}/servers/us-west-2`), `${database}/servers/eu-west-1`, {
      host: 'pg',
      secretRef: { name: 'pg' },
    }),
    ...refusedAt('spec.databases', 'each database needs a server in each of spec.regions'),
  },
  {
    title: 'one server',
    object: changed(plan, `${database}/servers/us-west-2`),
    ...refusedAt('spec.databases[0].postgresql.servers', 'at least 2 properties'),
  },
  {
    title: 'an application role that is also administrative',
    object: changed(plan, `${database}/administrativeRoles`, ['postgres', 'shop']),
    ...refusedAt('spec.databases[0].postgresql.administrativeRoles', 'a role cannot be both'),
  },
  {
    title: 'an application role that is also for replication',
    object: changed(plan, `${database}/replicationRoles`, ['shop']),
    ...refusedAt('spec.databases[0].postgresql.replicationRoles', 'a role cannot be both'),
  },
  {
    title: 'no application role',
    object: changed(plan, `${database}/applicationRoles`, []),
    ...refusedAt('spec.databases[0].postgresql.applicationRoles', 'at least 1 items'),
  },
  {
    title: 'a contact with two channels',
    object: changed(plan, 'spec/contacts/0/webhook', { secretRef: { name: 'dr-pager' } }),
    ...refusedAt('spec.contacts[0]', 'contact DR Lead: set at most one of: slack, webhook'),
  },
  {
    title: 'a channel without its Secret',
    object: changed(plan, 'spec/contacts/0/slack', {}),
    ...refusedAt('spec.contacts[0].slack.secretRef', 'Required value'),
  },
  {
    title: 'a workload that uses an unknown database',
    object: changed(plan, 'spec/workloads/0/uses', ['orders', 'ledger']),
    ...refusedAt('spec.workloads', 'uses may only name entries of spec.databases'),
  },
  {
    title: 'a workload that uses a database where there is none',
    object: changed(plan, 'spec/databases'),
    ...refusedAt('spec.workloads', 'uses may only name entries of spec.databases'),
  },
  { title: 'a workload with a count', object: changed(plan, 'spec/workloads/0/active', { replicas: 6 }) },
  {
    title: 'a workload with a count and a source',
    object: changed(plan, 'spec/workloads/0/active', { replicas: 6, replicasFrom: 'Source' }),
    ...refusedAt('spec.workloads[0].active', 'set exactly one of replicas and replicasFrom'),
  },
  {
    title: 'a workload with neither',
    object: changed(plan, 'spec/workloads/0/active', {}),
    ...refusedAt('spec.workloads[0].active', 'set exactly one of replicas and replicasFrom'),
  },
  {
    title: 'a quiesced workload that runs in the standby',
    object: changed(plan, 'spec/workloads/0/quiesce', true),
    ...refusedAt('spec.workloads[0]', 'workload api: with quiesce'),
  },
  {
    title: 'a quiesced workload that does not',
    object: changed(changed(plan, 'spec/workloads/0/quiesce', true), 'spec/workloads/0/standby/replicas', 0),
  },
  {
    title: 'a quiesced workload whose standby is left to its default',
    object: changed(changed(plan, 'spec/workloads/0/quiesce', true), 'spec/workloads/0/standby'),
  },
  {
    title: 'a target that nobody can scale',
    object: changed(plan, 'spec/workloads/0/target/kind', 'DaemonSet'),
    ...refusedAt('spec.workloads[0].target.kind', 'Unsupported value: "DaemonSet"'),
  },
  {
    title: 'a StatefulSet',
    object: changed(plan, 'spec/workloads/0/target/kind', 'StatefulSet'),
  },
  {
    title: 'a StatefulSet of another group',
    object: changed(
      changed(plan, 'spec/workloads/0/target/kind', 'StatefulSet'),
      'spec/workloads/0/target/apiVersion',
      'batch/v1',
    ),
    ...refusedAt('spec.workloads[0]', 'workload api: a Deployment or StatefulSet is of apps/v1, a CronJob of batch/v1'),
  },
  {
    title: 'a Deployment of no size',
    object: changed(plan, 'spec/workloads/0/active'),
    ...refusedAt('spec.workloads[0]', 'workload api: set active'),
  },
  { title: 'a CronJob', object: changed(plan, 'spec/workloads/0', cronJob) },
  {
    title: 'a CronJob that stands by, as the server itself fills it in',
    object: changed(plan, 'spec/workloads/0', { ...cronJob, quiesce: true, standby: { replicas: 0 } }),
  },
  {
    title: 'a CronJob of another group',
    object: changed(plan, 'spec/workloads/0', { ...cronJob, target: { ...cronJob.target, apiVersion: 'apps/v1' } }),
    ...refusedAt(
      'spec.workloads[0]',
      'workload nightly: a Deployment or StatefulSet is of apps/v1, a CronJob of batch/v1',
    ),
  },
  {
    title: 'a CronJob with a size',
    object: changed(plan, 'spec/workloads/0', { ...cronJob, active: { replicas: 1 } }),
    ...refusedAt(
      'spec.workloads[0]',
      'workload nightly: a CronJob runs where it is active and is suspended in the other',
    ),
  },
  {
    title: 'a CronJob that runs in the standby',
    object: changed(plan, 'spec/workloads/0', { ...cronJob, standby: { replicas: 1 } }),
    ...refusedAt(
      'spec.workloads[0]',
      'workload nightly: a CronJob runs where it is active and is suspended in the other',
    ),
  },
  {
    title: 'two workloads of one name',
    object: changed(plan, 'spec/workloads/1', {
      name: 'api',
      target: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'b' },
      active: { replicas: 1 },
    }),
    ...refusedAt('spec.workloads[1]', 'Duplicate value'),
  },
  {
    title: 'a CNAME with two values',
    object: changed(plan, `${record}/values/us-west-2`, ['a.example.com', 'b.example.com']),
    ...refusedAt('spec.traffic[0].route53.values', 'a CNAME has exactly one value for each region'),
  },
  {
    title: 'an A record with two values',
    object: changed(changed(plan, `${record}/type`, 'A'), `${record}/values`, {
      'us-east-1': ['192.0.2.1', '192.0.2.2'],
      'us-west-2': ['192.0.2.3'],
    }),
  },
  {
    title: 'values for a region that is not the plan’s',
    object: changed(changed(plan, `${record}/values/us-west-2`), `${record}/values/eu-west-1`, ['lb.example.com']),
    ...refusedAt('spec.traffic', 'each record needs values for each of spec.regions'),
  },
  {
    title: 'no values',
    object: changed(plan, `${record}/values/us-west-2`, []),
    ...refusedAt('spec.traffic[0].route53.values.us-west-2', 'at least 1 items'),
  },
  {
    title: 'a smoke test with a URL for each region',
    object: changed(plan, 'spec/smokeTests/0/http', {
      urls: { 'us-east-1': 'https://a.example.com', 'us-west-2': 'https://b.example.com' },
    }),
  },
  {
    title: 'a smoke test for a region that is not the plan’s',
    object: changed(plan, 'spec/smokeTests/0/http', {
      urls: { 'us-east-1': 'https://a.example.com', 'eu-west-1': 'https://b.example.com' },
    }),
    ...refusedAt('spec.smokeTests', 'urls needs one for each of spec.regions'),
  },
  {
    title: 'a smoke test with both forms',
    object: changed(plan, 'spec/smokeTests/0/http/urls', {
      'us-east-1': 'https://a.example.com',
      'us-west-2': 'https://b.example.com',
    }),
    ...refusedAt('spec.smokeTests[0].http', 'set exactly one of url'),
  },
  {
    title: 'a smoke test with neither',
    object: changed(plan, 'spec/smokeTests/0/http', {}),
    ...refusedAt('spec.smokeTests[0].http', 'set exactly one of url'),
  },
  {
    title: 'a URL with a password',
    object: changed(plan, 'spec/dependencyChecks/0/http/url', 'https://me:secret@idp.example.com/'),
    ...refusedAt('spec.dependencyChecks[0].http.url', 'should match'),
  },
  {
    title: 'a duration without a unit',
    object: changed(plan, 'spec/objectives/rto', '30'),
    ...refusedAt('spec.objectives.rto', 'should match'),
  },
  {
    title: 'a plan whose Runs could not be named',
    object: changed(plan, 'metadata/name', 'c'.repeat(53)),
    ...refusedAt('metadata.name', 'Too long'),
  },
];

const attestation = { target: 'orders', kind: 'Fenced', at: '2026-03-01T09:30:00Z', by: 'ada', reason: 'power is off' };
const ofLedger = { ...attestation, target: 'ledger' };
const attested = changed(run, 'spec/attestations', [attestation]);
const approved = changed(run, 'spec/approvals', [approval]);
const second = { ...approval, evidenceHash: 'fedcba9876543210' };

const said = { by: 'ada', reason: 'the report can wait' };
/** Each of a Run's records: lists to which may be added, and words that stand once they are said. */
const records: readonly (readonly [string, Wire])[] = [
  ['skips', { step: 'rebuild/orders', ...said }],
  ['retries', { step: 'rebuild/orders', at: '2026-03-01T09:30:00Z', ...said }],
  ['takeovers', { record: 'public', from: 'shop/old', ...said }],
];
const words = ['abandon', 'discardDiverged'] as const;
const recorded: readonly CelCase[] = [
  {
    title: 'a takeover put right by another one of the same record',
    old: changed(run, 'spec/takeovers', [{ record: 'public', from: 'shop/odl', ...said }]),
    object: changed(run, 'spec/takeovers', [
      { record: 'public', from: 'shop/odl', ...said },
      { record: 'public', from: 'shop/old', ...said },
    ]),
  },
  ...records.flatMap(([list, entry]): CelCase[] => {
    const with1 = changed(run, `spec/${list}`, [entry]);
    const refusal = refusedAt(`spec.${list}`, `${list} are a record`);
    return [
      { title: `${list} added`, old: run, object: with1 },
      { title: `${list} kept`, old: with1, object: with1 },
      { title: `${list} taken back`, old: with1, object: run, ...refusal },
      { title: `${list} reworded`, old: with1, object: changed(with1, `spec/${list}/0/by`, 'bob'), ...refusal },
      {
        title: `${list} without a reason`,
        object: changed(run, `spec/${list}`, [changed(entry, 'reason')]),
        ...refusedAt(`spec.${list}[0].reason`, 'Required value'),
      },
    ];
  }),
  ...words.flatMap((word): CelCase[] => {
    const once = changed(run, `spec/${word}`, said);
    const refusal = refusedAt(`spec.${word}`, `${word} is a record`);
    return [
      { title: `${word} said`, old: run, object: once },
      { title: `${word} taken back`, old: once, object: run, ...refusal },
      { title: `${word} reworded`, old: once, object: changed(once, `spec/${word}/reason`, 'no'), ...refusal },
    ];
  }),
];

const runs: readonly CelCase[] = [
  ...recorded,
  { title: 'a Run', object: run },
  {
    title: 'a Run of another name than its plan and epoch give',
    object: changed(run, 'metadata/name', 'checkout-8'),
    refused: [{ field: '<nil>', says: 'a Run is named for its plan and epoch: checkout-<epoch>' }],
  },
  {
    title: 'a Run of another plan’s name',
    object: changed(run, 'metadata/name', 'other-7'),
    refused: [{ field: '<nil>', says: 'a Run is named for its plan and epoch: checkout-<epoch>' }],
  },
  {
    title: 'planRef changed',
    old: run,
    object: changed(run, 'spec/planRef/uid', 'another'),
    ...refusedAt('spec.planRef', 'planRef is immutable'),
  },
  {
    title: 'targetRegion changed',
    old: run,
    object: changed(run, 'spec/targetRegion', 'us-east-1'),
    ...refusedAt('spec.targetRegion', 'targetRegion is immutable'),
  },
  {
    title: 'type changed',
    old: run,
    object: changed(run, 'spec/type', 'Failback'),
    ...refusedAt('spec.type', 'type is immutable'),
  },
  {
    title: 'origin changed',
    old: run,
    object: changed(run, 'spec/origin', 'Person'),
    ...refusedAt('spec.origin', 'origin is immutable'),
  },
  {
    // Under the name that it has: a real server knows no update that renames.
    title: 'epoch changed',
    old: run,
    object: changed(run, 'spec/epoch', 8),
    ...refusedAt('spec.epoch', 'epoch is immutable'),
  },
  { title: 'mode set where it was undecided', old: run, object: changed(run, 'spec/mode', 'Forced') },
  {
    title: 'mode changed',
    old: changed(run, 'spec/mode', 'Planned'),
    object: changed(run, 'spec/mode', 'Forced'),
    ...refusedAt('spec.mode', 'mode is immutable once it is set'),
  },
  {
    title: 'mode taken back',
    old: changed(run, 'spec/mode', 'Planned'),
    object: run,
    ...refusedAt('spec.mode', 'mode is immutable once it is set'),
  },
  { title: 'aborted', old: run, object: changed(run, 'spec/desiredState', 'Aborted') },
  { title: 'paused and gone on with', old: changed(run, 'spec/desiredState', 'Paused'), object: run },
  {
    title: 'abort taken back',
    old: changed(run, 'spec/desiredState', 'Aborted'),
    object: changed(run, 'spec/desiredState', 'Running'),
    ...refusedAt('spec.desiredState', 'an abort cannot be taken back'),
  },
  {
    title: 'abort taken back by removing it',
    old: changed(run, 'spec/desiredState', 'Aborted'),
    object: run,
    ...refusedAt('spec.desiredState', 'an abort cannot be taken back'),
  },
  { title: 'approved', old: run, object: approved },
  {
    title: 'approved again on newer evidence',
    old: approved,
    object: changed(run, 'spec/approvals', [approval, second]),
  },
  {
    title: 'approval removed',
    old: approved,
    object: changed(run, 'spec/approvals', []),
    ...refusedAt('spec.approvals', 'approvals are a record'),
  },
  {
    title: 'approvals removed with their list',
    old: approved,
    object: run,
    ...refusedAt('spec.approvals', 'approvals are a record'),
  },
  {
    title: 'approval given another name',
    old: approved,
    object: changed(run, 'spec/approvals', [{ ...approval, by: 'bob' }]),
    ...refusedAt('spec.approvals', 'approvals are a record'),
  },
  {
    title: 'approval without evidence',
    old: run,
    object: changed(run, 'spec/approvals', [changed(approval, 'evidenceHash')]),
    ...refusedAt('spec.approvals[0].evidenceHash', 'Required value'),
  },
  {
    title: 'one approval twice',
    old: run,
    object: changed(run, 'spec/approvals', [approval, { ...approval, by: 'bob' }]),
    ...refusedAt('spec.approvals[1]', 'Duplicate value'),
  },
  {
    title: 'attested',
    old: run,
    object: changed(run, 'spec/attestations', [attestation, { ...attestation, target: '*' }]),
  },
  {
    title: 'attested again, of an instant that was better observed',
    old: attested,
    object: changed(attested, 'spec/attestations/0', { ...attestation, at: '2026-03-01T09:31:00Z', by: 'bob' }),
  },
  { title: 'attested of another, too', old: attested, object: changed(attested, 'spec/attestations/1', ofLedger) },
  {
    title: 'an attestation lost to one of another target',
    old: attested,
    object: changed(attested, 'spec/attestations/0', ofLedger),
    ...refusedAt('spec.attestations', 'attestations are a record'),
  },
  {
    title: 'an attestation taken back',
    old: attested,
    object: changed(run, 'spec/attestations', []),
    ...refusedAt('spec.attestations', 'attestations are a record'),
  },
  {
    title: 'attestations taken back with their list',
    old: attested,
    object: run,
    ...refusedAt('spec.attestations', 'attestations are a record'),
  },
  {
    title: 'a loss accepted, and then a bigger one',
    old: changed(run, 'spec/acceptDataLoss', { max: '10s', by: 'ada', reason: 'known' }),
    object: changed(run, 'spec/acceptDataLoss', { max: '1m', by: 'ada', reason: 'known' }),
  },
  {
    title: 'a loss accepted without a bound',
    object: changed(run, 'spec/acceptDataLoss', { by: 'ada', reason: 'whatever' }),
    ...refusedAt('spec.acceptDataLoss.max', 'Required value'),
  },
  {
    title: 'epoch 0',
    object: changed(changed(run, 'spec/epoch', 0), 'metadata/name', 'checkout-0'),
    ...refusedAt('spec.epoch', 'greater than or equal to 1'),
  },
];

const regions: readonly CelCase[] = [
  { title: 'a Region with a kubeconfig', object: region },
  { title: 'a Region that is the operator’s own cluster', object: changed(region, 'spec/cluster', { inCluster: {} }) },
  {
    title: 'a Region with two ways to it',
    object: changed(region, 'spec/cluster/inCluster', {}),
    ...refusedAt('spec.cluster', 'set exactly one of kubeconfigSecretRef and inCluster'),
  },
  {
    title: 'a Region with none',
    object: changed(region, 'spec/cluster', {}),
    ...refusedAt('spec.cluster', 'set exactly one of kubeconfigSecretRef and inCluster'),
  },
  {
    title: 'one namespace granted twice',
    object: changed(region, 'spec/grants', [{ namespace: 'payments' }, { namespace: 'payments' }]),
    ...refusedAt('spec.grants[1]', 'Duplicate value'),
  },
];

export const celCases: readonly CelCase[] = [...plans, ...runs, ...timeCases, ...regions];
