import { east } from '../scenarios/names.ts';
import { ask, planName, plansPath } from '../scenarios/objects.ts';
import type { Stage } from '../scenarios/stage.ts';
import type { Wire } from './object-log.ts';
import type { Deed, Halt, Steering } from './tale.ts';

/** What people do of themselves, beside answering what they are asked. */
export interface Deeds {
  /** From now on: at its time it is done, and taken back when it is over. */
  begin(deed: Deed): void;
  /** Whoever paused the Run does not want it to go on yet. */
  paused(): boolean;
}

const said = { by: 'bob', reason: 'so that it is tried' };
const configMaps = '/api/v1/namespaces/maestro-dr-system/configmaps';
const halting = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'maestro-dr-halt' },
  data: { by: 'bob', reason: 'a game day elsewhere' },
};

/** `plan`: as it is made again once it was deleted. */
export function createDeeds(stage: Stage, plan: Wire): Deeds {
  const { kernel } = stage;
  let pausedUntil = 0;
  return {
    begin(deed) {
      kernel.at(kernel.now() + deed.at, deed.do, () => {
        if (deed.do === 'pause') pausedUntil = Math.max(pausedUntil, kernel.now() + deed.forMs);
        act(stage, deed, plan);
        if ('forMs' in deed) kernel.at(kernel.now() + deed.forMs, `${deed.do} is over`, () => takeBack(stage, deed.do));
      });
    },
    paused: () => kernel.now() < pausedUntil,
  };
}

function act(stage: Stage, deed: Deed, plan: Wire): void {
  const { person, world } = stage;
  const exists = person.plan().spec !== undefined;
  switch (deed.do) {
    case 'flip-back':
      if (exists) person.setActiveRegion(east);
      return;
    case 'edit':
      if (exists) person.patchPlan({ objectives: { rto: '20m', rpo: '40s' }, failover: { soak: '2s' } });
      return;
    case 'delete':
    case 'delete-and-remake':
      if (!exists) return;
      ask(world.management, 'DELETE', `${plansPath}/${planName}`);
      if (deed.do === 'delete') return;
      stage.kernel.at(stage.kernel.now() + 2_000, 'remade', () => {
        if (person.plan().spec === undefined) ask(world.management, 'POST', plansPath, plan);
      });
      return;
    case 'halt':
      tryTo(() => ask(world.management, 'POST', configMaps, halting));
      return;
    case 'abort':
    case 'pause':
    case 'skip':
    case 'retry':
    case 'mode':
    case 'approve-other':
      steer(stage, deed);
  }
}

/** What is said to the newest Run, if there is one. */
function steer(stage: Stage, deed: Exclude<Steering, Halt>): void {
  const { person } = stage;
  const run = person.run();
  if (run === undefined) return;
  // Lists are records: what is there already is said again, or the API server refuses it.
  const also = (list: string, entry: Wire): Wire => ({
    [list]: [...((run.spec[list] ?? []) as readonly Wire[]), { ...entry, ...said }],
  });
  const say = (spec: Wire): void => {
    tryTo(() => {
      person.patchRun(spec);
    });
  };
  switch (deed.do) {
    case 'abort':
      say({ desiredState: 'Aborted' });
      return;
    case 'pause':
      say({ desiredState: 'Paused' });
      return;
    case 'skip':
      say(also('skips', { step: deed.step }));
      return;
    case 'retry':
      say(also('retries', { step: deed.step, at: new Date(stage.now()).toISOString() }));
      return;
    case 'mode':
      say({ mode: deed.mode });
      return;
    case 'approve-other':
      say(also('approvals', { gate: 'ApprovalRequired', evidenceHash: '0123456789abcdef' }));
  }
}

function takeBack(stage: Stage, what: Deed['do']): void {
  if (what === 'halt') {
    tryTo(() => ask(stage.world.management, 'DELETE', `${configMaps}/maestro-dr-halt`));
    return;
  }
  if (stage.person.run()?.spec.desiredState === 'Paused') stage.person.patchRun({ desiredState: 'Running' });
}

/** What the API server refuses has its answer: a command that was printed before somebody else's word, or that comes too late. */
export function tryTo(request: () => unknown): void {
  try {
    request();
  } catch {
    return;
  }
}
