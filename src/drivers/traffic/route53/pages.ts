import { createTurns, type Pace, type Turns } from '../../../aws/turns.ts';
import { ageMs, instant, type Clock, type Instant } from '../../../ports/clock.ts';
import { listPage, type Reader } from './listing.ts';
import { plainName, sameName } from './names.ts';
import type { RecordSet } from './record-set.ts';

/** Part of a zone as it was listed once, from some record's name on. */
interface Page {
  readonly sets: readonly RecordSet[];
  readonly at: Instant;
  /** The zone goes on behind it: of its last name it may hold only some sets. */
  readonly more: boolean;
}

export interface SetsAtName {
  readonly sets: readonly RecordSet[];
  /** When the page began to be listed. */
  readonly at: Instant;
}

/** Pages of zones, each read by the first record that needs it and then serving all that lie in it. */
export interface Pages {
  /** The sets at the record's own name, listed no earlier than `since`, wall ms, and no longer ago than a page is kept. */
  atName(reader: Reader, since: number): Promise<SetsAtName>;
}

/** As long as a heading at rest may be old beside the rest itself. */
const KEPT_MS = 300_000;
/** The most that Route 53 lists at once. */
const PAGE = 300;
/** Of the account's five a second: what moves comes first, however many zones the plans at rest are spread over. */
const PACE: Pace = { ratePerSecond: 0.2, burst: 5 };

interface Zone {
  pages: readonly Page[];
  /** Ends with the listing that is under way, however that ends: its failure is told to whoever asked for it. */
  underWay: Promise<void> | undefined;
}

export function createPages(clock: Clock): Pages {
  const zones = new Map<string, Zone>();
  const turns = createTurns(clock, PACE);
  return {
    async atName(reader, since) {
      const zone = zoneOf(zones, reader.ref.record.hostedZoneId);
      const held = (): SetsAtName | undefined => find(zone, reader.ref.record.recordName, since);
      for (;;) {
        forgetOld(zone, clock);
        const found = held();
        if (found !== undefined) return found;
        if (zone.underWay === undefined) break;
        // Plans that come to rest together would each list the same page.
        await zone.underWay;
        reader.signal.throwIfAborted();
      }
      const reading = readPage(reader, clock, turns);
      const ended = (page?: Page): void => {
        zone.underWay = undefined;
        if (page !== undefined) zone.pages = [...zone.pages, page];
      };
      zone.underWay = reading.then(ended, () => {
        ended();
      });
      const page = await reading;
      return { sets: setsAt(page, reader.ref.record.recordName), at: page.at };
    },
  };
}

function zoneOf(zones: Map<string, Zone>, id: string): Zone {
  const found = zones.get(id);
  if (found !== undefined) return found;
  const zone: Zone = { pages: [], underWay: undefined };
  zones.set(id, zone);
  return zone;
}

function forgetOld(zone: Zone, clock: Clock): void {
  const now = instant(clock);
  zone.pages = zone.pages.filter(({ at }) => ageMs(now, at) < KEPT_MS);
}

async function readPage(reader: Reader, clock: Clock, turns: Turns): Promise<Page> {
  await turns.next(false, reader.signal);
  const at = instant(clock);
  const from = plainName(reader.ref.record.recordName);
  return { ...(await listPage(reader, { StartRecordName: from, MaxItems: PAGE })), at };
}

/** A name that is not in a page is not told by it: the zone's order is Route 53's own affair. It is listed for itself. */
function find(zone: Zone, name: string, since: number): SetsAtName | undefined {
  for (const page of zone.pages.toReversed()) {
    if (page.at.wall < since) continue;
    const sets = setsAt(page, name);
    const last = page.sets.at(-1);
    const isCut = page.more && last !== undefined && sameName(last.Name, name);
    if (sets.length > 0 && !isCut) return { sets, at: page.at };
  }
  return undefined;
}

function setsAt({ sets }: Page, name: string): readonly RecordSet[] {
  return sets.filter(({ Name }) => sameName(Name, name));
}
