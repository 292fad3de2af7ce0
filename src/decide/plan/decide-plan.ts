import { isScheduled, type Workload } from '../../api/plan.ts';
import type { PlanStatus } from '../../api/plan-status.ts';
import type { Run } from '../../api/run.ts';
import type { WorkloadState } from '../../drivers/workloads/driver.ts';
import { fenceIntended } from '../abort.ts';
import type { Need } from '../facts.ts';
import { conditions, type Trouble } from './conditions.ts';
import { ended, progress, trackRun } from './current-run.ts';
import type { PlanDecision, PlanFacts } from './facts.ts';
import { headingNeeds } from './heading.ts';
import { surplusRuns } from './history.ts';
import { planNotices } from './notices.ts';
import { outOfBand } from './out-of-band.ts';
import { personRun, rejections } from './person-run.ts';
import { asksForRecords, isMoving } from './traffic-elsewhere.ts';
import { readWish, runName, runSpec, started } from './wish.ts';
import { writerView } from './writer.ts';

interface Turn {
  readonly status: PlanStatus;
  readonly run?: Run;
  readonly trouble?: Trouble;
  readonly create?: PlanDecision['create'];
  readonly again?: boolean;
}

/** Adopt, take up a change of wish, follow the run; then say how things stand. Never acts on anything itself. */
export function decidePlan(facts: PlanFacts): PlanDecision {
  const turn = turnOf(facts);
  const withWorkloads = {
    ...turn.status,
    workloads: lastHealthy(facts, turn.status),
    observedGeneration: facts.plan.generation,
  };
  const status = { ...withWorkloads, conditions: conditions(facts, withWorkloads, turn.run, turn.trouble) };
  return {
    status,
    ...(turn.create === undefined ? {} : { create: turn.create }),
    reject: rejections({ ...facts, status }),
    release: !['Running', 'Bind', 'Missing', 'Unread'].includes(trackRun({ ...facts, status }).kind),
    remove: surplusRuns({ ...facts, status }),
    notices: planNotices(facts.status, status),
    needs: needs(facts, status),
    ...(turn.again === true ? { wakeAfterMs: 0 } : {}),
  };
}

function turnOf(facts: PlanFacts): Turn {
  if (facts.identityKeptBy !== undefined) return withdraw(facts);
  return facts.plan.deleting || facts.regionProblems.length > 0 ? followOnly(facts) : decideTurn(facts);
}

function decideTurn(facts: PlanFacts): Turn {
  const tracked = trackRun(facts);
  switch (tracked.kind) {
    case 'Missing': {
      const target = facts.status.acknowledgedActiveRegion ?? facts.plan.spec.activeRegion;
      return {
        status: facts.status,
        create: { name: runName(facts, tracked.epoch), spec: runSpec(facts, tracked.epoch, target) },
      };
    }
    case 'Bind':
    case 'Rename':
      return { status: tracked.status, again: true };
    case 'Unread': {
      const message = `Run ${tracked.name} cannot be read by this operator, so nothing begins and nothing ends: ${tracked.problem}`;
      return { status: facts.status, trouble: { reason: 'RunUnreadable', message } };
    }
    case 'Lost':
      return {
        status: tracked.status,
        trouble: {
          reason: 'RunLost',
          message: `Run ${tracked.name} was deleted while it was under way; looking where the platform is.`,
        },
        again: true,
      };
    case 'Ended':
      return { status: ended(facts, tracked.run), again: true };
    case 'Running':
      return following(facts, tracked.run);
    case 'None':
      return facts.status.activeRegion === undefined ? adopt(facts) : takeUp(facts);
  }
}

/** Deleted or refused: the run under way is followed, nothing new begins. */
function followOnly(facts: PlanFacts): Turn {
  const tracked = trackRun(facts);
  if (tracked.kind === 'Running') return { status: progress(facts, tracked.run), run: tracked.run };
  return tracked.kind === 'Ended' ? { status: ended(facts, tracked.run) } : { status: facts.status };
}

