import { formatDuration } from '../../src/api/duration.ts';
import type { Database, HttpExpectation, PlanSpec, Workload } from '../../src/api/plan.ts';

type Wire = Readonly<Record<string, unknown>>;

/** The way back from the program's plan to what a person writes: only tests need it. */
export function wirePlan(spec: PlanSpec): Wire {
  const { failover } = spec;
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryPlan',
    metadata: { name: 'checkout', namespace: 'payments' },
    spec: {
      ...spec,
      objectives: {
        rto: formatDuration(spec.objectives.rtoMs),
        rpo: formatDuration(spec.objectives.rpoMs),
        clockStart: spec.objectives.clockStart,
      },
      failover: {
        mode: failover.mode,
        approval: failover.approval,
        fencing: failover.fencing,
        cooldown: formatDuration(failover.cooldownMs),
        drain: formatDuration(failover.drainMs),
        soak: formatDuration(failover.soakMs),
        deadlines: Object.fromEntries(
          Object.entries(failover.deadlines).map(([key, ms]) => [key, formatDuration(Number(ms))]),
        ),
      },
      databases: spec.databases.map(wireDatabase),
      workloads: spec.workloads.map(wireWorkload),
      traffic: spec.traffic.map(({ kind: _kind, name, recordName, ...rest }) => ({
        name,
        route53: { ...rest, name: recordName },
      })),
      dependencyChecks: spec.dependencyChecks.map(({ name, http }) => ({ name, http: wireHttp(http) })),
      smokeTests: spec.smokeTests.map(({ name, when, http }) => {
        const urls = Object.fromEntries(Object.entries(http).map(([region, one]) => [region, one.url]));
        const [first] = Object.values(http);
        const { url: _url, ...manner } = first === undefined ? {} : wireHttp(first);
        return { name, when, http: { ...manner, urls } };
      }),
      contacts: spec.contacts.map(({ channel, ...contact }) =>
        channel === undefined ? contact : { ...contact, [channel.kind]: { secretRef: channel.secretRef } },
      ),
    },
  };
}

function wireWorkload({ active, standby, quiesce, ...workload }: Workload): Wire {
  return workload.target.kind === 'CronJob' ? workload : { ...workload, active, standby, quiesce };
}

function wireDatabase({ kind: _kind, name, ...postgresql }: Database): Wire {
  return { name, postgresql };
}

function wireHttp({ timeoutMs, ...rest }: HttpExpectation): { readonly url?: string } {
  return { ...rest, ...{ timeout: formatDuration(timeoutMs) } };
}
