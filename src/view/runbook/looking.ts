import type { Step } from '../../api/run.ts';
import { formatDuration } from '../../api/duration.ts';
import { curl } from './checks.ts';
import { serviceOf } from './databases.ts';
import type { Block, Guide, Journey } from './guide.ts';
import { kubectl } from './kubectl.ts';
import { flushed, server } from './readings.ts';
import { word } from './shell.ts';
import { ask, show } from './sql.ts';

export function assess(_step: Step, journey: Journey): Guide {
  const { plan, source, target, mode } = journey;
  const planned = `This is the way for a ${source} that is healthy and replicating: it loses nothing.`;
  const healthy = 'If it is healthy, print the runbook with `--mode Planned`.';
  const forced =
    plan.spec.databases.length === 0
      ? `This is the way for a ${source} that is down: its API server and its edge are dead. ${healthy}`
      : `This is the way for a ${source} that is down: what had not been replicated is lost. It is down only if its databases cannot be reached from here, and their standbys have received nothing for 10 s, and its API server or its edge is dead too. ${healthy}`;
  return {
    does: [
      { says: mode === 'Planned' ? planned : forced },
      {
        says: `Does the API server of ${source} answer?`,
        sh: kubectl(journey, source, 'get --raw /readyz'),
        needsSource: true,
      },
      ...plan.spec.databases.map(({ name }): Block => ({
        says: `The standby of ${name} in ${target}: its position, and when it last heard from its primary. Ask twice, ten seconds apart.`,
        sh: show(serviceOf(name, target), server, true),
      })),
    ],
    verifies: [],
  };
}

export function samplePositions(_step: Step, journey: Journey): Guide {
  const { plan, source, target } = journey;
  return {
    does: plan.spec.databases.flatMap(({ name }): readonly Block[] => [
      {
        says: `Where ${name} in ${source} is. Write it down with the time: it bounds what can be lost.`,
        sh: `date -u +%FT%TZ\n${ask(serviceOf(name, source), 'lsn', flushed)}`,
        needsSource: true,
      },
      {
        says: `What ${name} in ${target} has replayed.`,
        sh: `date -u +%FT%TZ\n${ask(serviceOf(name, target), 'position', server)}`,
      },
    ]),
    verifies: [],
  };
}

export function approve(_step: Step, { plan, mode, source, target }: Journey): Guide {
  const { approval } = plan.spec.failover;
  const wanted = approval === 'Always' || (approval === 'Forced' && mode === 'Forced');
  const loss =
    plan.spec.databases.length === 0 || mode === 'Planned'
      ? ''
      : ` A loss above the RPO of ${formatDuration(plan.spec.objectives.rpoMs)}, or one that nobody can bound, is accepted by name.`;
  return {
    does: [
      {
        says: wanted
          ? `The plan wants a person's word (approval: ${approval}): write down who lets the platform go from ${source} to ${target}, when, and why.${loss}`
          : `The plan asks for no approval here (approval: ${approval}).${loss}`,
      },
    ],
    verifies: [],
  };
}

export function soak(_step: Step, { plan, target }: Journey): Guide {
  const { soakMs } = plan.spec.failover;
  const after = plan.spec.smokeTests.filter(({ when }) => when === 'AfterTraffic');
  return {
    does: [
      {
        says: `It stays healthy for ${formatDuration(soakMs)}: the RTO's clock stops after that.`,
        sh: `sleep ${String(Math.ceil(soakMs / 1000))}`,
      },
    ],
    verifies: after.flatMap(({ name, http }): readonly Block[] => {
      const own = http[target];
      return own === undefined ? [] : [{ says: `${name} is still green.`, sh: curl(own), prints: 'ok' }];
    }),
  };
}

export function report(_step: Step, journey: Journey): Guide {
  const { plan, target } = journey;
  const patch = JSON.stringify({ spec: { activeRegion: target } });
  return {
    does: [
      {
        says: 'Write down: when it was disrupted, declared, fenced, promoted, answered by the name servers and healthy; what each database lost and how that is known; who decided what.',
      },
      {
        says: `When the operator runs again it says \`OutOfBandChange\` and changes nothing. Adopt what you did with one command:\n\n\`kubectl --context ${word(journey.context('management'))} patch drplan ${plan.name} -n ${plan.namespace} --type=merge -p ${word(patch)}\``,
      },
    ],
    verifies: [],
  };
}
