import { arrayAt, at, numberAt, stringAt, type JsonObject } from '../../src/sandbox/models/kube-api/json.ts';
import { nameServers, recordName, regionNames, serverName, type RegionName } from './names.ts';
import { planNamespace } from './objects.ts';
import type { World } from './world.ts';

export interface Line {
  /** ms since the beginning. */
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

/** Writes down what happens, as an incident report would tell it: people's words, the journal, and the witnesses. */
export interface Timeline {
  readonly lines: readonly Line[];
  note(who: string, what: string): void;
  text(): string;
}

const lookEveryMs = 100;

export function recordTimeline(world: World, startedAt: number): Timeline {
  const lines: Line[] = [];
  const now = (): number => world.time.now() - startedAt;
  const note = (who: string, what: string): void => {
    lines.push({ at: now(), who, what });
  };
  const seen = new Map<string, string>();
  const changed = (key: string, value: string): boolean => {
    if (seen.get(key) === value) return false;
    seen.set(key, value);
    return true;
  };
  let audited = 0;
  let attempted = 0;
  const heard = new Map<string, number>();
  const look = (): void => {
    for (; audited < world.audit.length; audited += 1) journal(world, audited, startedAt, changed, lines);
    witnesses(world, changed, note);
    told(world, startedAt, heard, lines);
    for (; attempted < world.clients.log.length; attempted += 1) {
      const entry = world.clients.log[attempted];
      if (entry?.id.startsWith('c') !== true) continue;
      const state = entry.acknowledged ? `orders are taken in ${entry.region ?? ''}` : 'orders are refused';
      if (changed('clients', state)) lines.push({ at: entry.at - startedAt, who: 'clients', what: state });
    }
    world.time.after(lookEveryMs, look);
  };
  look();
  const sorted = (): readonly Line[] => [...lines].sort((a, b) => a.at - b.at);
  return {
    get lines() {
      return sorted();
    },
    note,
    text: () =>
      sorted()
        .map((line) => `${stamp(line.at)}  ${line.who.padEnd(8)}  ${line.what}\n`)
        .join(''),
  };
}

function stamp(ms: number): string {
  const whole = Math.floor(ms / 1000);
  const minutes = String(Math.floor(whole / 60)).padStart(2, '0');
  return `${minutes}:${String(whole % 60).padStart(2, '0')}`;
}

type Changed = (key: string, value: string) => boolean;

/** Independent of the operator: the servers themselves. */
function witnesses(world: World, changed: Changed, note: (who: string, what: string) => void): void {
  for (const [name, model] of Object.entries(world.postgresql)) {
    for (const region of regionNames) {
      const server = serverName(name, region);
      const role = model.role(server);
      const history = model.timelineHistory(server);
      const state = role === 'Down' ? 'down' : `${role.toLowerCase()}, timeline ${String(history.length + 1)}`;
      if (changed(`pg/${server}`, state)) note('postgres', `${name} in ${region}: ${state}`);
    }
  }
  for (const region of regionNames) {
    for (const [name, state] of sizedIn(world, region)) {
      if (changed(`workload/${name}@${region}`, state)) note('workload', `${name} in ${region}: ${state}`);
    }
  }
  world.dnsServers.forEach((server, index) => {
    const answer =
      server.answer({ name: recordName, type: 'CNAME' })?.answers.find((record) => record.type === 'CNAME')?.value ??
      'nothing';
    const region = regionNames.find((name) => answer.includes(name)) ?? answer;
    if (changed(`dns/${String(index)}`, region)) note('dns', `${nameServers[index] ?? ''} answers ${region}`);
  });
}

/** What reached the people whom the plan names, by what their receivers took. */
function told({ receivers }: World, startedAt: number, heard: Map<string, number>, lines: Line[]): void {
  for (const who of ['lead', 'second', 'slack'] as const) {
    const { taken } = receivers[who];
    for (let index = heard.get(who) ?? 0; index < taken.length; index += 1) {
      const entry = taken[index];
      if (entry === undefined) continue;
      const words = typeof entry.message === 'string' ? entry.message : String(entry.message.text);
      lines.push({ at: entry.at - startedAt, who: 'told', what: `${who}: ${words.split('\n')[0] ?? ''}` });
    }
    heard.set(who, taken.length);
  }
}

/** StatefulSets and CronJobs; the Deployments of every story are told of by their steps alone. */
function sizedIn(world: World, region: RegionName): readonly (readonly [string, string])[] {
  const { hooks } = world.clusters[region];
  return [
    ...hooks.list('apps/statefulsets', planNamespace).map((set) => [nameOf(set), replicasOf(set)] as const),
    ...hooks.list('batch/cronjobs', planNamespace).map((cronJob) => [nameOf(cronJob), scheduleOf(cronJob)] as const),
  ];
}

function nameOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

function replicasOf(set: JsonObject): string {
  const ready = numberAt(set, 'status', 'readyReplicas') ?? 0;
  return `${String(numberAt(set, 'spec', 'replicas') ?? 1)} wanted, ${String(ready)} ready`;
}

function scheduleOf(cronJob: JsonObject): string {
  const running = arrayAt(cronJob, 'status', 'active').length;
  const jobs = running === 0 ? '' : `, ${String(running)} Job running`;
  return `${at(cronJob, 'spec', 'suspend') === true ? 'suspended' : 'scheduled'}${jobs}`;
}

interface StatusPatch {
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly steps?: readonly PatchedStep[];
    readonly refusals?: readonly { readonly request: string; readonly reason: string; readonly message: string }[];
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
  readonly spec?: unknown;
}

interface PatchedStep {
  readonly id: string;
  readonly state: string;
  readonly outcome?: { readonly state: string };
  readonly waitsFor?: { readonly reason: string; readonly message: string };
}

type Add = (who: string, what: string) => void;

/** The journal as it was written to the API server, and what people sent there. */
function journal(world: World, index: number, startedAt: number, changed: Changed, lines: Line[]): void {
  const entry = world.audit[index];
  if (entry?.changed !== true || entry.cluster !== 'management' || entry.group !== 'dr.maestro.io') return;
  const body = (entry.body === undefined ? {} : JSON.parse(entry.body)) as StatusPatch;
  const name = entry.name ?? '';
  const add: Add = (who, what) => {
    lines.push({ at: entry.at - startedAt, who, what });
  };
  if (entry.user === 'ana') {
    const sent = entry.verb === 'patch' ? ` ${JSON.stringify(body.spec)}` : '';
    add('ana', `${entry.verb} ${entry.resource.replace('disasterrecovery', '')} ${name}${sent}`);
  } else if (entry.resource === 'disasterrecoveryplans') planLine(name, body, changed, add);
  else {
    if (entry.verb === 'create') add('operator', `makes ${name}`);
    runLines(name, body, changed, add);
  }
}

function planLine(name: string, body: StatusPatch, changed: Changed, add: Add): void {
  const ready = body.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.reason === 'RunInProgress') return;
  if (changed(`ready/${name}`, `${ready.status}/${ready.reason}`)) {
    add('plan', `${name} Ready=${ready.status} ${ready.reason}: ${ready.message}`);
  }
}

function runLines(name: string, { status }: StatusPatch, changed: Changed, add: Add): void {
  if (status?.phase !== undefined && changed(`phase/${name}`, status.phase)) {
    add('run', `${name} is in ${status.phase}`);
  }
  for (const { request, reason, message } of status?.refusals ?? []) {
    if (!changed(`refused/${name}/${request}`, message)) continue;
    add('run', `${name} does not do ${request}: ${reason}: ${message}`);
  }
  for (const step of status?.steps ?? []) {
    const shown = shownState(step);
    if (shown === undefined || !changed(`step/${name}/${step.id}`, shown)) continue;
    const why = step.outcome === undefined && step.waitsFor !== undefined ? `: ${step.waitsFor.message}` : '';
    add('step', `${step.id} ${shown}${why}`);
  }
}

/** Only what a person would want to read: what was done, what it stopped for, what was taken back. */
function shownState(step: PatchedStep): string | undefined {
  // An outcome stays latched when it is taken back.
  if (step.state === 'Undone' || step.state === 'Undoing') return step.state;
  if (step.outcome !== undefined) return step.outcome.state;
  return step.state === 'Waiting' || step.state === 'Blocked'
    ? `${step.state} ${step.waitsFor?.reason ?? ''}`
    : undefined;
}
