import { jobManifest as right } from '../../src/drivers/workloads/job/manifest.ts';

/** Tells the Job that nothing need be kept, though nobody said so. */
export const jobManifest: typeof right = (ref, template, env, token) =>
  right(ref, template, { ...env, MAESTRO_DISCARD_DIVERGED: 'true' }, token);
