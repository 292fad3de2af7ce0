import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parsePlan } from '../../src/api/parse-plan.ts';
import type { PlanSpec } from '../../src/api/plan.ts';
import type { PlanStatus } from '../../src/api/plan-status.ts';
import { renderPlanStatus } from '../../src/api/render-plan-status.ts';
import { renderRunSpec, renderRunStatus } from '../../src/api/render-run.ts';
import type { Run, StepStatus } from '../../src/api/run.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { runCli } from '../../src/cli/program.ts';
import type { Host } from '../../src/cli/host.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { createLimiter } from '../../src/kube/limiter.ts';
import { wirePlan } from '../api/wire-plan.ts';
import { ago, now } from '../decide/support/facts.ts';
import { aDatabase, aSpec, east, west } from '../decide/support/plans.ts';
import { aRun, aRunSpec, aStatus, graphOf } from '../decide/support/runs.ts';
import { answering, json, status as statusAnswer, type ScriptedHttp } from '../support/scripted-http.ts';

type Answered = Awaited<ReturnType<ScriptedHttp['send']>>;

type Wire = Readonly<Record<string, unknown>>;

/** What the management cluster holds, by path below the group. */
export interface Objects {
  /** Whether the API server lacks the kinds altogether, as a region's does. */
  readonly unknownKinds?: boolean;
  readonly plan?: Wire;
  readonly run?: Wire;
  readonly runs?: readonly Wire[];
  /** What each of the operator's maps of samples holds. */
  readonly samples?: readonly Readonly<Record<string, string>>[];
  readonly reachable?: Readonly<Record<string, boolean>>;
  /** The Leases by the operator's name, in all namespaces; default: one whose holder lives. */
  readonly leases?: readonly Wire[];
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Bodies of the patches, in order. */
  readonly patches: readonly unknown[];
  readonly lines: readonly string[];
}

export interface Person {
  /** What they type when asked; undefined: nobody is there. */
  readonly types?: string;
  /** Answers a patch; default: what was patched. */
  readonly onPatch?: (attempt: number) => 'Conflict' | 'Taken';
  /** Between the reading that is shown and the next one. */
  readonly later?: Objects;
  /** The reading of the Run from which on it is the later one; default: the second. */
  readonly laterFrom?: number;
  /** What the nth reading of the plan (from 1) meets; default: the plan. */
  readonly onPlan?: (reading: number) => Answered | Promise<Answered> | undefined;
  /** What the nth reading of the Leases (from 1) meets; default: the Leases. */
  readonly onLeases?: (reading: number) => Answered | Promise<Answered> | undefined;
  /** The API server's Date header, wall ms; default: the clock of the person's machine. undefined: it sends none. */
  readonly servedAt?: { readonly wall: number | undefined };
  /** The deadline, ms, that comes to its end. */
  readonly endsAfter?: number;
  /** Of the person's machine, wall ms. */
  readonly wall?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly colour?: boolean;
}

const group = '/apis/dr.maestro.io/v1alpha1';
/** In all namespaces, and by the name alone. */
export const leasesPath = '/apis/coordination.k8s.io/v1/leases?fieldSelector=metadata.name%3Dmaestro-dr';
const inNamespace = `${group}/namespaces/payments`;

/** Everything answers at once, so no time passes; what waits is only ever taken back. */
const clockOf = ({ endsAfter }: Person): Clock => ({
  incarnation: 'test',
  wall: () => now.wall,
  monotonic: () => now.monotonic,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (ms === endsAfter) setImmediate(resolve);
      signal?.addEventListener('abort', () => {
        reject(new Error('taken back'));
      });
    }),
});

/** Runs the CLI against objects of a fixture, at `now`. */
export async function cli(argv: readonly string[], objects: Objects, person: Person = {}): Promise<Said> {
  const said = { out: '', err: '' };
  const patches: unknown[] = [];
  const http = serve(objects, person, patches);
  const clock = clockOf(person);
  const host: Host = {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    colour: person.colour === true,
    terminal: person.colour === true,
    interactive: person.types !== undefined,
    ask: async (question) => {
      said.err += `${question}\n`;
      return person.types ?? '';
    },
    now: () => person.wall ?? now.wall,
    sleep: async () => undefined,
    user: 'ana',
    readFile: async (path) => person.files?.[path] ?? '',
    connect: async () => ({
      client: createKubeClient({
        ports: { clock, http, files: { read: async () => '' } },
        access: () => ({ server: 'https://management', tls: {}, token: 'person' }),
        cluster: 'management',
        limiter: createLimiter(clock, { ratePerSecond: 100, burst: 100, maxInFlight: 10 }),
      }),
      namespace: 'payments',
    }),
  };
  const code = await runCli(argv, host);
  return { code, ...said, patches, lines: http.lines() };
}

