import type { Workload, WorkloadTarget } from './plan.ts';
import type { Reader } from './reader.ts';
import { workloadKinds } from './vocabulary.ts';

const replicas = { min: 0, max: 10_000 } as const;

/** What a workload of a plan is, and how large it shall be where. */
export function parseWorkload(workload: Reader): Workload {
  const target = parseTarget(workload.object('target'));
  const base = {
    name: workload.text('name'),
    wave: workload.integer('wave', { min: 0, max: 100, otherwise: 0 }),
    uses: workload.texts('uses'),
    target,
  };
  const quiesce = workload.boolean('quiesce', false);
  if (target.kind === 'CronJob') return { ...base, quiesce: true, ...scheduled(workload) };
  return { ...base, quiesce, active: parseActive(workload), standby: { replicas: parseStandby(workload) } };
}

const apiVersions: Readonly<Record<WorkloadTarget['kind'], string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  CronJob: 'batch/v1',
};

function parseTarget(target: Reader): WorkloadTarget {
  const kind = target.oneOf('kind', workloadKinds);
  const apiVersion = target.oneOf('apiVersion', ['apps/v1', 'batch/v1']);
  if (apiVersion !== apiVersions[kind]) {
    target.complain('apiVersion', `"${apiVersion}" has no ${kind}`, `use ${apiVersions[kind]}`);
  }
  return { apiVersion, kind, name: target.text('name') };
}

/** The plan has nothing to choose: two regions must not run one schedule, and one that a person had suspended stays so. */
function scheduled(workload: Reader): Pick<Workload, 'active' | 'standby'> {
  const problem = 'is not for a CronJob, which runs where it is active and is suspended in the other region';
  if (workload.has('active')) workload.complain('active', problem, 'leave it out');
  if (parseStandby(workload) !== 0) workload.complain('standby.replicas', problem, 'leave it out');
  return { active: { replicasFrom: 'Source' }, standby: { replicas: 0 } };
}

function parseActive(workload: Reader): Workload['active'] {
  const active = workload.object('active');
  if (active.has('replicas') === active.has('replicasFrom')) {
    const problem = active.has('replicas') ? 'and replicasFrom are set together' : 'or replicasFrom is missing';
    active.complain('replicas', problem, 'set exactly one of replicas and replicasFrom');
  }
  return active.has('replicasFrom')
    ? { replicasFrom: active.oneOf('replicasFrom', ['Source']) }
    : { replicas: active.integer('replicas', { ...replicas, otherwise: 0 }) };
}

/** The API server fills in the 0. */
function parseStandby(workload: Reader): number {
  return workload.objectOr('standby')?.integer('replicas', { ...replicas, otherwise: 0 }) ?? 0;
}
