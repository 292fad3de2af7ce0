import type { RunStatus } from '../../src/api/run.ts';
import { pinRun as right } from '../../src/decide/pin.ts';

/** Acts, whatever the plan says of enforcement. */
export function pinRun(...given: Parameters<typeof right>): RunStatus {
  const status = right(...given);
  return status.snapshot === undefined ? status : { ...status, snapshot: { ...status.snapshot, enforcement: 'Act' } };
}
