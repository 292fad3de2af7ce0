/** One line of the clients' log. Times: ms since the Unix epoch, on the clients' clock. */
export interface Attempt {
  readonly client: string;
  /** The order's id, made by the client. */
  readonly order: string;
  readonly sent: number;
  /** When it was answered or given up. */
  readonly t: number;
  /** Which region answered, null where none did. */
  readonly region: string | null;
  /** The shop said 201 for this id. */
  readonly acknowledged: boolean;
  readonly error: string | null;
}

export interface Acknowledged extends Attempt {
  readonly region: string;
}

/** @throws Error that names the line that is none; a last line without its end (a client killed while it wrote) is left out. */
export function parseAttempts(log: string): readonly Attempt[] {
  const lines = log.slice(0, log.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const value: unknown = JSON.parse(line);
    if (!isAttempt(value)) throw new Error(`line ${String(index + 1)} of the clients' log is no attempt`);
    return [value];
  });
}

/** Each field's types, as `typeof` says them; null where there may be nothing. */
const FIELDS = {
  client: ['string'],
  order: ['string'],
  sent: ['number'],
  t: ['number'],
  region: ['string', 'null'],
  acknowledged: ['boolean'],
  error: ['string', 'null'],
} as const satisfies Record<keyof Attempt, readonly string[]>;

function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== 'object' || value === null) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  return Object.entries(FIELDS).every(([field, types]) => {
    const is = found.get(field) === null ? 'null' : typeof found.get(field);
    return types.some((type) => type === is);
  });
}

/** In the order in which they were acknowledged. */
export function acknowledged(attempts: readonly Attempt[]): readonly Acknowledged[] {
  return attempts
    .filter((attempt): attempt is Acknowledged => attempt.acknowledged && attempt.region !== null)
    .toSorted((a, b) => a.t - b.t);
}

/** Acknowledged, and not among the rows: what the clients were promised and nobody keeps. In the order of acknowledgement. */
export function lostOrders(
  attempts: readonly Attempt[],
  rows: Iterable<{ readonly id: string }>,
): readonly Acknowledged[] {
  const kept = new Set([...rows].map(({ id }) => id));
  return acknowledged(attempts).filter(({ order }) => !kept.has(order));
}

export interface Outage {
  readonly client: string;
  /** The last acknowledgement before, the first one after; where there is none, the first or last attempt. */
  readonly from: number;
  readonly until: number;
  readonly ms: number;
  /** It had not ended when the log ends. */
  readonly open: boolean;
}

/**
 * The longest time for which one client tried in vain: between two acknowledgements with at least one failed attempt
 * between them. A pause in which nothing was tried is no outage. Undefined when every attempt was acknowledged.
 */
export function longestOutage(attempts: readonly Attempt[]): Outage | undefined {
  const clients = Map.groupBy(attempts, ({ client }) => client);
  return [...clients]
    .flatMap(([client, own]) => outages(client, own))
    .reduce<Outage | undefined>(
      (longest, outage) => (longest === undefined || outage.ms > longest.ms ? outage : longest),
      undefined,
    );
}

function outages(client: string, attempts: readonly Attempt[]): readonly Outage[] {
  const found: Outage[] = [];
  let since: number | undefined;
  let lastGood: number | undefined;
  const inOrder = attempts.toSorted((a, b) => a.t - b.t);
  for (const attempt of inOrder) {
    if (!attempt.acknowledged) {
      since ??= lastGood ?? attempt.sent;
    } else {
      if (since !== undefined) {
        found.push({ client, from: since, until: attempt.t, ms: attempt.t - since, open: false });
      }
      since = undefined;
      lastGood = attempt.t;
    }
  }
  const end = inOrder.at(-1)?.t;
  if (since !== undefined && end !== undefined) {
    found.push({ client, from: since, until: end, ms: end - since, open: true });
  }
  return found;
}

/** A time during which one region alone took orders: from the sending of the first to the answer to the last. */
export interface Acceptance {
  readonly region: string;
  readonly from: number;
  readonly until: number;
  readonly orders: number;
}

/** One entry for each time that acceptance went over to another region, so one switch makes two. */
export function acceptance(attempts: readonly Attempt[]): readonly Acceptance[] {
  const runs: Acceptance[] = [];
  for (const { region, sent, t } of acknowledged(attempts)) {
    const last = runs.at(-1);
    if (last?.region === region) {
      runs[runs.length - 1] = { region, from: Math.min(last.from, sent), until: t, orders: last.orders + 1 };
    } else {
      runs.push({ region, from: sent, until: t, orders: 1 });
    }
  }
  return runs;
}

/**
 * Pairs of entries of different regions that overlap: two regions that may have taken orders at one time. Two regions
 * that do so for long alternate, so the number of entries above the expected one says the same, and counts it.
 */
export function overlaps(runs: readonly Acceptance[]): readonly (readonly [Acceptance, Acceptance])[] {
  return runs.flatMap((one, index) =>
    runs
      .slice(index + 1)
      .filter((other) => other.region !== one.region && other.from < one.until && one.from < other.until)
      .map((other) => [one, other] as const),
  );
}
