import { fieldInvalid, fieldRequired, type FieldError } from '../api-error.ts';
import { numberAt, objectAt, objectsAt, stringAt, type JsonObject } from '../json.ts';

/** What the Job controller says before it says that the Job has ended. */
const FIRST = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;
type Ending = keyof typeof FIRST;
const ENDINGS: readonly Ending[] = ['Complete', 'Failed'];

/**
 * Of `validateJobStatus` (1.35 pkg/apis/batch/validation) what a hand that ends a Job gets wrong; the words are those of a
 * real server, which were asked for.
 */
export function checkJobStatus(next: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const status = objectAt(next, 'status');
  const ends = ENDINGS.filter((type) => holds(status, type));
  const errors: FieldError[] = [];
  if (ends.includes('Complete') && stringAt(status, 'completionTime') === undefined) {
    errors.push(fieldRequired('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  for (const type of ends) {
    if (holds(status, FIRST[type])) continue;
    errors.push(conditions(`cannot set ${type}=True condition without the ${FIRST[type]}=true condition`));
  }
  const active = numberAt(status, 'active') ?? 0;
  if (ends.length > 0 && active > 0) {
    errors.push(fieldInvalid('status.active', active, 'active>0 is invalid for finished job'));
  }
  if (ends.length > 0 && stringAt(status, 'startTime') === undefined) {
    errors.push(fieldRequired('status.startTime', 'startTime is required for finished job'));
  }
  const before = objectAt(old ?? {}, 'status');
  for (const type of ENDINGS) {
    if (!holds(before, type) || holds(status, type)) continue;
    errors.push(conditions(`cannot disable the terminal ${type}=True condition`));
  }
  return errors;
}

function holds(status: JsonObject, type: string): boolean {
  return objectsAt(status, 'conditions').some((one) => one['type'] === type && one['status'] === 'True');
}

function conditions(message: string): FieldError {
  return { reason: 'FieldValueInvalid', field: 'status.conditions', message: `Invalid value: ${message}` };
}
