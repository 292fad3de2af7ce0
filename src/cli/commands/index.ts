import type { CliCommand } from '../command.ts';
import { abandon } from './abandon.ts';
import { discardDiverged } from './discard-diverged.ts';
import { failover } from './failover.ts';
import { mode } from './mode.ts';
import { preview } from './preview.ts';
import { runbook } from './runbook.ts';
import { status } from './status.ts';
import { takeover } from './takeover.ts';
import { abort, acceptDataLoss, approve, attest, pause, resume, retry, skip } from './words.ts';

/** Every command, in the order of the help. */
export const commands: readonly CliCommand[] = Object.freeze([
  preview,
  status,
  runbook,
  failover,
  mode,
  approve,
  attest,
  acceptDataLoss,
  pause,
  resume,
  abort,
  retry,
  skip,
  takeover,
  discardDiverged,
  abandon,
]);
