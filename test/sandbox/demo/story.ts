import type { Attempt } from '../../../src/sandbox/shop/attempts.ts';
import type { Evidence, ForcedEvidence, PlannedEvidence, ReturnEvidence } from '../../../src/sandbox/demo/evidence.ts';
import type { RunView, StepView } from '../../../src/sandbox/demo/run-view.ts';
import type { ServerLog } from '../../../src/sandbox/demo/witnesses/postgresql-log.ts';
import type { DnsChange } from '../../../src/sandbox/demo/witnesses/audits.ts';

/** Ms of the story, from its beginning. */
export const AT = {
  held: 10_000,
  killed: 15_500,
  promoted: 32_000,
  moved: 34_000,
  recovered: 37_000,
  returned: 40_000,
  writable: 41_000,
  fenced: 42_000,
  rebuilt: 45_000,
  asked: 50_000,
  fencedAgain: 51_000,
  promotedBack: 53_000,
  movedBack: 54_000,
  end: 60_000,
} as const;

const EAST = 'us-east-1';
const WEST = 'us-west-2';

export function order(id: string, t: number, region: string | null, client = 'clients-1'): Attempt {
  return {
    client,
    order: id,
    sent: t - 10,
    t,
    region,
    acknowledged: region !== null,
    error: region === null ? 'refused' : null,
  };
}

const ids = (attempts: readonly Attempt[]) =>
  attempts.map(({ order: id, region, t }) => ({ id, region: region ?? '', placedAt: t }));

export const safe = [order('a', 9_000, EAST), order('b', 9_900, EAST)];
export const lost = [order('l1', 10_300, EAST), order('l2', 15_400, EAST)];
export const failed = [order('f', 20_000, null)];
export const served = [order('w1', 34_500, WEST), order('w2', 50_500, WEST)];
export const back = [order('e1', 56_000, EAST)];
/** Taken by the returned east before its fence: what the way back preserves. */
export const taken = [order('p1', 41_200, EAST, 'pinned-1'), order('p2', 41_900, EAST, 'pinned-1')];
/** And by the east when it was promoted again. */
export const pinned = [...taken, order('p9', 55_900, EAST, 'pinned-1')];

function step(id: string, at: number): StepView {
  return { id, phase: 'Recovery', state: 'Done', since: at, outcome: { state: 'Succeeded', at, what: '' } };
}

function run(name: string, mode: string, more: Partial<RunView>): RunView {
  return { name, phase: 'Succeeded', mode, message: '', steps: [], milestones: {}, recovery: [], ...more };
}

const log: ServerLog = {
  ready: [0],
  standby: [],
  promotions: [],
  timelines: [],
  admitted: [],
  refused: [],
  terminated: [],
};

function batch(at: number, from: string, to: string, epoch: number): DnsChange {
  const txt = [...(epoch > 1 ? ['DELETE _maestro-dr.shop TXT old'] : []), 'CREATE _maestro-dr.shop TXT new'];
  return {
    at,
    by: 'AKIASANDBOX00000000',
    accepted: true,
    code: '',
    changes: [`DELETE shop CNAME ${from}`, `CREATE shop CNAME ${to}`, ...txt],
    sets: [],
    epoch,
    to,
  };
}

export const forced: ForcedEvidence = {
  heldAt: AT.held,
  killedAt: AT.killed,
  recoveredAt: AT.recovered,
  words: ['ApprovalRequired', 'FenceNotProven', 'DataLossUnaccepted'].map((reason) => ({
    at: 30_000,
    step: 'x',
    reason,
    command:
      reason === 'DataLossUnaccepted'
        ? `kubectl patch drrun checkout-1 -n shop --type=merge -p '{"spec":{"acceptDataLoss":{"max":"7s"}}}'`
        : '',
    promotionsBefore: 0,
  })),
  rows: ids([...safe, ...served.slice(0, 1)]),
  before: { systemIdentifier: 's', timeline: 1, inRecovery: true, history: [] },
  after: { systemIdentifier: 's', timeline: 2, inRecovery: false, history: ['1'] },
  operatorKilled: { at: 31_000, token: '1', ended: 'SIGKILL' },
  reported: run('checkout-1', 'Forced', {
    milestones: { trafficObserved: AT.moved + 400, sustained: AT.recovered },
    recovery: [{ database: 'orders', grade: 'Bounded', basis: 'Attested', lossMs: 6_000 }],
  }),
};

export const returned: ReturnEvidence = {
  returnedAt: AT.returned,
  preserved: ids([...safe, ...lost, ...taken]).map(({ id }) => id),
  rows: ids([...safe, ...served.slice(0, 1)]),
  east: { systemIdentifier: 's', timeline: 2, inRecovery: true, history: ['1'] },
  reported: run('checkout-1', 'Forced', {
    steps: [step('rebuild/orders', AT.rebuilt)],
    recovery: [{ database: 'orders', grade: 'Measured', basis: 'Compared', lossMs: 5_200, postReturnCommits: 2 }],
  }),
};

export const planned: PlannedEvidence = {
  askedAt: AT.asked,
  words: [],
  slowed: { from: 49_900, until: 52_500 },
  east: { systemIdentifier: 's', timeline: 3, inRecovery: false, history: ['1', '2'] },
  west: { systemIdentifier: 's', timeline: 3, inRecovery: true, history: ['1', '2'] },
  reported: run('checkout-2', 'Planned', { steps: [step('fence/orders', AT.fencedAgain)] }),
};

/** The story as it should be: every invariant holds. */
export const story = {
  ttlMs: 3_000,
  clients: [...safe, ...lost, ...failed, ...served, ...back],
  pinned,
  dns: [
    { at: 0, server: 'ns-1', says: 'lb-east' },
    { at: AT.moved, server: 'ns-1', says: 'lb-west' },
    { at: AT.movedBack, server: 'ns-1', says: 'lb-east' },
  ],
  dnsChanges: [batch(AT.moved, 'lb-east', 'lb-west', 1), batch(AT.movedBack, 'lb-west', 'lb-east', 2)],
  names: { east: 'lb-east', west: 'lb-west' },
  logs: {
    east: {
      ...log,
      ready: [0, AT.writable, AT.rebuilt],
      standby: [AT.rebuilt - 100],
      promotions: [AT.promotedBack],
      refused: [AT.fenced],
      terminated: [AT.fenced - 50],
    },
    west: { ...log, promotions: [AT.promoted], refused: [AT.fencedAgain] },
  },
  intents: [
    { at: 31_000, run: 'checkout-1', step: 'promote/orders', token: '1' },
    { at: 33_500, run: 'checkout-1', step: 'shift/public', token: '2' },
    { at: 40_500, run: 'checkout-1', step: 'stand-down/shop', token: '3' },
    { at: 52_900, run: 'checkout-2', step: 'promote/orders', token: '4' },
    { at: 53_900, run: 'checkout-2', step: 'shift/public', token: '5' },
  ],
  regional: [
    {
      at: 40_600,
      where: EAST,
      who: 'system:serviceaccount:shop:maestro-dr',
      what: 'patch deployments/scale shop/shop',
      byOperator: true,
      housekeeping: false,
    },
  ],
  askedBackAt: AT.asked,
  forced,
  back: returned,
  planned,
  end: {
    replay: { at: 56_500, accepted: false, said: 'HTTP 400' },
    quiet: { from: 57_000, until: 62_000, mutations: [] },
    rows: ids([...safe, ...served, ...back, ...pinned.slice(2)]),
  },
} satisfies Evidence;