/**
 * Another plan keeps its identity. A Run under way is followed to its end; what was taken up and has not begun is given
 * up. Nor does it stay adopted: when it is free to move, the platform is where the other plan has left it, and what was
 * asked of this one meanwhile must not begin by itself.
 */
function withdraw(facts: PlanFacts): Turn {
  const tracked = trackRun(facts);
  switch (tracked.kind) {
    case 'Running':
      return { status: progress(facts, tracked.run), run: tracked.run };
    case 'Unread':
      return { status: facts.status };
    case 'Ended':
      return { status: unadopted(ended(facts, tracked.run)) };
    case 'Missing':
    case 'Bind':
    case 'Rename':
    case 'Lost':
    case 'None': {
      const { currentRun: _given, ...rest } = facts.status;
      return { status: unadopted(rest) };
    }
  }
}

function unadopted(status: PlanStatus): PlanStatus {
  const { activeRegion, acknowledgedActiveRegion, adoptedAt, reversalPending, ...rest } = status;
  return rest;
}

function following(facts: PlanFacts, run: Run): Turn {
  const status = progress(facts, run);
  const wish = readWish(facts);
  if (wish.kind === 'Reversal' && fenceIntended(run.status)) {
    const by = facts.fieldOwner === undefined ? {} : { by: facts.fieldOwner };
    const reversalPending = status.reversalPending ?? { region: wish.region, at: facts.now.wall, ...by };
    return { status: { ...status, reversalPending }, run };
  }
  return { status: withoutAnsweredReversal(facts, status), run };
}

function withoutAnsweredReversal(facts: PlanFacts, status: PlanStatus): PlanStatus {
  if (status.reversalPending === undefined || status.reversalPending.region === facts.plan.spec.activeRegion) {
    return status;
  }
  const { reversalPending: _answered, ...rest } = status;
  return rest;
}

/** On first sight: where do the databases write? If that is not what the plan says, nothing is done about it. */
function adopt(facts: PlanFacts): Turn {
  const { status, plan, now } = facts;
  const view = writerView(facts);
  if (view.kind === 'Unknown') {
    return {
      status,
      trouble: { reason: 'AdoptionUnknown', message: `Cannot tell where the platform is active: ${view.why}.` },
    };
  }
  if (view.kind === 'Contradiction') {
    return { status, trouble: { reason: 'AdoptionUnknown', message: `Cannot adopt: ${view.why}.` } };
  }
  if (view.region !== plan.spec.activeRegion) {
    const message = `The plan says ${plan.spec.activeRegion}, but ${view.why}. Nothing is done about it; set activeRegion to ${view.region}, and change it when you mean to move.`;
    return { status, trouble: { reason: 'ActiveRegionMismatch', message } };
  }
  return {
    status: { ...status, activeRegion: view.region, acknowledgedActiveRegion: view.region, adoptedAt: now.wall },
    again: true,
  };
}

function takeUp(facts: PlanFacts): Turn {
  const status = withoutAnsweredReversal(facts, facts.status);
  const found = outOfBand({ ...facts, status });
  if (found.kind === 'Say') return { status, trouble: found.trouble };
  if (found.kind === 'Adopt') {
    const { region } = found;
    const { reversalPending: _answered, ...rest } = status;
    return {
      status: { ...rest, activeRegion: region, acknowledgedActiveRegion: region, adoptedAt: facts.now.wall },
      again: true,
    };
  }
  const made = personRun({ ...facts, status });
  if (made.kind === 'Wait') {
    return { status, trouble: { reason: 'EpochUnproven', message: `${made.run.name} waits: ${made.why}.` } };
  }
  const wish = readWish({ ...facts, status });
  if ((made.kind === 'Bind' || wish.kind === 'Start') && facts.runsElsewhere >= facts.maxRuns) {
    return { status, trouble: capped(facts) };
  }
  if (made.kind === 'Bind') return { status: bound(status, made.run), again: true };
  switch (wish.kind) {
    case 'Acknowledge': {
      // The platform is there already: nothing waits for a word any more.
      const { reversalPending: _answered, ...rest } = status;
      return { status: { ...rest, acknowledgedActiveRegion: wish.region }, again: true };
    }
    case 'Start':
      return { status: started({ ...facts, status }, wish.epoch, wish.target), again: true };
    case 'Wait':
      return {
        status,
        trouble: {
          reason: 'EpochUnproven',
          message: `The move to ${facts.plan.spec.activeRegion} waits: ${wish.why}.`,
        },
      };
    case 'Reversal':
    case 'None':
      return { status };
  }
}

