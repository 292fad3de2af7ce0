import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';

/** How long a token read from a file serves before it is read again; the kubelet rotates it well before it expires. */
const tokenFileMs = 60_000;

export interface Credentials {
  /** The bearer token for `access`, if it has one. `fresh` reads a token file again even if it was read just now. */
  token(access: ClusterAccess, fresh: boolean): Promise<string | undefined>;
}

export function createCredentials(clock: Clock, files: Files): Credentials {
  let last: { readonly path: string; readonly token: string; readonly at: number } | undefined;
  return {
    token: async (access, fresh) => {
      if (access.tokenFile === undefined) return access.token;
      const now = clock.monotonic();
      if (!fresh && last?.path === access.tokenFile && now - last.at < tokenFileMs) return last.token;
      const token = (await files.read(access.tokenFile)).trim();
      last = { path: access.tokenFile, token, at: now };
      return token;
    },
  };
}
