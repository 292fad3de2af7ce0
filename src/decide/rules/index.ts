import { abandonAsked } from './abandon-asked.ts';
import { approval, cooldown, epochUnproven, halted, haltedBeforeFence, operatorColocated } from './approval.ts';
import { clusterChanged } from './cluster-changed.ts';
import { epochsSeen } from './epochs-seen.ts';
import { fencesHold } from './fences-hold.ts';
import type { Gate } from './gate.ts';
import { dataLoss, databasesOpen, evidenceFresh, paused, planReadLive, staleEpoch } from './safety.ts';

/**
 * Every gate, in the order in which they are asked; the first that holds is the one a person reads. What a step waits
 * to *see* (fence proof, position, readiness, checks, ownership) is its own rule's, in kinds/.
 */
export const gates: readonly Gate[] = [
  paused,
  abandonAsked,
  staleEpoch,
  clusterChanged,
  epochsSeen,
  halted,
  haltedBeforeFence,
  cooldown,
  operatorColocated,
  approval,
  planReadLive,
  epochUnproven,
  fencesHold,
  dataLoss,
  evidenceFresh,
  databasesOpen,
];
