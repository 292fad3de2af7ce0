import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../../src/sandbox/certificates.ts';
import { guardFolder } from '../../../src/sandbox/postgresql/guard.ts';
import { builtControlPlane } from './programs.ts';
import { startRealCluster, type RealCluster } from './real-cluster.ts';

export interface LoneCluster {
  readonly folder: string;
  readonly cluster: RealCluster;
  /** Ends its processes and removes its folder. */
  end(): Promise<void>;
}

/** One real API server for the tests of a file, in a folder of its own that does not outlive this process. */
export async function startLoneCluster(kind: 'management' | 'region'): Promise<LoneCluster> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'maestro-e2e-'));
  const guard = guardFolder(folder, { remove: true });
  try {
    const authority = await createAuthority('maestro e2e');
    const region = kind === 'region';
    const cluster = await startRealCluster(builtControlPlane(), { folder, name: kind, authority, region });
    return {
      folder,
      cluster,
      end: async () => {
        cluster.api.close();
        await cluster.program().stop();
        await guard.end();
      },
    };
  } catch (error) {
    await guard.end();
    throw error;
  }
}
