/**
 * What a plan leaves behind in a server, as roles, for roles are transactional, replicate, and need no table:
 * - `maestro_fence:<hash>:<epoch>`: the fence stands; its members are the roles that opening enables again.
 * - `maestro_epoch:<hash>:<epoch>`: no members; the highest epoch that touched this server. Stays when the fence goes.
 * The fence role's comment, once there, says that nobody got past the fence (see `sealStatement`), the epoch role's which announcement
 * this server wrote last (see `signStatement`).
 */
export const SEAL_PREFIX = 'sealed ';
export const SIGNATURE_PREFIX = 'announced ';

/** SQLSTATEs that the catalogue's own blocks raise. */
export const STALE_EPOCH = 'MD001';
export const IN_RECOVERY = 'MD002';

export function fenceRolePrefix(hash: string): string {
  return `maestro_fence:${hash}:`;
}

export function epochRolePrefix(hash: string): string {
  return `maestro_epoch:${hash}:`;
}
