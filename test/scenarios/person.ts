import { printedPatch } from '../../src/api/shell-word.ts';
import type { JsonObject } from '../../src/sandbox/models/kube-api/index.ts';
import { ask, planName, planNamespace, plansPath, runsPath } from './objects.ts';
import type { World } from './world.ts';

type Wire = Readonly<Record<string, unknown>>;

/** A step of a Run as its status shows it on the wire. */
export interface ShownStep {
  readonly id: string;
  readonly state: string;
  readonly outcome?: {
    readonly state: string;
    readonly at: string;
    readonly evidence?: readonly { readonly what: string; readonly value?: string }[];
  };
  readonly intent?: { readonly token: string; readonly action: string };
  readonly waitsFor?: { readonly reason: string; readonly message: string; readonly next?: string };
}

/** What a Run's status shows of one database's loss. */
export interface ShownRecovery {
  readonly database: string;
  readonly grade: string;
  readonly loss?: string;
  readonly basis?: string;
  readonly point?: { readonly earliest: string; readonly latest: string };
  readonly lostCommits?: number;
  readonly postReturnCommits?: number;
  readonly preservedAt?: string;
}

export interface ShownRun {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: Wire;
  readonly status?: {
    readonly phase?: string;
    readonly mode?: string;
    readonly message?: string;
    readonly steps?: readonly ShownStep[];
    readonly milestones?: Readonly<Record<string, string>>;
    readonly recovery?: readonly ShownRecovery[];
    readonly recoverySkew?: { readonly atMost?: string; readonly unknownOf?: readonly string[] };
    readonly refusals?: readonly { readonly request: string; readonly reason: string; readonly message: string }[];
  };
}

/** What a person does and sees, with kubectl's requests and nothing else. */
export interface Person {
  setActiveRegion(region: string, plan?: string): void;
  patchPlan(spec: Wire, plan?: string): void;
  plan(name?: string): Wire;
  planStatus(name?: string): Wire;
  condition(
    type: string,
    plan?: string,
  ): { readonly status: string; readonly reason: string; readonly message: string } | undefined;
  runs(): readonly ShownRun[];
  /** The newest by epoch. */
  run(): ShownRun | undefined;
  step(id: string): ShownStep | undefined;
  /** Whether the newest run is stopped at that reason and says what to type. */
  isAskedFor(reason: string): boolean;
  /** Types what `next` says, with the placeholders filled in. @throws Error when the status asks for nothing of the kind. */
  answer(reason: string, fill?: { readonly at?: number; readonly by?: string }): void;
  patchRun(spec: Wire): void;
}

export function createPerson(world: World): Person {
  const { management } = world;
  // Looks past the API: a story asks after each event, and its looking must not fill the audit log.
  const plan = (name = planName): Wire =>
    management.hooks.read('dr.maestro.io/disasterrecoveryplans', planNamespace, name) ?? {};
  const statusOf = (name?: string): Wire => (plan(name).status ?? {}) as Wire;
  const runs = (): readonly ShownRun[] => {
    const items = management.hooks.list('dr.maestro.io/disasterrecoveryruns', planNamespace);
    return [...items]
      .map((item) => item as JsonObject & ShownRun)
      .sort((a, b) => Number(a.spec.epoch) - Number(b.spec.epoch));
  };
  const run = (): ShownRun | undefined => runs().at(-1);
  const steps = (): readonly ShownStep[] => run()?.status?.steps ?? [];
  const waiting = (reason: string): readonly ShownStep[] =>
    steps().filter(
      ({ outcome, state, waitsFor }) => (outcome === undefined || state === 'Undoing') && waitsFor?.reason === reason,
    );
  const asked = (reason: string): ShownStep | undefined =>
    waiting(reason).find(({ waitsFor }) => waitsFor?.next !== undefined);
  const patchRun = (spec: Wire): void => {
    ask(management, 'PATCH', `${runsPath}/${run()?.metadata.name ?? ''}`, { spec });
  };
  return {
    setActiveRegion: (region, name = planName) =>
      void ask(management, 'PATCH', `${plansPath}/${name}`, { spec: { activeRegion: region } }),
    patchPlan: (spec, name = planName) => void ask(management, 'PATCH', `${plansPath}/${name}`, { spec }),
    plan,
    planStatus: statusOf,
    condition(type, name) {
      const { conditions = [] } = statusOf(name) as {
        readonly conditions?: readonly {
          readonly type: string;
          readonly status: string;
          readonly reason: string;
          readonly message: string;
        }[];
      };
      return conditions.find((condition) => condition.type === type);
    },
    runs,
    run,
    step: (id) => steps().find((step) => step.id === id),
    isAskedFor: (reason) => asked(reason) !== undefined,
    answer(reason, fill = {}) {
      // Beside one that takes a word another may only say where to look.
      const next = waiting(reason)
        .map(({ waitsFor }) => waitsFor?.next ?? '')
        .find((one) => printedPatch(one) !== undefined);
      const body = next === undefined ? undefined : printedPatch(next);
      if (body === undefined) {
        throw new Error(`nothing to type for ${reason}: ${asked(reason)?.waitsFor?.next ?? 'not asked'}`);
      }
      const filled = body
        .replaceAll('YOUR-NAME', fill.by ?? 'ana')
        .replaceAll(/YOUR-REASON|HOW-YOU-KNOW|WHAT-YOU-MENDED/g, 'seen by a person')
        .replaceAll(/UTC-TIME-IT-STOPPED|SAME-TIME|UTC-TIME-NOW/g, new Date(fill.at ?? world.time.now()).toISOString());
      ask(management, 'PATCH', `${runsPath}/${run()?.metadata.name ?? ''}`, JSON.parse(filled));
    },
    patchRun,
  };
}
