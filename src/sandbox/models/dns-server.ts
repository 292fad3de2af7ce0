import { answer } from './dns.ts';
import type { DnsQuestion, DnsReply } from './dns.ts';
import type { Route53Model } from './route53/model.ts';

/** `silent`: packets are swallowed. `servfail`: it answers, and knows nothing. */
export type DnsServerState = 'up' | 'silent' | 'servfail';

/** One authoritative name server of Route 53's, answering from what it knows now. */
export interface DnsServerModel {
  readonly name: string;
  /** undefined: no answer ever comes. */
  answer(question: DnsQuestion): DnsReply | undefined;
  setState(state: DnsServerState): void;
}

/** Weighted answers rotate exactly by their weights instead of being drawn: the model holds no randomness. */
export function createDnsServer(model: Route53Model, name: string): DnsServerModel {
  const turns = new Map<string, number>();
  let state: DnsServerState = 'up';
  const draw = (key: string, total: number): number => {
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    return turn % total;
  };
  return {
    name,
    answer(question) {
      switch (state) {
        case 'silent':
          return undefined;
        case 'servfail':
          return { rcode: 'SERVFAIL', authoritative: false, answers: [], authority: [] };
        case 'up':
          return answer({ held: model.zoneViews(name), aliasZone: (id) => model.currentZone(id), draw }, question);
      }
    },
    setState(next) {
      state = next;
    },
  };
}
