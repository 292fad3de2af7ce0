/** Randomness by label, so that a new draw elsewhere shifts nobody's sequence. */
export interface Random {
  /** A number in [0, 1) from the stream named `label`. */
  next(label: string): number;
}