function capped({ runsElsewhere, maxRuns }: PlanFacts): Trouble {
  const others = runsElsewhere === 1 ? '1 Run is' : `${String(runsElsewhere)} Runs are`;
  return {
    reason: 'RunsCapped',
    message: `${others} under way, and the operator carries out ${String(maxRuns)} at once.`,
  };
}

/** A person's Run: bound by name, UID and epoch in one write, for it is there already. The field's wish stays as it is. */
function bound(status: PlanStatus, run: Run): PlanStatus {
  const { name, uid } = run;
  const { epoch } = run.spec;
  return { ...status, epoch, currentRun: { name, uid, epoch } };
}

/** A count is only worth keeping while everything it wanted was ready; each change of it is written, not each look. */
function lastHealthy(facts: PlanFacts, status: PlanStatus): PlanStatus['workloads'] {
  const active = status.activeRegion;
  if (active === undefined || status.currentRun !== undefined) return status.workloads;
  return facts.plan.spec.workloads.flatMap((workload) => {
    const had = status.workloads.find((w) => w.name === workload.name && w.region === active);
    const fact = facts.observed.workloads[`${workload.name}@${active}`]?.fact;
    const healthy = fact?.known === true && fact.value.exists && isHealthy(workload, fact.value);
    if (!healthy) return had === undefined ? [] : [had];
    const { wanted } = fact.value;
    return had?.replicas === wanted
      ? [had]
      : [{ name: workload.name, region: active, replicas: wanted, at: fact.at.wall }];
  });
}

/** A suspended CronJob is as well as one that runs: somebody meant it so, and it is to stay so wherever it is active. */
function isHealthy(workload: Workload, state: Extract<WorkloadState, { exists: true }>): boolean {
  return isScheduled(workload) || (state.settled && state.wanted > 0 && state.ready >= state.wanted);
}

/** A session for each other database of a server: at rest it costs as much as the look itself, and a Run looks anew. */
const othersMs = 3_600_000;

function needs(facts: PlanFacts, status: PlanStatus): readonly Need[] {
  const { spec } = facts.plan;
  if (facts.regionProblems.length > 0 || facts.identityKeptBy !== undefined) return [];
  const active = status.activeRegion;
  const started = status.currentRun !== undefined;
  const moving = isMoving(facts, status);
  // Whatever is about to begin asks by the generation; that the plan has just said so makes no look too old.
  const records = moving
    ? spec.traffic.map((t): Need => ({ kind: 'Record', name: t.name }))
    : headingNeeds(facts, asksForRecords(facts, status) ? 'Record' : 'Heading');
  const answers = moving ? spec.traffic.map((t): Need => ({ kind: 'Answers', name: t.name })) : [];
  return [
    ...spec.databases.flatMap((d): Need[] =>
      spec.regions.map((region) => ({ kind: 'Database', name: d.name, region, othersMs })),
    ),
    ...(started ? [] : [...records, ...answers]),
    ...(active === undefined || started
      ? []
      : spec.workloads.map((w): Need => ({ kind: 'Workload', name: w.name, region: active }))),
  ];
}
