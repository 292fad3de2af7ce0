import type { Stage } from './stage.ts';

export interface Told {
  /** When the receiver took it, wall ms. */
  readonly at: number;
  readonly kind: unknown;
  readonly plan: string;
}

/** What the lead's receiver took since then, by its own record. */
export const heardSince = ({ world }: Stage, since: number): readonly Told[] =>
  world.receivers.lead.taken
    .filter(({ at }) => at >= since)
    .map(({ at, message }) => ({ at, kind: message.kind, plan: (message.plan as { readonly name: string }).name }));
