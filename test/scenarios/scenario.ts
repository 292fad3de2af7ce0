import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { KILL_MOMENTS, killAt, type CallInfo, type Fault } from '../simulation/kernel/index.ts';
import { assertInvariants } from '../simulation/assert-invariants.ts';
import { endState, type EndState } from './end-state.ts';
import { createStage, type Stage, type StageOptions } from './stage.ts';

/** A story in virtual time, told once by its recording and held to by lines that a person wrote. */
export interface Scenario {
  /** Names the golden file: `golden/<name>.timeline`. */
  readonly name: string;
  /** One sentence: what it shows. */
  readonly shows: string;
  readonly options?: StageOptions;
  /** What people, machines and weather do. Waits for conditions of the world, never for the operator's steps alone. */
  readonly story: (stage: Stage) => Promise<void>;
  /** Each must match the timeline, in this order. Written by hand, checked apart from the recording. */
  readonly must: readonly RegExp[];
  /** None may match anywhere. */
  readonly never: readonly RegExp[];
  /** Beyond the lines: what the witnesses must show at the end. */
  readonly expect?: (stage: Stage) => void;
  /** False where the story cannot be told with the operator dying at each effect; says why. */
  readonly killSweep?: { readonly why: string };
}

const folder = new URL('./golden/', import.meta.url);

/** Registers the story's tests: its golden timeline, that it replays identically, and that no death of the operator changes its end. */
export function scenario(told: Scenario): void {
  describe(`${told.name}: ${told.shows}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await tell(told);
    });
    it('reads as recorded', () => {
      held(told, stage.timeline.text());
    });
    it('holds what must and never happens', () => {
      mustAndNever(told, stage);
      told.expect?.(stage);
    });
    it('breaks no invariant', () => {
      assertInvariants(stage);
    });
    it('replays identically', async () => {
      const again = await tell(told);
      assert.equal(again.kernel.traceHash(), stage.kernel.traceHash());
    });
    if (told.killSweep !== undefined) return;
    it('ends alike when the operator dies at any effect: before it, after it, after its reply', async function () {
      this.timeout(600_000);
      await sweep(told, stage);
    });
  });
}

export async function tell(told: Scenario, faults: readonly Fault[] = []): Promise<Stage> {
  const options = { ...told.options, faults: [...(told.options?.faults ?? []), ...faults] };
  const stage = createStage(options);
  await told.story(stage);
  return stage;
}

function held(told: Scenario, text: string): void {
  const file = new URL(`${told.name}.timeline`, folder);
  if (process.env.UPDATE_GOLDEN === '1' || (!existsSync(file) && process.env.CI !== 'true')) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'));
}

function mustAndNever(told: Scenario, stage: Stage): void {
  const text = stage.timeline.text();
  const lines = text.split('\n');
  let from = 0;
  for (const wanted of told.must) {
    const found = lines.findIndex((line, index) => index >= from && wanted.test(line));
    assert.notEqual(found, -1, `must: ${String(wanted)} after line ${String(from)}\n${text}`);
    from = found + 1;
  }
  for (const banned of told.never) {
    const found = lines.find((line) => banned.test(line));
    assert.equal(found, undefined, `never: ${String(banned)}\n${text}`);
  }
}

/** An effect is a mutation outside the operator's own objects: what a death in the middle of could double or lose. */
export function isEffect(call: CallInfo): boolean {
  if (call.label.startsWith('sql.') || call.label.startsWith('route53.')) return true;
  return isInRegion(call) && !isRunbook(call);
}

/** A plan's runbook in a region's cluster: the operator's own object there (docs/adr/0012), and no part of a run. */
export function isRunbook(call: CallInfo): boolean {
  return isInRegion(call) && / \/api\/v1\/namespaces\/[^/]+\/configmaps/.test(call.detail);
}

function isInRegion({ label, destination }: CallInfo): boolean {
  return label.startsWith('kube.') && !destination.startsWith('api.management');
}

/** Each kind of effect once: its statement, request or change, where it went, and for which object. */
function kindsOf(calls: readonly CallInfo[]): readonly CallInfo[] {
  const kinds = new Map<string, CallInfo>();
  for (const call of calls) {
    // A patch's detail tells one size of a Deployment from another; the rest of the details differ by token alone.
    const kind = `${call.label} ${call.destination} ${call.label.startsWith('kube.') ? call.detail : ''}`;
    if (!kinds.has(kind)) kinds.set(kind, call);
  }
  return [...kinds.values()];
}

/** Its ends are compared and its fault must strike; nobody reads these histories, so no timeline is written. */
async function sweep(told: Scenario, whole: Stage): Promise<void> {
  const wanted = endState(whole);
  const unread: Scenario = { ...told, options: { ...told.options, timeline: false } };
  const effects = kindsOf(whole.kernel.mutations().filter(isEffect));
  for (const [index, call] of effects.entries()) {
    for (const moment of momentsOf(told.name, index)) {
      const where = `killed ${moment} of ${call.label} #${String(call.occurrence)} ${call.detail}`;
      const stage = await tell(unread, [killAt(call, moment)]).catch((error: unknown) => {
        throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      });
      const unmet = stage.kernel.unmet();
      assert.deepEqual(unmet, [], `${where}: the fault was never met`);
      assertSameEnd(endState(stage), wanted, where);
    }
  }
}

/**
 * `make sweep` strikes each effect at all three moments; `make test` one in four at one of them, in turn and beginning
 * at another in another story, so that the suite stays within half an hour on two cores.
 */
function momentsOf(story: string, index: number): readonly (typeof KILL_MOMENTS)[number][] {
  if (process.env.SWEEP === 'full') return KILL_MOMENTS;
  if ((index + story.length) % 4 !== 0) return [];
  return KILL_MOMENTS.filter((_moment, at) => at === index % KILL_MOMENTS.length);
}

function assertSameEnd(got: EndState, wanted: EndState, where: string): void {
  assert.deepEqual(got, wanted, where);
}