function serve(objects: Objects, person: Person, patches: unknown[]): ScriptedHttp {
  let runsRead = 0;
  let plansRead = 0;
  let leasesRead = 0;
  const readRun = (): Answered => {
    runsRead += 1;
    const later = runsRead >= (person.laterFrom ?? 2) ? person.later?.run : undefined;
    return found(later ?? objects.run);
  };
  const readPlan = (): Answered | Promise<Answered> => {
    plansRead += 1;
    return person.onPlan?.(plansRead) ?? found(objects.plan);
  };
  const readLeases = (): Answered | Promise<Answered> => {
    leasesRead += 1;
    const wall = person.servedAt === undefined ? now.wall : person.servedAt.wall;
    const date = wall === undefined ? undefined : { date: new Date(wall).toUTCString() };
    const list = { ...listOf(objects.leases ?? [aLease()]), apiVersion: 'coordination.k8s.io/v1', kind: 'LeaseList' };
    return person.onLeases?.(leasesRead) ?? json(200, list, date);
  };
  return answering((request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    if (`${pathname}${search}` === leasesPath) return readLeases();
    if (request.method === 'PATCH') {
      const body: unknown = JSON.parse(request.body ?? '{}');
      patches.push(body);
      if (person.onPatch?.(patches.length) === 'Conflict') return statusAnswer(409, 'Conflict');
      const { spec } = body as Wire;
      return json(200, { ...(pathname.includes('runs') ? objects.run : objects.plan), spec });
    }
    if (pathname === `${inNamespace}/disasterrecoveryruns/checkout-7`) return readRun();
    if (pathname === `${inNamespace}/disasterrecoveryplans/checkout`) return readPlan();
    if (objects.unknownKinds === true) return statusAnswer(404, 'NotFound');
    if (pathname.endsWith('/disasterrecoveryplans')) return json(200, listOf([]));
    if (pathname === `${inNamespace}/disasterrecoveryruns`) {
      return json(200, pageOf(selected(objects.runs ?? [], searchParams), searchParams));
    }
    const map = /\/configmaps\/(maestro-dr-samples-(\d+))$/.exec(pathname);
    if (map !== null) {
      const data = objects.samples?.[Number(map[2])];
      return found(data === undefined ? undefined : { ...meta('v1', 'ConfigMap', map[1] ?? ''), data });
    }
    const region = /disasterrecoveryregions\/(.+)$/.exec(pathname)?.[1];
    return found(region === undefined ? undefined : regionOf(region, objects.reachable?.[region]));
  });
}

function found(object: Wire | undefined): ReturnType<typeof json> {
  return object === undefined ? statusAnswer(404, 'NotFound') : json(200, object);
}

/** As an API server does: what has not the label is not listed. */
function selected(items: readonly Wire[], query: URLSearchParams): readonly Wire[] {
  const [key = '', value] = (query.get('labelSelector') ?? '').split('=');
  if (key === '') return items;
  return items.filter((item) => {
    const { labels } = item.metadata as { readonly labels?: Readonly<Record<string, string>> };
    return labels?.[key] === value;
  });
}

/** As an API server does: what is over the limit is on the next page. */
function pageOf(items: readonly Wire[], query: URLSearchParams): Wire {
  const from = Number(query.get('continue') ?? 0);
  const to = from + Number(query.get('limit') ?? items.length);
  const next = to < items.length ? { continue: String(to) } : {};
  return { ...listOf(items.slice(from, to)), metadata: { resourceVersion: '1', ...next } };
}

function listOf(items: readonly Wire[]): Wire {
  return {
    apiVersion: 'dr.maestro.io/v1alpha1',
    kind: 'DisasterRecoveryRunList',
    metadata: { resourceVersion: '1' },
    items,
  };
}

function meta(apiVersion: string, kind: string, name: string): Wire {
  const metadata = { name, namespace: 'payments', uid: `${name}-uid`, resourceVersion: '5', generation: 3 };
  return { apiVersion, kind, metadata };
}

function regionOf(name: string, reachable: boolean | undefined): Wire | undefined {
  if (reachable === undefined) return undefined;
  const said = {
    type: 'Reachable',
    status: reachable ? 'True' : 'False',
    reason: 'Answers',
    message: '',
    lastTransitionTime: '2030-01-01T00:00:00Z',
  };
  return { ...meta('dr.maestro.io/v1alpha1', 'DisasterRecoveryRegion', name), status: { conditions: [said] } };
}

interface LeaseWords {
  readonly namespace?: string;
  /** null: it was given up. */
  readonly holder?: string | null;
  /** By the clock of the API server that wrote it. */
  readonly renewedMsAgo?: number;
  /** By the holder's clock; default: the same. */
  readonly stampedMsAgo?: number;
}

/** As an API server has it after a renewal: the holder's own stamp, and its own time for who wrote that. */
export function aLease(words: LeaseWords = {}): Wire {
  const { namespace = 'maestro-dr', holder = 'maestro-dr-7c9f-x2x_life', renewedMsAgo = 2_000 } = words;
  const { stampedMsAgo = renewedMsAgo } = words;
  const metadata = {
    ...(meta('', '', 'maestro-dr').metadata as Wire),
    namespace,
    managedFields: [
      {
        manager: 'kubectl-annotate',
        operation: 'Update',
        time: new Date(now.wall).toISOString(),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:note': {} } } },
      },
      {
        manager: 'maestro-dr',
        operation: 'Update',
        time: new Date(ago(renewedMsAgo).wall).toISOString(),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:holderIdentity': {}, 'f:renewTime': {} } },
      },
    ],
  };
  const spec = {
    ...(holder === null ? {} : { holderIdentity: holder }),
    leaseDurationSeconds: 15,
    renewTime: new Date(ago(stampedMsAgo).wall).toISOString().replace('Z', '000Z'),
  };
  return { metadata, spec };
}

