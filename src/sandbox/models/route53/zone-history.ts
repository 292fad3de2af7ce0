import type { RecordSets } from './change-batch.ts';

/** One state of a zone and when each of its name servers starts to answer from it (ms, ModelTime). */
interface Version {
  readonly records: RecordSets;
  readonly visibleAt: ReadonlyMap<string, number>;
}

/**
 * A zone's states over time. Nothing is scheduled: what a server knows is computed from the time at which it is asked,
 * which costs an in-memory simulation no events.
 */
export interface ZoneHistory {
  current(): RecordSets;
  commit(records: RecordSets, now: number, delayMs: (server: string) => number): void;
  seenBy(server: string, now: number): RecordSets | undefined;
}

export function createZoneHistory(initial: RecordSets, servers: readonly string[]): ZoneHistory {
  const everywhere = new Map(servers.map((server) => [server, 0]));
  let versions: readonly Version[] = [{ records: initial, visibleAt: everywhere }];
  const last = (): Version | undefined => versions.at(-1);
  const isSeen = (version: Version, server: string, now: number): boolean =>
    (version.visibleAt.get(server) ?? Number.POSITIVE_INFINITY) <= now;
  return {
    current: () => last()?.records ?? initial,
    commit(records, now, delayMs) {
      // A server learns changes in their order, however its delay was altered in between.
      const visibleAt = new Map(
        servers.map((server) => [server, Math.max(last()?.visibleAt.get(server) ?? 0, now + delayMs(server))]),
      );
      const oldest = versions.findLastIndex((version) => servers.every((server) => isSeen(version, server, now)));
      versions = [...versions.slice(Math.max(0, oldest)), { records, visibleAt }];
    },
    seenBy: (server, now) => versions.findLast((version) => isSeen(version, server, now))?.records,
  };
}
