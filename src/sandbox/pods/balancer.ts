import { createLink } from '../link.ts';
import type { Address, Link } from '../link.ts';

/** A region's load balancer: one address, and the ready pods behind it in turn. Without one it resets connections. */
export interface Balancer extends Address {
  set(member: string, address: Address | undefined): void;
  members(): readonly string[];
  close(): Promise<void>;
}

export async function createBalancer(port: number): Promise<Balancer> {
  const members = new Map<string, Address>();
  let turn = 0;
  const next = (): Address | undefined => {
    const all = [...members.values()];
    turn += 1;
    return all[turn % Math.max(1, all.length)];
  };
  const link: Link = await createLink({ target: next, listen: { port } });
  return {
    host: link.host,
    port: link.port,
    set: (member, address) => {
      if (address === undefined) members.delete(member);
      else members.set(member, address);
    },
    members: () => [...members.keys()],
    close: () => link.close(),
  };
}
