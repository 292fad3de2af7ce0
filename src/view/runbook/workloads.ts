import { isScheduled, type Workload } from '../../api/plan.ts';
import type { Step } from '../../api/run.ts';
import { named, type Block, type Guide, type Journey } from './guide.ts';
import { kubectl } from './kubectl.ts';
import { expanding, shellVariable, variableName } from './shell.ts';
import {
  activeSize,
  nothingRuns,
  objectOf,
  raiseSize,
  readyNow,
  setSize,
  sizeNow,
  sizeVariable,
  standbySize,
  stoppedSize,
  type Size,
} from './sizes.ts';
import { formerTtl } from './traffic.ts';

const workloadOf = (step: Step, { plan }: Journey): Workload => named(plan.spec.workloads, step);

export function preflightWorkload(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  const there: Block = {
    says: `It exists in ${journey.target}.`,
    sh: kubectl(journey, journey.target, 'get', objectOf(workload)),
  };
  const fixed = !isScheduled(workload) && 'replicas' in workload.active;
  return { does: fixed ? [] : [sizeInSource(workload, journey)], verifies: [there] };
}

/** Live while the source answers, else what was last seen healthy, else the person's own word. */
function sizeInSource(workload: Workload, journey: Journey): Block {
  const variable = sizeVariable(workload);
  const last = lastSize(workload, journey);
  const lines = [
    `${variable}=$(${sizeNow(journey, journey.source, workload)})`,
    ...(last === undefined ? [] : [`: "\${${variable}:=${last}}"`]),
    `: "\${${variable}:?set it yourself: ${isScheduled(workload) ? 'false, or true if it is to stay suspended' : 'the number of replicas wanted'}}"`,
    `echo "$${variable}"`,
  ];
  const or = last === undefined ? '' : `, or ${last} as it was last seen healthy`;
  const says = isScheduled(workload)
    ? `Whether it is suspended in ${journey.source}${or}: it stays so in ${journey.target}.`
    : `How many replicas: as many as ${journey.source} has${or}. Look at the number: a region in trouble may have too few.`;
  return { says, sh: lines.join('\n') };
}

function lastSize(workload: Workload, { replicas }: Journey): Size | undefined {
  const last = replicas[workload.name];
  if (last === undefined) return undefined;
  return isScheduled(workload) ? String(last === 0) : String(last);
}

export function preScale(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  return {
    does: [
      {
        says: `Up to its full size in ${journey.target} while the databases are moved. Never down: somebody may be served there.`,
        sh: raiseSize(journey, journey.target, workload, activeSize(workload)),
      },
    ],
    verifies: [isAskedFor(workload, journey, journey.target, activeSize(workload), '-ge')],
    undoes: [backToStandby(workload, journey, journey.target)],
  };
}

export function quiesce(step: Step, journey: Journey): Guide {
  const workload = workloadOf(step, journey);
  const before = variableName('before', workload.name);
  return {
    does: [
      ...(isTheFence(journey) ? [unseen(workload, journey)] : []),
      {
        says: `Stopped in ${journey.source} before the fence, so that no job is cut off in the middle.`,
        sh: `${before}=$(${sizeNow(journey, journey.source, workload)})\n${setSize(journey, journey.source, workload, stoppedSize(workload))}`,
        needsSource: true,
      },
    ],
    verifies: [
      {
        says: 'Nothing of it runs any more.',
        sh: nothingRuns(journey, journey.source, workload),
        prints: 'none',
        needsSource: true,
      },
    ],
    undoes: [
      {
        says: `As it was in ${journey.source}.`,
        sh: setSize(journey, journey.source, workload, shellVariable(before)),
        needsSource: true,
      },
    ],
  };
}

/** Without a database nothing else keeps two of it from working at once. */
function isTheFence({ plan, mode }: Journey): boolean {
  return plan.spec.databases.length === 0 && mode === 'Forced';
}

function unseen({ name }: Workload, { source }: Journey): Block {
  return {
    says: `If ${source} does not answer, ${name} cannot be stopped there now, and it must not work in both regions: make sure in another way that it has stopped (powered off, its network cut), and write down the instant in UTC. When ${source} comes back, stand-down/${name} comes before anything else there.`,
  };
}

export function workload(step: Step, journey: Journey): Guide {
  const found = workloadOf(step, journey);
  const wanted = activeSize(found);
  const ready: Block = {
    says: 'As many are ready as are asked for; an autoscaler may ask for another number.',
    sh: `[ "$(${readyNow(journey, journey.target, found)})" -ge "$(${sizeNow(journey, journey.target, found)})" ] && echo ok`,
    prints: 'ok',
  };
  // Of nothing none is ready (an API server leaves the field out), and a schedule has nothing to be ready.
  const countable = !isScheduled(found) && wanted !== '0';
  return {
    does: [
      {
        says: isScheduled(found) ? `Let run in ${journey.target}.` : `At its full size in ${journey.target}.`,
        sh: raiseSize(journey, journey.target, found, wanted),
      },
    ],
    verifies: countable ? [ready] : [isAskedFor(found, journey, journey.target, wanted, '-ge')],
    undoes: [backToStandby(found, journey, journey.target)],
  };
}

export function standDown(step: Step, journey: Journey): Guide {
  const found = workloadOf(step, journey);
  const fenced = journey.plan.spec.databases.length === 0 ? '' : ', and after its databases are fenced';
  return {
    does: [
      ...(journey.mode === 'Forced' && found.quiesce ? [overtaken(found, journey)] : []),
      draining(journey),
      {
        says: `After that many seconds, when ${journey.source} is back${fenced}.`,
        sh: setSize(journey, journey.source, found, standbySize(found)),
      },
    ],
    verifies: [isAskedFor(found, journey, journey.source, standbySize(found), '=')],
  };
}

function overtaken({ name }: Workload, { source }: Journey): Block {
  return {
    says: `If quiesce/${name} was not carried out and verified, it serves nobody and is stopped at once when ${source} is back: leave the wait out.`,
  };
}

/** A record may have lived longer than the plan says: what was listed before it moved is in the person's shell. */
function draining({ plan, target }: Journey): Block {
  const { traffic, failover } = plan.spec;
  const own = Math.max(0, ...traffic.map(({ ttl }) => ttl));
  const former = traffic.map((record) => `"\${${formerTtl(record)}:-0}"`).join(' ');
  const longest =
    former === '' ? '' : `for TTL in ${former}; do if [ "$TTL" -gt "$LONGEST" ]; then LONGEST=$TTL; fi; done\n`;
  return {
    says: `Not before caches of the old answer have expired and the drain is over: so many seconds after the servers answer ${target}.`,
    sh: `LONGEST=${String(own)}\n${longest}echo $((LONGEST + ${String(Math.ceil(failover.drainMs / 1000))}))`,
  };
}

function backToStandby(workload: Workload, journey: Journey, region: string): Block {
  return {
    says: `Back to its standby size in ${region}.`,
    sh: setSize(journey, region, workload, standbySize(workload)),
  };
}

function isAskedFor(workload: Workload, journey: Journey, region: string, size: Size, how: '=' | '-ge'): Block {
  const compared = isScheduled(workload) ? '=' : how;
  const condition = `[ "$(${sizeNow(journey, region, workload)})" ${compared} ${expanding(size)} ]`;
  const many = how === '=' ? 'It is asked for that many.' : 'It is asked for that many, or more.';
  const says = isScheduled(workload) ? 'It is suspended, or not, as it should be.' : many;
  return { says, sh: `${condition} && echo ok`, prints: 'ok' };
}
