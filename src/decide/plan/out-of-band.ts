import { peerOf } from '../../api/plan.ts';
import type { DatabaseState } from '../../drivers/databases/driver.ts';
import { adoptCommand } from '../commands.ts';
import type { Trouble } from './conditions.ts';
import type { PlanFacts } from './facts.ts';
import { writerView } from './writer.ts';

export type OutOfBand =
  | { readonly kind: 'None' }
  /** The field names where the platform is seen to be, newly or still: that is the word for it. */
  | { readonly kind: 'Adopt'; readonly region: string }
  | { readonly kind: 'Say'; readonly trouble: Trouble };

/** Where the databases are seen to write that the status does not say. */
interface Elsewhere {
  readonly region: string;
  readonly why: string;
  /** Another writer takes applications' writes where the status says: nobody can adopt that there are two. */
  readonly two: boolean;
}

/**
 * With no run in flight the databases write elsewhere than the status says: people failed over by hand, or the cluster
 * that holds the plan is older than the world. Nothing is done about it, and no wish is taken up, until a person adopts it.
 */
export function outOfBand(facts: PlanFacts): OutOfBand {
  const { status, plan } = facts;
  const found = seenElsewhere(facts);
  if (found === undefined) return { kind: 'None' };
  const { region, why, two } = found;
  if (plan.spec.activeRegion === region && !two) return { kind: 'Adopt', region };
  const remedy = two ? 'stop or fence the one that shall not go on.' : `to adopt it: ${adoptCommand(plan, region)}`;
  const message = `The status says ${status.activeRegion ?? 'nothing'}, but ${why}. Nothing is done about it; ${remedy}`;
  return { kind: 'Say', trouble: { reason: 'OutOfBandChange', message } };
}

function seenElsewhere(facts: PlanFacts): Elsewhere | undefined {
  const active = facts.status.activeRegion;
  if (facts.plan.spec.databases.length === 0) return undefined;
  const view = writerView(facts);
  if (view.kind === 'At') return view.region === active ? undefined : { ...view, two: false };
  return active === undefined ? undefined : openedElsewhere(facts, active);
}

/**
 * A standby is not open to applications: where every one of them is, somebody has promoted it. That counts without the
 * old writers' word, for people that fail over by hand leave those dead, out of reach, or fenced in their own way.
 */
function openedElsewhere(facts: PlanFacts, active: string): Elsewhere | undefined {
  const { spec } = facts.plan;
  const region = peerOf(spec, active);
  const looks = spec.databases.map(({ name }) => ({
    name,
    there: facts.observed.databases[`${name}@${region}`]?.fact,
    here: facts.observed.databases[`${name}@${active}`]?.fact,
  }));
  const [first] = looks;
  const all = looks.every(({ there, here }) => there?.known === true && isOpen(there.value) && here !== undefined);
  if (first === undefined || !all) return undefined;
  const rival = looks.find(({ here }) => here?.known === true && isOpen(here.value));
  if (rival !== undefined) {
    return { region, why: `database ${rival.name} takes writes in both regions`, two: true };
  }
  const how = first.here?.known === true ? 'is closed to its applications' : 'does not answer';
  return { region, why: `database ${first.name} takes writes in ${region}, and in ${active} it ${how}`, two: false };
}

/** A primary that an application may log in to. */
export const isOpen = ({ role, enabledRoles }: DatabaseState): boolean => role === 'Primary' && enabledRoles.length > 0;
