import type { Wire } from '../crds/objects.ts';

export type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';
export type Health = 'Healthy' | 'Progressing' | 'Suspended' | 'Degraded';

/** An object as the API server held it at a moment of a story, and what GitOps tools have to make of it. */
export interface Recorded {
  readonly name: string;
  readonly object: Wire;
  readonly kstatus: Kstatus;
  readonly health: Health;
  /** In Argo CD's message. */
  readonly says: RegExp;
  /** Argo CD's actions that are open. */
  readonly actions: readonly string[];
}

type Expected = Omit<Recorded, 'name' | 'object'>;

export const expect = (kstatus: Kstatus, health: Health, says: RegExp, ...actions: readonly string[]): Expected => ({
  kstatus,
  health,
  says,
  actions,
});

export type Take = (name: string, object: Wire | undefined, expected: Expected) => void;
