/**
 * The time a model lives in: the kernel's virtual clock in the simulation, the host's clock behind the wire. Models
 * hold no other source of time and no randomness of their own, so a history replays identically.
 */
export interface ModelTime {
  /** Wall time, ms since the Unix epoch. */
  now(): number;
  /** Runs `task` after `ms`; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}