/** A holder that was last heard of 14 minutes ago. */
export const deadLease: LeaseWords = Object.freeze({ renewedMsAgo: 14 * 60_000 });

const rebuild = {
  jobTemplate: { spec: { template: { spec: { containers: [{ name: 'rebuild', image: 'rebuild:1' }] } } } },
};

/** The plan of DESIGN.md §1, whole enough to be written as YAML. */
export function aWholeSpec(over: Partial<PlanSpec> = {}): PlanSpec {
  return aSpec({ databases: [aDatabase('orders', { rebuild })], contacts: [{ role: 'DR Lead' }], ...over });
}

export function planObject(status: Partial<PlanStatus> = {}, spec: PlanSpec = aWholeSpec()): Wire {
  const wire = wirePlan(spec);
  const parsed = parsePlan(wire);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return {
    ...wire,
    ...meta('dr.maestro.io/v1alpha1', 'DisasterRecoveryPlan', 'checkout'),
    status: renderPlanStatus({
      observedGeneration: 3,
      epoch: 6,
      activeRegion: east,
      acknowledgedActiveRegion: east,
      workloads: [{ name: 'api', region: east, replicas: 4, at: ago(60_000).wall }],
      conditions: [
        condition('Ready', 'True', 'Active', 'Active in us-east-1.'),
        condition('Accepted', 'True', 'Accepted', 'The plan can be carried out as written.'),
        condition('Protected', 'True', 'Streaming', 'Every database streams to us-west-2.'),
        condition('RPOMet', 'True', 'WithinObjective', 'Every standby is within 300 s.'),
      ],
      ...status,
    }),
  };
}

export function condition(type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string) {
  return { type, status, reason, message, lastTransitionAt: ago(300_000).wall, observedGeneration: 3 };
}

/** A plan with checkout-7 under way. */
export function movingPlan(): Wire {
  return planObject(
    {
      epoch: 7,
      acknowledgedActiveRegion: west,
      currentRun: { name: 'checkout-7', uid: 'checkout-7-uid', epoch: 7 },
      conditions: [condition('Ready', 'False', 'RunInProgress', 'checkout-7: it waits.')],
    },
    aWholeSpec({ activeRegion: west }),
  );
}

/** checkout-7, forced, at the steps that a test says. */
export function runObject(
  steps: Readonly<Record<string, Partial<StepStatus>>> = {},
  over: { readonly spec?: Partial<Run['spec']>; readonly status?: Partial<Run['status']>; readonly wire?: Wire } = {},
): Wire {
  const spec = aWholeSpec();
  const journal = graphOf(spec, 'Forced').map((step) => ({
    ...step,
    state: 'Pending' as const,
    since: ago(90_000).wall,
    ...steps[step.id],
  }));
  const status = aStatus({
    phase: 'Activation',
    mode: 'Forced',
    snapshot: spec,
    steps: journal,
    milestones: { declared: ago(90_000).wall },
    message: 'It waits for a person.',
    ...over.status,
  });
  const run = aRun(status, aRunSpec(over.spec));
  return {
    ...meta('dr.maestro.io/v1alpha1', 'DisasterRecoveryRun', 'checkout-7'),
    spec: renderRunSpec(run.spec),
    status: { ...renderRunStatus(run.status, run.spec), ...over.wire },
  };
}

export const asksForApproval: Readonly<Record<string, Partial<StepStatus>>> = {
  assess: {
    state: 'Done',
    readyAt: ago(90_000).wall,
    since: ago(80_000).wall,
    outcome: { state: 'Succeeded', at: ago(80_000).wall, evidence: [] },
  },
  approve: {
    state: 'Waiting',
    since: ago(75_000).wall,
    waitsFor: {
      reason: 'ApprovalRequired',
      message: 'Forced failover of payments/checkout from us-east-1 to us-west-2 waits for a person.',
      evidence: [{ what: 'orders@us-east-1: Unreachable, connection refused', at: ago(82_000).wall }],
      evidenceHash: '2839809e70f93aa1',
      next: `kubectl patch drrun checkout-7 -n payments --type=merge -p '{"spec":{"approvals":[{"gate":"ApprovalRequired","by":"YOUR-NAME","reason":"YOUR-REASON","evidenceHash":"2839809e70f93aa1"}]}}'`,
    },
  },
};

/** As checked in, below golden/. */
export function held(name: string, text: string): void {
  const file = new URL(`./golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1' || (!existsSync(file) && process.env.CI !== 'true')) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
}

export function assertDone(said: Said): void {
  assert.equal(said.code, exitCodes.ok, said.err);
}

export const waiting: Objects = { plan: movingPlan(), run: runObject(asksForApproval) };
