import { buildControlPlane } from './control-plane/build.ts';
import { cacheFolder } from './control-plane/programs.ts';

/** Builds a Kubernetes control plane from source, unless it is in the cache, and prints where it lies. */
async function main(): Promise<void> {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      interrupted.abort(new Error(`${name}: the build is given up; what is finished is kept`));
    });
  }
  const folder = cacheFolder(process.env);
  try {
    await buildControlPlane({
      folder,
      say: (line) => {
        console.error(line);
      },
      signal: interrupted.signal,
    });
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  }
  console.log(folder);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
