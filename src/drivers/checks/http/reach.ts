import { guardedKind, sameAddress } from './address.ts';

/** What may be reached with a URL that whoever may write a plan (or a Secret that it names) has chosen. */
export interface ReachPolicy {
  /** Addresses that the operator's configuration lets it reach although they are guarded. */
  readonly allow: (address: string) => boolean;
  /** Of the API servers that the operator talks to: guarded as well. */
  readonly apiServerAddresses?: () => readonly string[];
}

export type Reach =
  | { readonly kind: 'Free'; readonly address: string }
  /** `why`: which address, and what it is. */
  | { readonly kind: 'Guarded'; readonly why: string }
  | { readonly kind: 'Nowhere' };

/** Of a host's addresses the one to connect to: what was judged is what is asked, so it is to be pinned. */
export function reachOf(addresses: readonly string[], { allow, apiServerAddresses }: ReachPolicy): Reach {
  const apiServers = apiServerAddresses?.() ?? [];
  const objection = (address: string): string | undefined => {
    if (allow(address)) return undefined;
    if (apiServers.some((server) => sameAddress(server, address))) return `${address} is an API server's address`;
    const kind = guardedKind(address);
    return kind === undefined ? undefined : `${address} is a ${kind} address`;
  };
  // Not every host has a route for IPv6, and there is one attempt.
  const ordered = [...addresses].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  const free = ordered.find((address) => objection(address) === undefined);
  if (free !== undefined) return { kind: 'Free', address: free };
  const [first] = ordered;
  return first === undefined ? { kind: 'Nowhere' } : { kind: 'Guarded', why: objection(first) ?? first };
}
