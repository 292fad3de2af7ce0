import { readText } from '../kube/json-lines.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { ClusterAccess } from '../ports/kubeconfigs.ts';

/** How long one answer of `load` counts. A watch looks each second, and the program behind it may take as long, or ask. */
const apartMs = 10_000;
const maxRefusalBytes = 64 * 1024;

/** What a client is made with: its requests go through `http`, which renews what `access` gives. */
export interface RenewedAccess {
  readonly access: () => ClusterAccess;
  readonly http: Http;
}

/**
 * Loads the access anew before a 401 is handed on: the transport then asks for it again, and repeats its request where there is
 * another token. A client certificate serves from the next request on. Its `http` throws what `load` throws, too.
 */
export function renewedAccess(
  { clock, http }: { readonly clock: Clock; readonly http: Http },
  first: ClusterAccess,
  load: () => Promise<ClusterAccess>,
): RenewedAccess {
  let current = first;
  let renewal = Promise.resolve();
  let countsUntil = -Infinity;

  const renew = (): Promise<void> => {
    if (clock.monotonic() < countsUntil) return renewal;
    // One program at a time, however long it takes: a person may be signing in.
    countsUntil = Infinity;
    renewal = load()
      .then((access) => {
        current = access;
      })
      .finally(() => {
        countsUntil = clock.monotonic() + apartMs;
      });
    return renewal;
  };

  return {
    access: () => current,
    http: {
      send: async (request, signal) => {
        const response = await http.send(request, signal);
        if (response.status !== 401) return response;
        try {
          await renew();
          return response;
        } catch (error) {
          // A body that nobody reads keeps its connection; how its reading ends adds nothing to why there is no access.
          await readText(response.body, maxRefusalBytes).catch(() => undefined);
          throw error;
        }
      },
    },
  };
}
