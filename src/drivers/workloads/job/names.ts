import type { ObjectRef } from '../../../kube/object.ts';
import type { JobRef } from '../driver.ts';

export function jobOf({ namespace, name }: JobRef): ObjectRef {
  return { group: 'batch', version: 'v1', resource: 'jobs', namespace, name };
}

/** Label and annotation: the UID of the Run that made the Job. */
export const RUN = 'dr.maestro.io/run';
/** Annotation: the effect's token, for people who look at the Job. */
export const TOKEN = 'dr.maestro.io/token';
/** Annotation: where the diverged data were kept, for images that cannot write a termination message. */
export const PRESERVED_AT = 'dr.maestro.io/preserved-at';
