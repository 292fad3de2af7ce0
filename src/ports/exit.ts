/** Ends the process: the lease was lost while an effect could still be sent, or the operator cannot go on. */
export interface Exit {
  exit(code: number, why: string): void;
}
