import type { CliCommand } from '../command.ts';
import { failover } from './failover.ts';
import { preview } from './preview.ts';
import { runbook } from './runbook.ts';
import { status } from './status.ts';
import { abort, acceptDataLoss, approve, attest, pause, resume, retry, skip } from './words.ts';

/** Every command, in the order of the help. */
export const commands: readonly CliCommand[] = Object.freeze([
  preview,
  status,
  runbook,
  failover,
  approve,
  attest,
  acceptDataLoss,
  pause,
  resume,
  abort,
  retry,
  skip,
]);
