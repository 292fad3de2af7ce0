import { at, numberAt, stringAt } from '../../src/sandbox/models/kube-api/json.ts';
import { recordName, regionNames, serverName, zoneId } from './names.ts';
import { planName, planNamespace } from './objects.ts';
import type { Stage } from './stage.ts';

/** What a story comes to, whatever happened to the operator on the way: times and attempts are not in it. */
export interface EndState {
  readonly databases: Readonly<
    Record<string, { readonly role: string; readonly promotions: number; readonly shopMayLogIn: boolean }>
  >;
  readonly record: string;
  readonly owner: string;
  readonly replicas: Readonly<Record<string, number>>;
  readonly runs: readonly {
    readonly name: string;
    readonly phase: string;
    readonly mode: string;
    readonly steps: Readonly<Record<string, string>>;
  }[];
  readonly plan: { readonly activeRegion: unknown; readonly ready: string };
}

export function endState(stage: Stage): EndState {
  const { world, person } = stage;
  const ready = person.condition('Ready', planName);
  return {
    databases: Object.fromEntries(
      Object.entries(world.postgresql).flatMap(([name, model]) =>
        regionNames.map((region) => {
          const server = serverName(name, region);
          const login = model.catalogue(server).roles.shop?.login === true;
          return [
            server,
            { role: model.role(server), promotions: model.timelineHistory(server).length, shopMayLogIn: login },
          ] as const;
        }),
      ),
    ),
    ...records(stage),
    replicas: sizes(stage),
    runs: person.runs().map((run) => ({
      name: run.metadata.name,
      phase: run.status?.phase ?? '',
      mode: run.status?.mode ?? '',
      steps: Object.fromEntries(
        (run.status?.steps ?? []).map((step) => [
          step.id,
          step.outcome === undefined ? step.state : settled(step.outcome.state),
        ]),
      ),
    })),
    plan: {
      activeRegion: person.planStatus(planName).activeRegion,
      ready: `${ready?.status ?? ''} ${ready?.reason ?? ''}`,
    },
  };
}

/** That nothing was left to do is as good as having done it: a step that was done before the death is then found so. */
function settled(outcome: string): string {
  return outcome === 'Vacuous' ? 'Succeeded' : outcome;
}

function records({ world }: Stage): Pick<EndState, 'record' | 'owner'> {
  const zone = world.route53.currentZone(zoneId);
  const values = [...(zone?.records.values() ?? [])].filter(
    (set) => set.Name.startsWith(recordName) || set.Name.startsWith('_maestro-dr.'),
  );
  const of = (type: string): string =>
    values
      .filter((set) => set.Type === type)
      .flatMap((set) => (set.ResourceRecords ?? []).map((r) => r.Value))
      .join(' ');
  return { record: of('CNAME'), owner: of('TXT').replace(/,run=[^"]*/, '') };
}

/** `api@us-east-1` -> replicas; of a CronJob 1 or 0. */
export function sizes({ world }: Pick<Stage, 'world'>): Readonly<Record<string, number>> {
  const found = regionNames.flatMap((region) =>
    ['apps/deployments', 'apps/statefulsets', 'batch/cronjobs'].flatMap((storage) =>
      world.clusters[region].hooks.list(storage, planNamespace).map((object) => {
        const size = numberAt(object, 'spec', 'replicas') ?? (at(object, 'spec', 'suspend') === true ? 0 : 1);
        return [`${stringAt(object, 'metadata', 'name') ?? ''}@${region}`, size] as const;
      }),
    ),
  );
  return Object.fromEntries(found);
}
