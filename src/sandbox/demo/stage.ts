import type { Program } from '../world/program.ts';
import type { World } from '../world/world.ts';
import type { Clients } from './clients.ts';
import type { View } from './view.ts';
import type { DnsWitness } from './witnesses/dns.ts';

/** The stage: a running world with its clients, its person and its witnesses. */
export interface Stage {
  readonly world: World;
  readonly bundle: string;
  readonly view: View;
  /** Reports are written there. */
  readonly reports: string;
  operator: Program;
  /** When the planned move was asked for. */
  askedBackAt?: number;
  readonly clients: Clients;
  readonly pinned: Clients;
  readonly dns: DnsWitness;
}
