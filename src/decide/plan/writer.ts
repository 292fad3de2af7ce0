import { peerOf } from '../../api/plan.ts';
import type { PlanFacts } from './facts.ts';

/** Where the databases (or, without any, the records) say that the platform writes. */
export type WriterView =
  | { readonly kind: 'At'; readonly region: string; readonly why: string }
  | { readonly kind: 'Unknown'; readonly why: string }
  | { readonly kind: 'Contradiction'; readonly why: string };

type Side = 'Primary' | 'Replica' | 'Unknown';

/** Adoption writes nothing and guesses nothing: one side dead needs the ownership record to say which it was. */
export function writerView(facts: PlanFacts): WriterView {
  const { spec } = facts.plan;
  if (spec.databases.length === 0) return recordView(facts);
  const views = spec.databases.map((database) => databaseView(facts, database.name));
  const [first] = views;
  if (first === undefined) return { kind: 'Unknown', why: 'no database' };
  const bad = views.find((view) => view.kind === 'Contradiction') ?? views.find((view) => view.kind === 'Unknown');
  if (bad !== undefined) return bad;
  const regions = views.flatMap((view) => (view.kind === 'At' ? [view.region] : []));
  if (regions.every((region) => region === regions[0])) return first;
  return {
    kind: 'Contradiction',
    why: `the databases write in different regions: ${spec.databases.map((d, i) => `${d.name} in ${regions[i] ?? ''}`).join(', ')}`,
  };
}

function databaseView(facts: PlanFacts, name: string): WriterView {
  const { spec } = facts.plan;
  const side = (region: string): Side => {
    const fact = facts.observed.databases[`${name}@${region}`]?.fact;
    return fact?.known === true ? fact.value.role : 'Unknown';
  };
  const [a, b] = spec.regions;
  const [sideA, sideB] = [side(a), side(b)];
  if (sideA === 'Primary' && sideB === 'Primary') {
    return { kind: 'Contradiction', why: `database ${name} is a primary in both regions` };
  }
  if (sideA === 'Replica' && sideB === 'Replica') {
    return { kind: 'Contradiction', why: `database ${name} is a replica in both regions` };
  }
  if (sideA === 'Primary' && sideB === 'Replica') {
    return { kind: 'At', region: a, why: `database ${name} writes in ${a}` };
  }
  if (sideB === 'Primary' && sideA === 'Replica') {
    return { kind: 'At', region: b, why: `database ${name} writes in ${b}` };
  }
  const living = sideA === 'Unknown' ? b : a;
  const dead = peerOf(spec, living);
  if (side(living) === 'Replica' && ownedBy(facts) === dead) {
    return {
      kind: 'At',
      region: dead,
      why: `${dead} does not answer, ${living} is a replica, and the ownership record names ${dead}`,
    };
  }
  const looked = facts.observed.databases[`${name}@${dead}`] !== undefined;
  return { kind: 'Unknown', why: `database ${name} in ${dead} ${looked ? 'cannot be seen' : 'has not been seen yet'}` };
}

/** The region that every readable ownership record of this plan names; undefined where none does, or they differ. */
function ownedBy(facts: PlanFacts): string | undefined {
  const regions = facts.plan.spec.traffic.flatMap((record) => {
    const fact = facts.observed.records[record.name]?.fact;
    if (fact?.known === true && fact.value.ownership.kind === 'Mine') return [fact.value.ownership.region];
    const answers = facts.observed.answers[record.name]?.fact;
    return answers?.known === true
      ? answers.value.servers.flatMap((s) => (s.ownership?.kind === 'Mine' ? [s.ownership.region] : []))
      : [];
  });
  const [first] = regions;
  return first !== undefined && regions.every((region) => region === first) ? first : undefined;
}

function recordView(facts: PlanFacts): WriterView {
  const regions = facts.plan.spec.traffic.map((record) => {
    const fact = facts.observed.records[record.name]?.fact;
    return fact?.known === true && fact.value.points.kind === 'Region' ? fact.value.points.region : undefined;
  });
  const [first] = regions;
  if (first === undefined || regions.some((region) => region === undefined)) {
    return { kind: 'Unknown', why: 'where the records point cannot be seen' };
  }
  if (regions.some((region) => region !== first)) {
    return { kind: 'Contradiction', why: 'the records point to different regions' };
  }
  return { kind: 'At', region: first, why: `the records point to ${first}` };
}
