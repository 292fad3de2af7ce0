import { ownershipText as right, type Claim } from '../../src/drivers/traffic/route53/ownership.ts';

/** Every claim carries the first epoch. */
export function ownershipText(claim: Claim): string | undefined {
  return right({ ...claim, epoch: 1 });
}
