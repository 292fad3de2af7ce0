/** A plan of the cluster as one that is known by an identity. */
export interface Claimant {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Wall ms, by its API server's clock, to the second. */
  readonly createdAt: number;
  /** It was seen where it is active, or a Run of it is under way. */
  readonly established: boolean;
}

/**
 * Which of the plans with one identity keeps it. Records, fences and epochs carry the identity alone, so two that acted
 * would each take the other's for their own. The one that already works keeps it, so that no copy, whatever time its API
 * server stamps on it, stops a plan that was there; between equals the older, and of one second the lower UID, so that
 * every operator that sees the two says the same. Whoever does not keep it is not established for long (decide-plan.ts),
 * and the answer stands. Undefined: nobody claims it.
 */
export function identityKeeper(claimants: readonly Claimant[]): Claimant | undefined {
  return claimants.toSorted(byClaim)[0];
}

function byClaim(a: Claimant, b: Claimant): number {
  const established = Number(b.established) - Number(a.established);
  return established || a.createdAt - b.createdAt || (a.uid < b.uid ? -1 : Number(a.uid > b.uid));
}

/** What a plan says that does not keep its identity. */
export function identityInUse(identity: string, keeper: string): string {
  return `spec.identity: ${identity} is in use by the plan ${keeper}, and DNS records and databases could not tell the two apart; nothing of this plan is carried out. To move something else, make it anew with an identity of its own; to let it take the other's place, delete ${keeper}, which touches nothing outside: this one then looks anew where the platform is, and moves nothing until activeRegion is changed again.`;
}
